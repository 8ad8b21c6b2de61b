package slack

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

func TestTroubleSaysWhatToDo(t *testing.T) {
	for name, x := range map[string]struct {
		fault slacktest.Fault
		want  handoff.DeskError
	}{
		"429":            {slacktest.Fault{Kind: slacktest.RateLimited, RetryAfter: 7 * time.Second}, handoff.DeskError{Reason: "ratelimited", After: 7 * time.Second}},
		"soft":           {slacktest.Fault{Kind: slacktest.SoftLimited}, handoff.DeskError{Reason: "ratelimited", After: softPause}},
		"500":            {slacktest.Fault{Kind: slacktest.ServerError}, handoff.DeskError{Reason: "http_500", Doubtful: true}},
		"cut":            {slacktest.Fault{Kind: slacktest.Away}, handoff.DeskError{Reason: "no_answer", Doubtful: true}},
		"token":          {slacktest.Fault{Kind: slacktest.Refuse, Error: "token_revoked"}, handoff.DeskError{Reason: "token_revoked", Final: true}},
		"channel":        {slacktest.Fault{Kind: slacktest.Refuse, Error: "channel_not_found"}, handoff.DeskError{Reason: "channel_not_found", Final: true}},
		"fatal_error":    {slacktest.Fault{Kind: slacktest.Refuse, Error: "fatal_error"}, handoff.DeskError{Reason: "fatal_error", Doubtful: true}},
		"a new code":     {slacktest.Fault{Kind: slacktest.Refuse, Error: "some_new_code"}, handoff.DeskError{Reason: "some_new_code"}},
		"words as codes": {slacktest.Fault{Kind: slacktest.Refuse, Error: secretWords}, handoff.DeskError{Reason: "unnamed"}},
	} {
		t.Run(name, func(t *testing.T) {
			tw := newTown(t)
			x.fault.Method, x.fault.Times = "chat.postMessage", 1
			tw.Break(x.fault)
			_, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(openCase(), nil), handoff.Outbox{ID: "1"})
			if got := *deskError(t, err); got != x.want {
				t.Errorf("got %+v, want %+v", got, x.want)
			}
		})
	}
}

func TestHangingSlack(t *testing.T) { synctest.Test(t, hangingSlack) }

func hangingSlack(t *testing.T) {
	tw := newFakeTown(t)
	tw.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	_, err := tw.desk.Card(ctx, handoff.Spot{}, handoff.NewCard(openCase(), nil), handoff.Outbox{ID: "1"})
	if de := deskError(t, err); de.Reason != "timeout" || !de.Doubtful {
		t.Errorf("got %+v", de)
	}
	tw.MendAll()
}

func TestSlackUnreachable(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.APIURL = "http://127.0.0.1:1/api" })
	_, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(openCase(), nil), handoff.Outbox{ID: "1"})
	if de := deskError(t, err); de.Reason != "unreachable" || de.Doubtful || de.Final {
		t.Errorf("got %+v: nothing was sent", de)
	}
}

// TestTooFast sends more than a channel takes: Slack is never hurried, who would
// wait too long is sent away, and a 429 puts the channel off.
func TestTooFast(t *testing.T) { synctest.Test(t, tooFast) }

func tooFast(t *testing.T) {
	tw := newFakeTown(t)
	tw.SetThrottle(slacktest.Throttle{Burst: 1})
	c := tw.posted(t, openCase())
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	at := handoff.Spot{Channel: c.Card.Channel, Thread: c.Card.TS}
	var all sync.WaitGroup
	var mu sync.Mutex
	sent, away := 0, 0
	for i := range 10 {
		all.Go(func() {
			_, err := tw.desk.Post(ctx, at, handoff.Post{Kind: handoff.PostWords, Words: []string{"こ"}}, handoff.Outbox{ID: fmt.Sprint(i)})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				sent++
			} else if de := deskError(t, err); de.Reason == "budget" && de.After >= time.Second {
				away++
			} else if de.Reason != "ratelimited" {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if sent < 3 || away < 4 || sent+away < 9 {
		t.Errorf("%d sent and %d sent away of 10", sent, away)
	}
	tw.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.RateLimited, RetryAfter: 60 * time.Second, Times: 1})
	calls := func() int { return tw.Count("chat.postMessage") }
	card := handoff.NewCard(openCase(), nil)
	if _, err := tw.desk.Card(within(t), handoff.Spot{Channel: "C01"}, card, handoff.Outbox{ID: "a"}); deskError(t, err).After != 60*time.Second {
		t.Errorf("got %v", err)
	}
	before := calls()
	if _, err := tw.desk.Card(within(t), handoff.Spot{Channel: "C01"}, card, handoff.Outbox{ID: "b"}); deskError(t, err).After < 50*time.Second || calls() != before {
		t.Errorf("the channel was not put off: %v", err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"ok":true,"ts":"`))
		for range maxAnswer/1000 + 1000 {
			if _, err := w.Write(bytes.Repeat([]byte("1"), 1000)); err != nil {
				return
			}
		}
		_, _ = w.Write([]byte(`"}`))
	}))
	defer endless.Close()
	tw := newTown(t, func(o *Options) { o.APIURL = endless.URL + "/api" })
	_, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(openCase(), nil), handoff.Outbox{ID: "1"})
	if de := deskError(t, err); de.Reason != "no_answer" || !de.Doubtful {
		t.Errorf("got %+v", de)
	}
}
