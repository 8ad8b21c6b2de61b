package linetest

import (
	"strings"
	"testing"
)

func TestAccountEndpoints(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	if got := r.must(200, "GET", "/v2/bot/info", "").body; !strings.Contains(got, `"chatMode":"bot"`) || !strings.Contains(got, BotUserID) {
		t.Error(got)
	}
	hook := r.Webhook()
	if got := r.must(200, "GET", "/v2/bot/channel/webhook/endpoint", "").body; !strings.Contains(got, hook) {
		t.Error(got)
	}
	if got := r.must(200, "POST", "/v2/bot/channel/webhook/test", "").body; !strings.Contains(got, `"success":true`) {
		t.Error(got)
	}
	if hooks := r.bot.webhooks(); len(hooks) != 2 || len(hooks[1].Events) != 0 {
		t.Error("the test sends a webhook without events")
	}
	r.must(200, "PUT", "/v2/bot/channel/webhook/endpoint", `{"endpoint":"http://127.0.0.1:1/x"}`)
	if got := r.must(200, "POST", "/v2/bot/channel/webhook/test", `{}`).body; !strings.Contains(got, "COULD_NOT_CONNECT") {
		t.Error(got)
	}
	for _, bad := range []string{"", "http://example.jp/", "https://example.jp/" + strings.Repeat("a", 500)} {
		r.must(400, "PUT", "/v2/bot/channel/webhook/endpoint", `{"endpoint":"`+bad+`"}`)
	}
	r.SetWebhook(hook)

	for body, want := range map[string]int{
		`{"chatId":"` + taro.ID + `"}`:                       202,
		`{"chatId":"` + taro.ID + `","loadingSeconds":5}`:    202,
		`{"chatId":"` + taro.ID + `","loadingSeconds":60}`:   202,
		`{"chatId":"` + taro.ID + `","loadingSeconds":65}`:   400,
		`{"chatId":"` + taro.ID + `","loadingSeconds":7}`:    400,
		`{"chatId":"` + taro.ID + `","loadingSeconds":0}`:    400,
		`{"chatId":"` + NewGroupID() + `"}`:                  400,
		`{"chatId":"` + taro.ID + `","loadingSeconds":"20"}`: 400,
	} {
		r.must(want, "POST", "/v2/bot/chat/loading/start", body)
	}

	if r.Calls("GET /v2/bot/profile/{id}") != 0 || r.Counts().Profiles != 0 {
		t.Error("nobody asked for a profile yet")
	}
	r.must(200, "GET", "/v2/bot/profile/"+taro.ID, "")
	r.must(404, "GET", "/v2/bot/profile/"+NewUserID(), "")
	if r.Counts().Profiles != 2 {
		t.Error("profile calls are counted")
	}
}

func TestGroupsAreLeft(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ id, path string }{{NewGroupID(), "/v2/bot/group/"}, {NewRoomID(), "/v2/bot/room/"}} {
		d := r.Join(c.id)
		r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "a"))
		r.Resident("").In(c.id).Say("b")
		if n := len(r.Chat(c.id)); n != 2 {
			t.Errorf("%d entries in the group, want 2", n)
		}
		body := string(r.bot.webhooks()[len(r.bot.webhooks())-1].body)
		if !strings.Contains(body, c.id) || !strings.Contains(body, `"userId"`) {
			t.Error(body)
		}
		r.must(200, "POST", c.path+c.id+"/leave", "")
		r.must(404, "POST", c.path+c.id+"/leave", "")
	}
	if len(r.Counts().Left) != 2 {
		t.Error("both were left")
	}
}

func TestContentUntilUnsent(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	id := taro.Image([]byte("jpeg")).MessageIDs[0]
	path := "/v2/bot/message/" + id + "/content"
	got := r.must(200, "GET", path, "")
	if got.body != "jpeg" || got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%q", got.body)
	}
	r.Break(Fault{Paths: []string{path}, Status: 202, Times: 1})
	r.must(202, "GET", path, "") // being prepared
	r.must(200, "GET", path, "")
	taro.Unsend(id)
	r.must(410, "GET", path, "")
	r.must(404, "GET", "/v2/bot/message/1/content", "")
	if chat := taro.Chat(); !chat[0].Unsent {
		t.Error("the bubble is not marked")
	}
}
