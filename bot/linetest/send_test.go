package linetest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSignatureVector(t *testing.T) {
	body := `{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}`
	if got := Sign(testSecret, []byte(body)); got != "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=" {
		t.Errorf("signature %q", got)
	}
}

func TestReplyTokenIsForOneUse(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	event := taro.TextEvent("a")
	token := r.Deliver(event).ReplyTokens[0]
	r.must(400, "POST", replyPath, replyBody(token, "")) // a refused body spends nothing
	r.must(200, "POST", replyPath, replyBody(token, "b"))
	if got := r.must(400, "POST", replyPath, replyBody(token, "b")); got.Message != "Invalid reply token" {
		t.Errorf("message %q", got.Message)
	}
	r.Deliver(event) // the same event again does not bring its token back
	r.must(400, "POST", replyPath, replyBody(token, "b"))
	r.must(400, "POST", replyPath, replyBody("0123", "b"))
	r.must(400, "POST", replyPath, replyBody("", "b"))
}

func TestReplyTokenLife(t *testing.T) {
	for _, c := range []struct {
		name  string
		after func(*rig, Delivery)
		want  int
	}{
		{"a minute", func(r *rig, d Delivery) { r.clock.forward(time.Minute) }, 200},
		{"over a minute", func(r *rig, d Delivery) { r.clock.forward(time.Minute + 1) }, 400},
		{"a minute after redelivery", func(r *rig, d Delivery) {
			r.clock.forward(10 * time.Minute)
			r.Redeliver(d)
			r.clock.forward(time.Minute)
		}, 200},
		{"over a minute after redelivery", func(r *rig, d Delivery) {
			r.clock.forward(10 * time.Minute)
			r.Redeliver(d)
			r.clock.forward(time.Minute + 1)
		}, 400},
		{"20 minutes after the event", func(r *rig, d Delivery) {
			r.clock.forward(20 * time.Minute)
			r.Redeliver(d)
		}, 200},
		{"over 20 minutes after the event", func(r *rig, d Delivery) {
			r.clock.forward(20*time.Minute + 1)
			r.Redeliver(d)
		}, 400},
		{"redelivered after use", func(r *rig, d Delivery) {
			r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "x"))
			r.Redeliver(d)
		}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			d := r.Resident("").Say("a")
			c.after(r, d)
			r.T = t
			r.must(c.want, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
		})
	}
}

func TestTokenLivesFromTheWebhookNotTheEvent(t *testing.T) {
	r := newRig(t)
	r.Hold(true)
	d := r.Resident("").Say("a")
	r.clock.forward(5 * time.Minute)
	r.Release()
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
}

func TestRetryKey(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	const key = "123e4567-e89b-12d3-a456-426614174000"
	first := r.must(200, "POST", pushPath, pushBody(taro.ID, "a"), "X-Line-Retry-Key", key)
	r.clock.forward(24*time.Hour - 1)
	again := r.must(409, "POST", pushPath, pushBody(taro.ID, "a"), "X-Line-Retry-Key", key)
	if again.header.Get("X-Line-Accepted-Request-Id") != first.header.Get("X-Line-Request-Id") {
		t.Error("409 does not name the accepted request")
	}
	if len(again.Sent) != 1 || again.Sent[0] != first.Sent[0] {
		t.Errorf("409 repeats %v, want %v", again.Sent, first.Sent)
	}
	if n := len(taro.Chat()); n != 1 {
		t.Errorf("%d messages shown, want 1", n)
	}
	r.clock.forward(1)
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"), "X-Line-Retry-Key", key)
	for _, bad := range []string{"", "1", strings.ReplaceAll(key, "-", ""), key + "0", "x" + key[1:]} {
		r.must(400, "POST", pushPath, pushBody(taro.ID, "a"), "X-Line-Retry-Key", bad)
	}
	d := taro.Say("b")
	r.must(400, "POST", replyPath, replyBody(d.ReplyTokens[0], "c"), "X-Line-Retry-Key", newUUID())
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "c"))
	if c := r.Counts(); c.Pushes != 2 || c.Conflicts != 1 || c.Replies != 1 {
		t.Errorf("counts %+v", c)
	}
}

func TestRefusedPushKeepsItsRetryKey(t *testing.T) {
	r := newRig(t)
	taro, key := r.Resident(""), newUUID()
	taro.Follow()
	r.must(400, "POST", pushPath, pushBody(taro.ID, ""), "X-Line-Retry-Key", key)
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"), "X-Line-Retry-Key", key)
}

func TestPushReachesWhomItCan(t *testing.T) {
	r := newRig(t)
	shown := func(p *Resident, want int) {
		t.Helper()
		r.must(200, "POST", pushPath, pushBody(p.ID, "a"))
		if n := len(p.Heard()); n != want {
			t.Errorf("%d messages heard, want %d", n, want)
		}
	}
	stranger := r.Resident("")
	shown(stranger, 0)
	stranger.Say("x")
	r.clock.forward(7 * 24 * time.Hour)
	shown(stranger, 1)
	r.clock.forward(1)
	shown(stranger, 1)
	friend := r.Resident("")
	friend.Follow()
	shown(friend, 1)
	friend.Block()
	shown(friend, 1)
	if d := friend.Say("x"); d.Err != ErrBlocked {
		t.Errorf("wrote while blocking: %v", d.Err)
	}
	friend.FollowAgain()
	shown(friend, 2)
	r.must(200, "POST", pushPath, pushBody(NewUserID(), "a"))
	if c := r.Counts(); c.Used != 3 || c.Dropped != 4 || c.Pushes != 7 {
		t.Errorf("counts %+v", c)
	}
	if to, off := r.Dropped(friend.ID), r.Dropped(stranger.ID); len(to) != 1 || len(off) != 2 {
		t.Errorf("dropped %v and %v", to, off)
	}
	for _, bad := range []string{"", "U1", strings.ToUpper(friend.ID), friend.ID + "0"} {
		r.must(400, "POST", pushPath, pushBody(bad, "a"))
	}
}

func TestNothingReachesWhoBlocks(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	d := taro.Say("a") // wrote lately
	taro.Block()
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
	r.must(200, "POST", pushPath, pushBody(taro.ID, "b"))
	if n := len(taro.Heard()); n != 0 {
		t.Errorf("%d messages heard", n)
	}
	if d := r.Deliver(taro.PostbackEvent("x", "", nil)); d.Err != ErrBlocked || d.Status != 0 {
		t.Errorf("tapped while blocking: %v", d.Err)
	}
	if c := r.Counts(); c.Used != 0 || c.Dropped != 2 {
		t.Errorf("counts %+v", c)
	}
}

func TestMonthlyLimit(t *testing.T) {
	r := newRig(t)
	r.SetMonthlyLimit(2, 1)
	taro := r.Resident("")
	d := taro.Follow()
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"))
	if got := r.must(429, "POST", pushPath, pushBody(taro.ID, "a")); got.Message != "You have reached your monthly limit." {
		t.Errorf("message %q", got.Message)
	}
	if got := r.must(200, "GET", "/v2/bot/message/quota", "").body; got != `{"type":"limited","value":2}` {
		t.Error(got)
	}
	if got := r.must(200, "GET", "/v2/bot/message/quota/consumption", "").body; got != `{"totalUsage":2}` {
		t.Error(got)
	}
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "replies are free"))
	r.clock.forward(9 * 24 * time.Hour) // the first of December
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"))
	r.SetMonthlyLimit(0, 0)
	if got := r.must(200, "GET", "/v2/bot/message/quota", "").body; got != `{"type":"none"}` {
		t.Error(got)
	}
}

func TestEveryCallIsAdmittedFirst(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	good := pushBody(taro.ID, "a")
	r.must(401, "POST", pushPath, good, "Authorization", "Bearer other")
	r.must(401, "POST", pushPath, good, "Authorization", "")
	r.must(401, "GET", "/v2/bot/info", "", "Authorization", testToken)
	r.must(401, "GET", "/v2/bot/info", "", "Authorization", "Basic "+testToken)
	r.must(404, "GET", "/v2/bot/nothing", "")
	r.must(404, "GET", pushPath, "")
	r.must(415, "POST", pushPath, good, "Content-Type", "text/plain")
	if got := r.must(400, "POST", pushPath, "{\n {").Message; got != "The request body could not be parsed as JSON (line: 2, column: 3)" {
		t.Error(got)
	}
	if got := r.must(400, "POST", pushPath, `{"to":1}`).Message; !strings.HasPrefix(got, "The property, 'to', in the request body is invalid") {
		t.Error(got)
	}
	padding := strings.Repeat(" ", maxBody-len(good))
	r.must(200, "POST", pushPath, good+padding)
	r.must(413, "POST", pushPath, good+padding+" ")
	if n := r.Calls("POST " + pushPath); n != 7 {
		t.Errorf("%d calls counted", n)
	}
	if c := r.Counts(); len(c.Refused) != 10 || c.Refused[0].Status != 401 {
		t.Errorf("refused %+v", c.Refused)
	}
}

func TestEveryFaultIsListed(t *testing.T) {
	r := newRig(t)
	got := r.must(400, "POST", "/v2/bot/message/validate/reply", `{"messages":[{"type":"text","text":""},{"type":"hologram"}]}`)
	want := []Detail{{"May not be empty", "messages[0].text"},
		{"Must be one of the following values: [text, textV2, sticker, image, video, audio, location, imagemap, template, flex]", "messages[1].type"}}
	if got.Message != "The request body has 2 error(s)" || fmt.Sprint(got.Details) != fmt.Sprint(want) {
		t.Errorf("%s", got.body)
	}
	r.must(200, "POST", "/v2/bot/message/validate/push", `{"messages":[{"type":"text","text":"a"}]}`)
}
