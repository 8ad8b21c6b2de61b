package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// standin stands where the real program stands: small, but it speaks to both
// platforms over HTTP and checks their signatures. What it must remember over a
// restart it keeps in its folder.
type standin struct {
	claiming sync.Mutex
	t        *testing.T
	w        World
}

type obj = map[string]any

func startStandin(t *testing.T) func(context.Context, World) (Program, error) {
	return func(_ context.Context, w World) (Program, error) {
		s := &standin{t: t, w: w}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return Program{}, err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /line/"+w.City+"/webhook", s.webhook)
		mux.HandleFunc("POST /slack/"+w.City+"/interactions", s.interaction)
		mux.HandleFunc("POST /slack/"+w.City+"/events", func(http.ResponseWriter, *http.Request) {})
		server := &http.Server{Handler: mux}
		go server.Serve(l)
		return Program{URL: "http://" + l.Addr().String() + "/", Stop: func() { server.Close() }}, nil
	}
}

func (s *standin) call(url, token string, body any) obj {
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Error(err)
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		s.t.Error(err)
		return nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil // Slack is away
	}
	defer res.Body.Close()
	var got obj
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || res.StatusCode == http.StatusBadRequest || got["ok"] == false {
		s.t.Errorf("%s: %v %v", url, got, err)
	}
	return got
}

func (s *standin) reply(token string, messages ...obj) {
	s.call(s.w.LINE.APIURL+"/v2/bot/message/reply", s.w.LINE.Token, obj{"replyToken": token, "messages": messages})
}

func (s *standin) slack(method string, args obj) obj {
	return s.call(s.w.Slack.APIURL+method, s.w.Slack.BotToken, args)
}

func say(text string, taps ...string) obj {
	m := obj{"type": "text", "text": text}
	var items []obj
	for _, tap := range taps {
		label, data, _ := strings.Cut(tap, "=")
		items = append(items, obj{"type": "action", "action": obj{"type": "postback", "label": label, "data": data, "displayText": label}})
	}
	if items != nil {
		m["quickReply"] = obj{"items": items}
	}
	return m
}

// offices is a card as offices are shown, telephone and all.
func offices() obj {
	office := func(name, call string, lines ...string) obj {
		body := []any{obj{"type": "text", "text": name, "weight": "bold", "size": "md", "wrap": true}, obj{"type": "separator", "margin": "md"}}
		for _, l := range lines {
			body = append(body, obj{"type": "text", "text": l, "wrap": true, "size": "sm", "margin": "sm", "color": "#4A4A4A"})
		}
		b := obj{"type": "bubble", "size": "kilo", "body": obj{"type": "box", "layout": "vertical", "contents": body}}
		if call != "" {
			b["footer"] = obj{"type": "box", "layout": "vertical", "spacing": "sm", "contents": []any{
				obj{"type": "button", "style": "primary", "height": "sm", "action": obj{"type": "uri", "label": "電話をかける", "uri": "tel:" + call}},
				obj{"type": "button", "style": "link", "height": "sm", "action": obj{"type": "uri", "label": "地図", "uri": "https://maps.example.jp/"}},
				obj{"type": "button", "style": "secondary", "height": "sm", "action": obj{"type": "postback", "label": "ここに聞く", "data": "quit", "displayText": "ここに聞く"}}}}
		}
		return b
	}
	return obj{"type": "flex", "altText": "窓口の案内", "contents": obj{"type": "carousel", "contents": []any{
		office("地域包括支援センター", "0138-77-0000", "高齢の方の暮らし・介護・もの忘れの相談", "平日 午前8時30分から午後5時15分まで"),
		office("福祉課 相談支援係", "", "どの分野か分からないときの窓口", "電話番号：登録なし", "市役所の代表からつないでもらえます")}}}
}

func (s *standin) webhook(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if linetest.Sign(s.w.LINE.Secret, body) != r.Header.Get("X-Line-Signature") {
		s.t.Error("a webhook with a wrong signature")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var hook struct {
		Events []struct {
			Type, ReplyToken, WebhookEventID string
			Source                           struct{ UserID string }
			Message                          struct{ Type, Text string }
			Postback                         struct{ Data string }
		}
	}
	if err := json.Unmarshal(body, &hook); err != nil {
		s.t.Error(err)
	}
	for _, e := range hook.Events {
		if !s.first(e.WebhookEventID) {
			continue
		}
		if e.Source.UserID != "" {
			s.keep("resident", e.Source.UserID)
		}
		s.answer(e.Type, e.ReplyToken, e.Message.Type, e.Message.Text, e.Postback.Data)
	}
}

func (s *standin) answer(kind, token, message, text, data string) {
	switch {
	case kind == "follow":
		s.reply(token, say("こんにちは。相談の入口です。どんなことでお困りですか。\n\n1 介護・高齢\n2 お金・くらし\n3 子ども・子育て", "介護・高齢=office", "お金・くらし=office", "子ども・子育て=office", "分からない（答えたくない）=office", "やめる=quit"))
	case kind == "message" && text == "いま":
		s.reply(token, say(time.Now().Add(s.w.Offset).In(tokyo).Format("2006-01-02 15:04")))
	case kind == "message" && message == "text":
		s.reply(token, say("お話しくださって、ありがとうございます。\n次のことで合っていますか。\n\n1 介護・高齢\n2 お金・くらし", "介護・高齢=office", "お金・くらし=office", "もどる=quit", "やめる=quit"))
	case kind == "message":
		s.reply(token, say("写真やスタンプは読むことができません。文字で書くか、下から選んでください。", "介護・高齢=office", "やめる=quit"))
	case data == "office":
		s.reply(token, say("次の窓口で相談できます。"), offices(), say("職員に、ここから匿名で相談することもできます。", "職員に相談する=staff", "もどる=quit", "やめる=quit"))
	case data == "staff":
		s.reply(token, say("次の内容を職員に送ります。名前やLINEのIDは送りません。\n\n・困りごと：介護・高齢\n・地区：上磯\n・書かれたこと：「母の物忘れが心配です」\n\n見る人：福祉課、地域包括支援センター\n"+strings.Repeat("・残す期間：終わってから30日\n", 24)+"同意しますか。", "同意する（自分のこと）=agree", "同意する（ほかの人のこと）=agree", "同意しない=quit"))
	case data == "agree":
		s.reply(token, say("受付番号は みかん-4821 です。職員に届けました。\n平日の午前8時30分から午後5時15分の間に読みます。", "状況=quit", "やめる=quit"))
		s.slack("chat.postMessage", obj{"channel": s.w.Slack.Channels["elderly"], "text": "みかん-4821", "blocks": card("", false), "parse": "none",
			"metadata": obj{"event_type": "tsunagu_card", "event_payload": obj{"outbox": "1"}}})
	case token != "":
		s.reply(token, say("わかりました。", "介護・高齢=office"))
	}
}

func card(owner string, closed bool) []any {
	text := func(t string) obj { return obj{"type": "plain_text", "text": t} }
	button := func(id, label, style string) obj {
		b := obj{"type": "button", "action_id": id, "value": "case1:1", "text": text(label)}
		if style != "" {
			b["style"] = style
		}
		return b
	}
	field := func(k, v string) obj { return obj{"type": "mrkdwn", "text": "*" + k + "*\n" + v, "verbatim": true} }
	title, buttons := "未対応", []any{button("claim", "引き受ける", "primary"), button("close", "終了", "")}
	if owner != "" {
		title, buttons = "対応中", []any{button("reply", "住民に送る", "primary"), button("release", "手放す", ""), button("close", "終了", "danger")}
	}
	if closed {
		return []any{obj{"type": "header", "text": text("みかん-4821　終了")}, obj{"type": "actions", "elements": []any{button("reopen", "再開する", "")}}}
	}
	blocks := []any{obj{"type": "header", "text": text("みかん-4821　" + title)}}
	if owner != "" {
		blocks = append(blocks, obj{"type": "section", "text": obj{"type": "mrkdwn", "text": "担当：<@" + owner + ">"}})
	}
	return append(blocks,
		obj{"type": "section", "fields": []any{field("受付", "11月22日 15:16　LINE bot（匿名）"), field("困りごと", "◎介護・高齢"), field("地区", "上磯"),
			field("窓口（提案）", "地域包括支援センター"), field("同意", "本人同意あり"), field("返事の約束", "11月24日 12:00 まで")}},
		obj{"type": "divider"},
		obj{"type": "rich_text", "elements": []any{obj{"type": "rich_text_quote", "elements": []any{obj{"type": "text", "text": "母の物忘れが心配です"}}}}},
		obj{"type": "actions", "elements": buttons},
		obj{"type": "context", "elements": []any{obj{"type": "mrkdwn", "text": "理由：困りごと → 介護・高齢 → もの忘れ"}}})
}

func (s *standin) interaction(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if slacktest.Sign(s.w.Slack.SigningSecret, r.Header.Get("X-Slack-Request-Timestamp"), body) != r.Header.Get("X-Slack-Signature") {
		s.t.Error("an interaction with a wrong signature")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var p struct {
		Type, Trigger_ID string
		User             struct{ ID string }
		Channel          struct{ ID string }
		Message          struct{ TS string }
		Actions          []struct{ Action_ID string }
		View             struct {
			Callback_ID, Private_Metadata string
			State                         struct {
				Values map[string]map[string]struct{ Value string }
			}
		}
	}
	if err := json.Unmarshal([]byte(r.FormValue("payload")), &p); err != nil {
		s.t.Error(err)
		return
	}
	text := func(t string) obj { return obj{"type": "plain_text", "text": t} }
	view := func(id, title, submit string, blocks ...any) obj {
		return obj{"type": "modal", "callback_id": id, "title": text(title), "submit": text(submit), "close": text("やめる"),
			"private_metadata": p.Channel.ID + " " + p.Message.TS + p.View.Private_Metadata, "blocks": blocks}
	}
	write := view("reply", "住民に送る", "つぎへ", obj{"type": "input", "block_id": "text", "label": text("住民に送る文"), "hint": text("住民にはあなたの名前は出ません。"),
		"element": obj{"type": "plain_text_input", "action_id": "text", "multiline": true, "max_length": 1000, "placeholder": text("例：お電話でくわしくうかがえます")}})
	place := strings.Fields(p.View.Private_Metadata)
	update := func(owner string, closed bool) {
		s.slack("chat.update", obj{"channel": p.Channel.ID, "ts": p.Message.TS, "text": "みかん-4821", "blocks": card(owner, closed), "parse": "none"})
	}
	whisper := func(t string) {
		s.slack("chat.postEphemeral", obj{"channel": p.Channel.ID, "user": p.User.ID, "text": t, "parse": "none"})
	}
	switch {
	case p.Type == "message_action":
		s.slack("views.open", obj{"trigger_id": p.Trigger_ID, "view": write})
	case p.Type == "view_submission" && p.View.Callback_ID == "reply":
		words := p.View.State.Values["text"]["text"].Value
		if strings.Contains(words, "！！") {
			json.NewEncoder(w).Encode(obj{"response_action": "errors", "errors": obj{"text": "「！！」は使えません。"}})
			return
		}
		s.keep("words", words)
		json.NewEncoder(w).Encode(obj{"response_action": "update", "view": view("reply_confirm", "この内容で送りますか", "送る",
			obj{"type": "section", "text": obj{"type": "mrkdwn", "text": "住民のLINEに、次のとおり届きます。"}},
			obj{"type": "rich_text", "elements": []any{obj{"type": "rich_text_quote", "elements": []any{obj{"type": "text", "text": words}}}}})})
	case p.Type == "view_submission" && p.View.Callback_ID == "reply_confirm":
		s.call(s.w.LINE.APIURL+"/v2/bot/message/push", s.w.LINE.Token, obj{"to": s.kept("resident"), "notificationDisabled": true, "messages": []any{say("福祉課からのお返事です。\n\n" + s.kept("words"))}})
		s.slack("chat.postMessage", obj{"channel": place[0], "thread_ts": place[1], "text": "LINEに渡しました（読まれたかは分かりません）", "parse": "none"})
	case p.User.ID == "UGUEST":
		whisper("ゲストは操作できません。")
	case p.Actions[0].Action_ID == "claim":
		s.claiming.Lock()
		defer s.claiming.Unlock()
		if !s.first("claim") {
			whisper("<@" + s.kept("owner") + "> が担当しています。")
			return
		}
		s.keep("owner", p.User.ID)
		update(p.User.ID, false)
	case p.Actions[0].Action_ID == "reply":
		s.slack("views.open", obj{"trigger_id": p.Trigger_ID, "view": write})
	case p.Actions[0].Action_ID == "close":
		update("", true)
	}
}

// keep and kept remember over a restart.
func (s *standin) keep(name, value string) {
	if err := os.WriteFile(filepath.Join(s.w.Dir, name), []byte(value), 0o600); err != nil {
		s.t.Error(err)
	}
}

func (s *standin) kept(name string) string {
	b, err := os.ReadFile(filepath.Join(s.w.Dir, name))
	if err != nil {
		s.t.Error(err)
	}
	return string(b)
}

// first is true the first time a thing is named in this world.
func (s *standin) first(name string) bool {
	f, err := os.OpenFile(filepath.Join(s.w.Dir, "first-"+name), os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// running is a demo that runs until the test ends.
func running(t *testing.T) *Demo {
	t.Helper()
	d, err := New(Options{
		Cities: []City{
			{"hokuto", "北斗市", []Channel{{"elderly", "高齢"}, {"disability", "障害"}, {"child", "子ども・子育て"}, {"poverty", "生活困窮"}, {"coordinator", "多機関協働"}}},
			{"nonoichi", "野々市市", []Channel{{"elderly", "高齢"}, {"poverty", "生活困窮"}}},
		},
		Listen: "127.0.0.1:0", Start: startStandin(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(d.dir); err == nil {
			t.Error("the worlds' data is still there")
		}
	})
	res, err := http.Get(d.URL()) // answers once the first world stands
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return d
}
