package slacktest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestFaults(t *testing.T) {
	cases := []struct {
		fault  Fault
		stored int
		holds  func(ts string, err error) bool
	}{
		{Fault{Kind: Away}, 0, func(_ string, err error) bool { return err != nil }},
		{Fault{Kind: ServerError}, 0, func(_ string, err error) bool {
			code, is := errors.AsType[slack.StatusCodeError](err)
			return is && code.Code == http.StatusInternalServerError
		}},
		{Fault{Kind: RateLimited, RetryAfter: 7 * time.Second}, 0, func(_ string, err error) bool {
			limited, is := errors.AsType[*slack.RateLimitedError](err)
			return is && limited.RetryAfter == 7*time.Second
		}},
		{Fault{Kind: SoftLimited}, 0, func(_ string, err error) bool { return err != nil && err.Error() == "ratelimited" }},
		{Fault{Kind: Refuse, Error: "token_revoked"}, 0, func(_ string, err error) bool { return err != nil && err.Error() == "token_revoked" }},
		{Fault{Kind: LostAnswer}, 1, func(_ string, err error) bool { return err != nil }},
		{Fault{Kind: InternalError}, 1, func(_ string, err error) bool { return err != nil && err.Error() == "internal_error" }},
		{Fault{Kind: InternalError, Undone: true}, 0, func(_ string, err error) bool { return err != nil && err.Error() == "internal_error" }},
		{Fault{Kind: EmptyAnswer}, 1, func(ts string, err error) bool { return err == nil && ts == "" }},
		{Fault{Kind: NoTS}, 1, func(ts string, err error) bool { return err == nil && ts == "" }},
	}
	for _, c := range cases {
		t.Run(c.fault.Kind.String(), func(t *testing.T) {
			tw := newTown(t, Options{})
			c.fault.Method, c.fault.Times = "chat.postMessage", 1
			tw.Break(c.fault)
			_, ts, err := tw.api.PostMessageContext(within(t), "C01", slack.MsgOptionText("a", false))
			if n := len(tw.Messages("C01")); n != c.stored || !c.holds(ts, err) {
				t.Errorf("%d stored, ts %q, error %v", n, ts, err)
			}
			if n := tw.Count("chat.postMessage"); n != 1 {
				t.Errorf("%d calls counted: the client repeats by itself", n)
			}
			post(t, tw, "C01", slack.MsgOptionText("b", false)) // it hits once
		})
	}
}

func TestHangUntilMendedOrGivenUp(t *testing.T) {
	tw := newTown(t, Options{})
	mend := tw.Break(Fault{Kind: Hang})
	ctx, giveUp := context.WithCancel(within(t))
	failed := make(chan error, 1)
	hang := func(ctx context.Context) {
		_, _, err := tw.api.PostMessageContext(ctx, "C01", slack.MsgOptionText("a", false))
		failed <- err
	}
	go hang(ctx)
	if err := tw.WaitFor(within(t), func() bool { return tw.Count("chat.postMessage") == 1 }); err != nil {
		t.Fatal(err)
	}
	giveUp()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	go hang(within(t))
	if err := tw.WaitFor(within(t), func() bool { return tw.Count("chat.postMessage") == 2 }); err != nil {
		t.Fatal(err)
	}
	mend()
	if err := <-failed; err == nil || len(tw.Messages("C01")) != 0 {
		t.Errorf("mended: %v, %d stored", err, len(tw.Messages("C01")))
	}
}

func TestWaitForEndsWithItsContext(t *testing.T) {
	tw := newTown(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tw.WaitFor(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Both directions without a network, in fake time: an app that is silent for
// three seconds has not acknowledged, and a lost answer is an error.
func TestDirectInFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		s := New(Options{
			Client: &http.Client{Transport: Direct(silent)}, URL: "http://slack.test",
			EventsURL: "http://app.test/events", InteractionsURL: "http://app.test/interactions",
		})
		defer s.Close()
		s.AddUser(User{ID: "UDUTY"})
		s.AddChannel(Channel{ID: "C01", Members: []string{BotUser, "UDUTY"}})
		api := slack.New(DefaultBotToken, slack.OptionAPIURL(s.APIURL()), slack.OptionHTTPClient(&http.Client{Transport: Direct(s)}))
		_, ts, err := api.PostMessage("C01", card("k1:1"))
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		got, err := s.Click(t.Context(), "UDUTY", "C01", ts, "claim")
		if !errors.Is(err, context.DeadlineExceeded) || got.Acked() || time.Since(started) != ackTime {
			t.Errorf("after %v: %+v, %v", time.Since(started), got, err)
		}
		if _, _, err = s.Message(t.Context(), "UDUTY", "C01", "a", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("event: %v", err)
		}
		s.Break(Fault{Kind: LostAnswer, Times: 1})
		if _, _, err = api.PostMessage("C01", card("k2:1")); !errors.Is(err, io.ErrUnexpectedEOF) || len(s.Messages("C01")) != 3 {
			t.Errorf("lost answer: %v, %d stored", err, len(s.Messages("C01")))
		}
	})
}
