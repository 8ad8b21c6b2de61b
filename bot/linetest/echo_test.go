package linetest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"tsunagu/bot/linetest"
)

const (
	secret = "secret"
	token  = "token"
)

// echo answers every text by reply with a confirm template and a quick reply,
// every postback by push, using LINE's own SDK on both sides.
func echo(t *testing.T, api *messaging_api.MessagingApiAPI) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := webhook.ParseRequest(secret, r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for _, e := range body.Events {
			switch e := e.(type) {
			case webhook.MessageEvent:
				m, isText := e.Message.(webhook.TextMessageContent)
				if !isText {
					continue
				}
				_, err = api.ReplyMessage(&messaging_api.ReplyMessageRequest{ReplyToken: e.ReplyToken, Messages: []messaging_api.MessageInterface{
					messaging_api.TemplateMessage{AltText: "選択", Template: &messaging_api.ConfirmTemplate{Text: m.Text, Actions: []messaging_api.ActionInterface{
						&messaging_api.PostbackAction{Label: "はい", Data: "yes", DisplayText: "はい"},
						&messaging_api.MessageAction{Label: "いいえ", Text: "いいえ"}}}},
					messaging_api.FlexMessage{AltText: "案内", Contents: &messaging_api.FlexBubble{Body: &messaging_api.FlexBox{
						Layout: messaging_api.FlexBoxLAYOUT_VERTICAL, Contents: []messaging_api.FlexComponentInterface{
							&messaging_api.FlexText{Text: "代表", Wrap: true, Flex: 1},
							&messaging_api.FlexSeparator{},
							&messaging_api.FlexButton{Action: &messaging_api.UriAction{Label: "電話", Uri: "tel:119"}}}}}},
					messaging_api.TextMessage{Text: m.Text, QuickReply: &messaging_api.QuickReply{Items: []messaging_api.QuickReplyItem{
						{Type: "action", Action: &messaging_api.MessageAction{Label: "もどる", Text: "もどる"}}}}},
				}})
			case webhook.PostbackEvent:
				source := e.Source.(webhook.UserSource)
				_, err = api.PushMessage(&messaging_api.PushMessageRequest{To: source.UserId, Messages: []messaging_api.MessageInterface{
					messaging_api.TextMessage{Text: e.Postback.Data}}}, "123e4567-e89b-12d3-a456-426614174000")
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestEchoBotWithLINEsOwnSDK(t *testing.T) {
	line := linetest.New(linetest.Options{ChannelSecret: secret, ChannelToken: token})
	server := httptest.NewServer(line)
	defer server.Close()
	api, err := messaging_api.NewMessagingApiAPI(token, messaging_api.WithEndpoint(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	bot := httptest.NewServer(echo(t, api))
	defer bot.Close()
	line.SetWebhook(bot.URL)

	taro := line.Resident("")
	// Everything a phone can send is understood by the SDK.
	for _, d := range []linetest.Delivery{taro.Follow(), taro.Sticker(), taro.Image(nil), taro.Voice(nil), taro.Video(nil),
		taro.File("a.pdf", nil), taro.Location("駅", "市内", 35, 139), taro.Unsend("1"), line.Join(linetest.NewGroupID()),
		line.Deliver(taro.UnknownEvent("dream")), line.Deliver(taro.StandbyEvent("x").With("type", "dream")), line.Deliver()} {
		if !d.OK() {
			t.Errorf("%d %v", d.Status, d.Err)
		}
	}
	if d := line.Forge("wrong", linetest.WebhookBody()); d.Status != http.StatusUnauthorized {
		t.Errorf("forged: %d", d.Status)
	}
	if d := taro.Say("こんにちは🍎"); !d.OK() {
		t.Fatal(d.Err)
	}
	heard := taro.Heard()
	if len(heard) != 3 || heard[0].Text != "こんにちは🍎" || heard[1].Text != "代表" || heard[2].How != linetest.Reply {
		t.Fatalf("heard %+v", heard)
	}
	if n := len(taro.Buttons()); n != 4 {
		t.Errorf("%d buttons", n)
	}
	if d := taro.TapLabel("はい"); !d.OK() {
		t.Errorf("%d %v", d.Status, d.Err)
	}
	if heard = taro.Heard(); len(heard) != 4 || heard[3].Text != "yes" || heard[3].How != linetest.Push || heard[3].RetryKey == "" {
		t.Errorf("heard %+v", heard[len(heard)-1])
	}
	c := line.Counts()
	if c.Replies != 1 || c.Pushes != 1 || len(c.Refused) != 0 || c.Profiles != 0 {
		t.Errorf("counts %+v", c)
	}
}
