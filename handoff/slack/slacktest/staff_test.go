package slacktest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// The example of Slack's own guide to verifying requests.
func TestSignMatchesSlacksExample(t *testing.T) {
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V" +
		"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	got := Sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", []byte(body))
	if want := "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func parsed(t *testing.T, body string) slack.InteractionCallback {
	t.Helper()
	r := must[*http.Request](t)(http.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return must[slack.InteractionCallback](t)(slack.InteractionCallbackParse(r))
}

func TestClickReachesTheAppSigned(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	got, err := tw.Click(within(t), "UFOREIGN", "C01", ts, "claim")
	if err != nil || !got.Acked() {
		t.Fatalf("click: %+v, %v", got, err)
	}
	_, body := a.last()
	ic := parsed(t, body)
	action := ic.ActionCallback.BlockActions[0]
	if ic.Type != slack.InteractionTypeBlockActions || ic.User.TeamID != "T0ELSE" || ic.Container.MessageTs != ts ||
		ic.Channel.ID != "C01" || action.ActionID != "claim" || action.Value != "k1:1" || action.ActionTs == "" ||
		ic.Message.Timestamp != ts || ic.ResponseURL != got.ResponseURL || ic.TriggerID != got.TriggerID {
		t.Errorf("payload %+v", ic)
	}

	for name, how := range map[string]How{
		"forged": Forged(), "unsigned": Unsigned(),
		"stale": At(tw.clock.Now().Add(-6 * time.Minute)), "future": At(tw.clock.Now().Add(6 * time.Minute)),
	} {
		if got, _ := tw.Click(within(t), "UDUTY", "C01", ts, "claim", how); got.Status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, got.Status)
		}
	}
	if got, _ := tw.Click(within(t), "UDUTY", "C01", ts, "claim", InQuery()); got.Status != http.StatusOK {
		t.Errorf("in the query: the signature has to hold, status %d", got.Status)
	}
	if r, body := a.last(); body != "" || r.URL.Query().Get("payload") == "" {
		t.Errorf("in the query: body %q, query %q", body, r.URL.RawQuery)
	}

	if _, err := tw.Click(within(t), "UDUTY", "C01", ts, "release"); err == nil {
		t.Error("a button that is not there was clicked")
	}
	if _, err := tw.Click(within(t), "UDUTY", "C01", ts, "release", WithValue("k1:0")); err != nil {
		t.Errorf("a stale client: %v", err)
	}
	if _, body = a.last(); parsed(t, body).ActionCallback.BlockActions[0].Value != "k1:0" {
		t.Error("the stale value did not arrive")
	}
	if _, err := tw.Click(within(t), "UOTHER", "C02", ts, "claim"); err == nil {
		t.Error("somebody clicked in a channel they do not see")
	}
}

func TestResponseURL(t *testing.T) {
	tw := newTown(t, Options{})
	newApp(t, tw)
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	got := must[Answer](t)(tw.Click(within(t), "UDUTY", "C01", ts, "claim"))
	say := func(o ...slack.MsgOption) error {
		_, _, err := tw.api.PostMessageContext(within(t), "C01", append(o, slack.MsgOptionText("だめです", false))...)
		return err
	}
	if err := say(slack.MsgOptionResponseURL(got.ResponseURL, slack.ResponseTypeEphemeral)); err != nil {
		t.Fatal(err)
	}
	if e := tw.Ephemerals("UDUTY"); len(e) != 1 || e[0].Text != "だめです" || len(tw.Ephemerals("UOTHER")) != 0 {
		t.Errorf("ephemerals: %+v", e)
	}
	if err := say(slack.MsgOptionReplaceOriginal(got.ResponseURL)); err != nil {
		t.Fatal(err)
	}
	if m, _ := tw.MessageAt("C01", ts); m.Text != "だめです" || m.Blocks != nil {
		t.Errorf("replaced by %+v", m)
	}
	for range 3 {
		if err := say(slack.MsgOptionResponseURL(got.ResponseURL, slack.ResponseTypeInChannel)); err != nil {
			t.Fatal(err)
		}
	}
	status := must[int](t)(tw.Respond(within(t), got.ResponseURL, map[string]any{"text": "a"}))
	if calls := tw.Refused(); status != http.StatusNotFound || calls[len(calls)-1].Error != "used_url" {
		t.Errorf("the sixth use: %d, %+v", status, calls)
	}
	got = must[Answer](t)(tw.Shortcut(within(t), "UDUTY", "C01", ts, "send_to_resident"))
	tw.clock.Advance(30*time.Minute + time.Second)
	_ = must[int](t)(tw.Respond(within(t), got.ResponseURL, map[string]any{"text": "a"}))
	if calls := tw.Refused(); calls[len(calls)-1].Error != "expired_url" {
		t.Errorf("after thirty minutes: %+v", calls[len(calls)-1])
	}
}

func TestShortcutAndCommandAreForMembers(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	said, _, err := tw.Message(within(t), "UDUTY", "C01", "@別の人 <すぐ> https://city.example.jp/?a=1&b=2", "")
	if err != nil {
		t.Fatal(err)
	}
	if want := "<@UOTHER> &lt;すぐ&gt; <https://city.example.jp/?a=1&amp;b=2>"; said.Text != want {
		t.Errorf("typed words became %q", said.Text)
	}
	if want := "@別の人 <すぐ> https://city.example.jp/?a=1&b=2"; said.Readable() != want {
		t.Errorf("reads %q", said.Readable())
	}
	if _, err := tw.Shortcut(within(t), "UDUTY", "C01", said.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	_, body := a.last()
	if ic := parsed(t, body); ic.CallbackID != "send_to_resident" || ic.Message.Text != said.Text || ic.MessageTs != said.TS {
		t.Errorf("payload %+v", ic)
	}
	if _, err := tw.Shortcut(within(t), "UFOREIGN", "C01", said.TS, "send_to_resident"); err == nil {
		t.Error("a foreign member has no shortcuts")
	}

	a.replies(func(w http.ResponseWriter, path, body string) {
		form, _ := url.ParseQuery(body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"response_type":"ephemeral","text":"` + form.Get("command") + form.Get("text") + `"}`))
	})
	if _, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", "状況"); err != nil {
		t.Fatal(err)
	}
	if e := tw.Ephemerals("UDUTY"); len(e) != 1 || e[0].Text != "/tsunagu状況" {
		t.Errorf("shown: %+v", e)
	}
	if _, err := tw.Command(within(t), "UFOREIGN", "C01", "/tsunagu", ""); err == nil {
		t.Error("a foreign member has no slash commands")
	}
}

func TestEventsEditsDeletionsAndRetries(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	inner := func() (slackevents.EventsAPIEvent, *slackevents.MessageEvent) {
		t.Helper()
		_, body := a.last()
		e := must[slackevents.EventsAPIEvent](t)(slackevents.ParseEvent([]byte(body), slackevents.OptionNoVerifyToken()))
		m, _ := e.InnerEvent.Data.(*slackevents.MessageEvent)
		return e, m
	}
	root := post(t, tw, "C02", slack.MsgOptionText("親", false))
	said, _, err := tw.Message(within(t), "UDUTY", "C02", "はい", root)
	if err != nil {
		t.Fatal(err)
	}
	if _, m := inner(); m == nil || m.ThreadTimeStamp != root || m.ChannelType != "group" || m.User != "UDUTY" {
		t.Errorf("message event %+v", m)
	}
	if _, err := tw.Edit(within(t), "UDUTY", "C02", said.TS, "いいえ"); err != nil {
		t.Fatal(err)
	}
	if _, m := inner(); m.SubType != "message_changed" || m.Message.Text != "いいえ" || m.PreviousMessage.Text != "はい" {
		t.Errorf("edit event %+v", m)
	}
	if _, err := tw.Delete(within(t), "UDUTY", "C02", said.TS); err != nil {
		t.Fatal(err)
	}
	if _, m := inner(); m.SubType != "message_deleted" || m.DeletedTimeStamp != said.TS || m.PreviousMessage.Text != "いいえ" {
		t.Errorf("deletion event %+v", m)
	}
	first, _ := a.last()
	_, before := a.last()
	a.replies(func(w http.ResponseWriter, _, _ string) { http.Error(w, "down", http.StatusServiceUnavailable) })
	for n, want := range []string{"http_timeout", "http_error", "http_error"} {
		if _, err := tw.RetryLast(within(t)); err != nil {
			t.Fatal(err)
		}
		r, body := a.last()
		if body != before || r.Header.Get("X-Slack-Retry-Num") != string(rune('1'+n)) || r.Header.Get("X-Slack-Retry-Reason") != want {
			t.Errorf("retry %d: %v", n+1, r.Header)
		}
	}
	if first.Header.Get("X-Slack-Retry-Num") != "" {
		t.Error("the first delivery claims to be a retry")
	}
	if _, err := tw.RetryLast(within(t)); err == nil {
		t.Error("a fourth retry was sent")
	}
	a.replies(func(w http.ResponseWriter, _, _ string) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusInternalServerError)
	})
	_, _, _ = tw.Message(within(t), "UDUTY", "C02", "a", "")
	if _, err := tw.RetryLast(within(t)); err == nil {
		t.Error("a retry came although the app wanted none")
	}
	if _, _, err := tw.Message(within(t), "UDUTY", "C03", "a", ""); !errors.Is(err, ErrNotDelivered) {
		t.Errorf("the bot heard of a channel it is not in: %v", err)
	}
}

func TestHomeJoinAndURLVerification(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	if _, err := tw.VerifyURL(within(t)); err == nil {
		t.Error("an app that does not answer the challenge passed")
	}
	a.replies(func(w http.ResponseWriter, _, body string) {
		e, _ := slackevents.ParseEvent([]byte(body), slackevents.OptionNoVerifyToken())
		if v, is := e.Data.(*slackevents.EventsAPIURLVerificationEvent); is {
			_, _ = w.Write([]byte(v.Challenge))
		}
	})
	if _, err := tw.VerifyURL(within(t)); err != nil {
		t.Error(err)
	}
	if _, err := tw.OpenHome(within(t), "UDUTY"); err != nil {
		t.Fatal(err)
	}
	_, body := a.last()
	e := must[slackevents.EventsAPIEvent](t)(slackevents.ParseEvent([]byte(body), slackevents.OptionNoVerifyToken()))
	if h, is := e.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); !is || h.User != "UDUTY" || h.Tab != "home" {
		t.Errorf("home event %+v", e.InnerEvent.Data)
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewHeaderBlock(plainText("当番表"))}}}
	first := must[*slack.ViewResponse](t)(tw.api.PublishViewContext(within(t), slack.PublishViewContextRequest{UserID: "UDUTY", View: view}))
	if _, err := tw.api.PublishView("UDUTY", view, first.Hash); err != nil {
		t.Error(err)
	}
	_, err := tw.api.PublishView("UDUTY", view, first.Hash)
	wantCode(t, err, "hash_conflict")
	if home, has := tw.Home("UDUTY"); !has || home.Readable() != "当番表" {
		t.Errorf("home %q", home.Readable())
	}
	if _, err := tw.Join(within(t), "UGUEST", "C02"); err != nil {
		t.Fatal(err)
	}
	_, body = a.last()
	e = must[slackevents.EventsAPIEvent](t)(slackevents.ParseEvent([]byte(body), slackevents.OptionNoVerifyToken()))
	if j, is := e.InnerEvent.Data.(*slackevents.MemberJoinedChannelEvent); !is || j.User != "UGUEST" || j.Channel != "C02" {
		t.Errorf("join event %+v", e.InnerEvent.Data)
	}
	if members, _, _ := tw.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "C02"}); !slices.Contains(members, "UGUEST") {
		t.Errorf("members %v", members)
	}
}

func TestEchoOfOwnPosts(t *testing.T) {
	tw := newTown(t, Options{Echo: true})
	a := newApp(t, tw)
	heard := make(chan string, 4)
	a.replies(func(_ http.ResponseWriter, _, body string) { heard <- body })
	post(t, tw, "C01", slack.MsgOptionText("受付", false), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: "tsunagu_card", EventPayload: map[string]any{"outbox": "o-1"}}))
	select {
	case body := <-heard:
		if !strings.Contains(body, `"bot_id":"`+BotID) || !strings.Contains(body, `"outbox":"o-1"`) {
			t.Errorf("echo %s", body)
		}
	case <-within(t).Done():
		t.Error("no echo came")
	}
}
