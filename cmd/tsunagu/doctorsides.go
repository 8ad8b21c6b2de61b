package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"tsunagu/bot"
	"tsunagu/bot/line"
	"tsunagu/config"
	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/handoff/slack"
)

// line asks a city's LINE account.
func (d *doctor) line(ctx context.Context, publicURL string, c citySettings) {
	d.about("LINE %s", c.City.ID)
	m, err := line.NewMessenger(line.MessengerOptions{Token: c.LINE.Token, APIURL: c.LINE.APIURL})
	if err != nil {
		d.fail("設定が使えません（%v）", err)
		return
	}
	info, err := asked(ctx, m.Info)
	if err != nil {
		if errors.Is(err, line.ErrAway) {
			d.fail("LINE につながりません。この機械から外への https、DNS、api_url を見てください（トークンは、まだ確かめていません）")
			return
		}
		d.fail("チャネルアクセストークンを確かめられません（%v）。LINE Developers で発行しなおし、channel_token に入れてください", err)
		return
	}
	d.ok("トークンは使えます（%s %s）", info.Name, info.BasicID)
	if info.Chat {
		d.warn("応答設定の「チャット」がオンです。つなぐを通らない返事ができてしまいます。LINE Official Account Manager でオフにしてください")
	}
	d.byHand("あいさつメッセージと応答メッセージは、LINE に聞けません。LINE Official Account Manager の「応答設定」で、どちらもオフか見てください")
	if q, err := asked(ctx, m.Quota); err != nil {
		d.warn("今月の通数が分かりません（%v）", err)
	} else {
		d.quota(q)
	}
	d.endpoint(ctx, m, publicURL, c.City.ID)
}

func (d *doctor) quota(q bot.Allowance) {
	left := q.Limit - q.Used
	switch {
	case !q.Limited:
		d.ok("今月の通数に上限はありません（%d 通使いました）", q.Used)
	case left <= 0:
		d.fail("今月の %d 通を使い切りました。職員の返事は、住民が次に書いたときにしか届きません。LINE のプランを見なおしてください", q.Limit)
	case left*5 < q.Limit:
		d.warn("今月の通数は残り %d 通です（%d 通のうち）", left, q.Limit)
	default:
		d.ok("今月の通数は残り %d 通です", left)
	}
}

// endpoint looks where LINE sends what residents write, and lets LINE try it.
func (d *doctor) endpoint(ctx context.Context, m *line.Messenger, publicURL, city string) {
	at, err := asked(ctx, m.WebhookEndpoint)
	path := "/line/" + city + "/webhook"
	switch {
	case err != nil:
		d.fail("Webhook URL が分かりません（%v）。LINE Developers の Messaging API設定で、%s%s にしてください", err, publicURL, path)
		return
	case publicURL == "" && !strings.HasSuffix(at.URL, path):
		d.fail("Webhook URL が %s です。%s で終わるはずです", at.URL, path)
		return
	case publicURL == "":
		d.warn("tsunagu.yaml に public_url がないので、Webhook URL（%s）が合っているか確かめられません", at.URL)
	case at.URL != publicURL+path:
		d.fail("Webhook URL が %s です。LINE Developers の Messaging API設定で、%s%s にしてください", at.URL, publicURL, path)
		return
	}
	if !at.Active {
		d.fail("「Webhookの利用」がオフです。LINE Developers の Messaging API設定でオンにしてください")
		return
	}
	t, err := asked(ctx, m.TestWebhook)
	switch {
	case err != nil:
		d.warn("LINE に Webhook を試してもらえません（%v）。1 時間に 60 回までです", err)
	case t.OK:
		d.ok("LINE から %s に届きます", at.URL)
	case t.Status == 401:
		d.fail("LINE から届きましたが、署名が合いません（401）。channel_secret がこのチャネルのものか見てください")
	case t.Status > 0:
		d.fail("LINE から試すと %d が返りました（%s %s）。手前の中継の設定を見てください", t.Status, t.Reason, t.Detail)
	default:
		d.fail("LINE から届きません（%s %s）。serve が動いているか、証明書と外からの道を見てください", t.Reason, t.Detail)
	}
}

// slack asks a city's Slack app.
func (d *doctor) slack(ctx context.Context, publicURL string, c citySettings) {
	d.about("Slack %s", c.City.ID)
	desk, err := slack.New(slackOptions(c, bot.PictureOrigin(publicURL) != "", slog.New(slog.DiscardHandler), time.Now, func() *bot.Bot { return nil }))
	if err != nil {
		d.fail("設定が使えません（%v）", err)
		return
	}
	defer desk.Close()
	// Several questions, each bounded by the desk.
	h, err := desk.Check(ctx)
	if err != nil {
		if reason(err) == slack.Unreachable {
			d.fail("Slack につながりません。この機械から外への https、DNS、api_url を見てください（トークンは、まだ確かめていません）")
			return
		}
		d.fail("ボットトークンを確かめられません（%s）。Slack の OAuth & Permissions の xoxb- のトークンを bot_token に入れてください", reason(err))
		return
	}
	d.ok("トークンは使えます（%s、%s）", h.Team, h.BotUser)
	if len(h.Missing) > 0 {
		d.fail("権限が足りません：%s。handoff/slack/manifest.yaml のとおりに足し、アプリを入れなおしてください", strings.Join(h.Missing, " "))
	}
	for _, r := range h.Channels {
		name := r.Field + " #" + r.Name + " " + r.ID
		switch {
		case r.Archived:
			d.fail("チャンネル %s は保管（アーカイブ）されています", name)
		case !r.Member:
			d.fail("チャンネル %s にアプリがいません。そのチャンネルで /invite してください", name)
		case r.Shared:
			d.fail("チャンネル %s は外部と共有されています。相談は、共有していないチャンネルで受けてください", name)
		default:
			d.ok("チャンネル %s", name)
		}
	}
	switch {
	case c.Slack.DutyGroup == "":
		d.ok("当番のグループは決めていません。チャンネルにいる正規のメンバーならだれでも操作できます")
	case h.Duty == 0:
		d.fail("当番のグループ %s にだれもいません。だれもカードを操作できません", c.Slack.DutyGroup)
	case h.Duty > 0:
		d.ok("当番のグループ %s に %d 人います", c.Slack.DutyGroup, h.Duty)
	}
	d.byHand("ボタンが届くか（Interactivity）は、押さないと分かりません。serve を動かして tsunagu drill --city %s --to あなたのID（U…）を試してください。カードはあなただけに見えます", c.City.ID)
	d.duty(ctx, desk, c.City.Directory.Calendar, c.Slack.DutyGroup)
	for _, f := range h.Faults {
		d.fail("Slack が断りました（%s）。ID、アプリの招待（/invite）、権限を見てください", f)
	}
}

// duty asks whether everybody on the 当番表 can be called, and says who is now.
func (d *doctor) duty(ctx context.Context, desk *slack.Desk, cal directory.Calendar, group string) {
	asked := map[string]bool{}
	for _, s := range cal.Duty {
		for _, id := range s.Call {
			if asked[id] {
				continue
			}
			asked[id] = true
			switch why, err := desk.Reach(ctx, id); {
			case err != nil:
				d.fail("当番表の %s を確かめられません（%s）。ID を見てください", id, reason(err))
			case why != "":
				d.fail("当番表の %s：%s", id, why)
			}
		}
	}
	if len(cal.Duty) == 0 {
		return
	}
	call := cal.OnDuty(time.Now())
	switch {
	case len(call) > 0:
		d.ok("当番表 %d 行。いま呼ばれるのは %s です", len(cal.Duty), strings.Join(call, " "))
	case group != "":
		d.ok("当番表 %d 行。いまはだれの時間でもなく、当番のグループが呼ばれます", len(cal.Duty))
	default:
		d.warn("当番表 %d 行。いまはだれの時間でもなく、当番のグループ（duty_group）もないので、だれも呼ばれません", len(cal.Duty))
	}
}

// reason is a desk's error without its frame.
func reason(err error) string {
	var de *handoff.DeskError
	if errors.As(err, &de) {
		return de.Reason
	}
	return err.Error()
}

// llm asks one harmless question; nobody's words are in it.
func (d *doctor) llm(ctx context.Context, c *config.LLM) {
	d.about("LLM")
	if c == nil {
		d.ok("使いません（llm: がありません）")
		return
	}
	conf := openai.DefaultConfig(c.APIKey.Reveal())
	conf.BaseURL = c.BaseURL
	start := time.Now()
	answer, err := asked(ctx, func(ctx context.Context) (openai.ChatCompletionResponse, error) {
		return openai.NewClientWithConfig(conf).CreateChatCompletion(ctx, openai.ChatCompletionRequest{
			Model: c.Model, Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: "「はい」とだけ答えてください。"}},
		})
	})
	took := time.Since(start).Round(100 * time.Millisecond)
	var refused *openai.APIError
	switch {
	case errors.As(err, &refused):
		d.fail("%d が返りました。base_url、api_key、model を見てください（LLM がなくても、つなぐは動きます）", refused.HTTPStatusCode)
	case err != nil:
		d.fail("答えません。base_url と、そこで動いているかを見てください（LLM がなくても、つなぐは動きます）")
	case len(answer.Choices) == 0:
		d.fail("空の答えが返りました。model を見てください（LLM がなくても、つなぐは動きます）")
	case took > c.Timeout:
		d.warn("答えるのに %v かかりました。timeout は %v なので、いまの速さでは使われません", took, c.Timeout)
	default:
		d.ok("%s が %v で答えます", c.Model, took)
	}
}

// asked bounds one question.
func asked[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return ask(ctx)
}
