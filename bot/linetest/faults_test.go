package linetest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFaultStrikesSoManyTimes(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	r.Break(Fault{Status: 500, Times: 2})
	for _, want := range []int{500, 500, 200} {
		r.must(want, "POST", pushPath, pushBody(taro.ID, "a"))
	}
	mend := r.Break(Fault{Status: 429})
	for range 3 {
		if got := r.must(429, "POST", pushPath, pushBody(taro.ID, "a")); got.Message != "The API rate limit has been exceeded. Try again later." {
			t.Error(got.Message)
		}
	}
	r.must(200, "GET", "/v2/bot/info", "") // other endpoints are well
	mend()
	mend()
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"))
	r.Break(Fault{Paths: Everything, Status: 500})
	r.must(500, "GET", "/v2/bot/info", "")
	r.Mend()
	if c := r.Counts(); c.Pushes != 2 || len(c.Refused) != 6 || !c.Refused[0].ByFault {
		t.Errorf("counts %+v", c)
	}
}

func TestFaultSparesTheReplyToken(t *testing.T) {
	r := newRig(t)
	d := r.Resident("").Say("a")
	r.Break(Fault{Status: 500, Times: 1})
	r.must(500, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
}

func TestDoubtfulSend(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	d := taro.Say("a")
	r.Break(Fault{Done: true, Times: 2})
	if got, err := r.do("POST", replyPath, replyBody(d.ReplyTokens[0], "b")); err == nil {
		t.Errorf("answered %d", got.status)
	}
	if len(taro.Heard()) != 1 {
		t.Error("the reply is on the phone")
	}
	key := newUUID()
	if _, err := r.do("POST", pushPath, pushBody(taro.ID, "c"), "X-Line-Retry-Key", key); err == nil {
		t.Error("answered")
	}
	r.must(400, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
	r.must(409, "POST", pushPath, pushBody(taro.ID, "c"), "X-Line-Retry-Key", key)
	if len(taro.Heard()) != 2 {
		t.Error("the push came once")
	}
}

func TestCutBeforeAnythingIsDone(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	d := taro.Say("a")
	r.Break(Fault{Times: 1})
	if _, err := r.do("POST", replyPath, replyBody(d.ReplyTokens[0], "b")); err == nil {
		t.Error("answered")
	}
	r.must(200, "POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
	if c := r.Counts(); c.Refused[0].Status != 0 || len(taro.Heard()) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestHangUntilMended(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	d := taro.Say("a")
	r.Break(Fault{Hang: true, Done: true, Status: 500, Times: 1})
	status := make(chan int, 1)
	go func() {
		got, _ := r.do("POST", replyPath, replyBody(d.ReplyTokens[0], "b"))
		status <- got.status
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.WaitFor(ctx, func() bool { return len(taro.Heard()) == 1 }); err != nil {
		t.Fatal(err)
	}
	select {
	case s := <-status:
		t.Errorf("answered %d while hanging", s)
	default:
	}
	r.Mend()
	if s := <-status; s != 500 {
		t.Errorf("answered %d", s)
	}
}

func TestHangUntilTheClientLeaves(t *testing.T) {
	r := newRig(t)
	r.Break(Fault{Hang: true})
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "POST", r.url+pushPath, strings.NewReader(pushBody(NewUserID(), "a")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan error, 1)
	called := r.Changed()
	go func() {
		_, err := http.DefaultClient.Do(req)
		gone <- err
	}()
	bounded, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	select {
	case <-called:
	case <-bounded.Done():
		t.Error("nobody hears of the call while it hangs")
	}
	if n := r.Calls("POST " + pushPath); n != 1 {
		t.Errorf("%d calls", n)
	}
	cancel()
	if err := <-gone; err == nil {
		t.Error("answered")
	}
	if err := r.WaitFor(bounded, func() bool { return len(r.Counts().Refused) == 1 }); err != nil {
		t.Error("the call still hangs")
	}
}

func TestDeliverTwice(t *testing.T) {
	r := newRig(t)
	r.DeliverTwice(true)
	d := r.Resident("").Say("a")
	hooks := r.bot.webhooks()
	if len(hooks) != 2 || string(hooks[0].body) != string(hooks[1].body) || d.Status != 200 || d.Again != 200 {
		t.Errorf("%d webhooks, %+v", len(hooks), d)
	}
}

func TestHoldAndReleaseOutOfOrder(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	r.Hold(true)
	var d Delivery
	for _, text := range []string{"a", "b", "c", "d"} {
		d = taro.Say(text)
	}
	if !d.Held || r.Held() != 4 || len(r.bot.webhooks()) != 0 || len(taro.Chat()) != 4 {
		t.Fatalf("%+v, %d held", d, r.Held())
	}
	r.Hold(false)
	out := r.Release(2, 0, 0, 9, -1)
	if len(out) != 2 || !out[0].OK() || out[0].Held {
		t.Errorf("%+v", out)
	}
	taro.Say("e")
	r.Release()
	var heard string
	for _, h := range r.bot.webhooks() {
		heard += h.Events[0].Message.Text
	}
	if heard != "caebd" || r.Held() != 0 {
		t.Errorf("heard %q", heard)
	}
}

func TestBotThatIsAway(t *testing.T) {
	r := newRig(t)
	r.SetWebhook("http://127.0.0.1:1/")
	if d := r.Resident("").Say("秘密"); d.Err == nil || d.OK() || strings.Contains(d.Err.Error(), "秘密") {
		t.Errorf("%+v", d.Err)
	}
}
