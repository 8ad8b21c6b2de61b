package slack

import (
	"context"
	"strings"
	"testing"
	"time"

	"tsunagu/handoff/slack/slacktest"
)

// socketTown is a town that listens over Socket Mode only.
func socketTown(t *testing.T) *town {
	t.Helper()
	tw := newTown(t, func(o *Options) { o.AppToken, o.SigningSecrets = slacktest.DefaultAppToken, nil })
	tw.SetEventsURL("")
	tw.SetInteractionsURL("")
	tw.SetCommandsURL("")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tw.desk.RunSocket(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Error("Socket Mode did not end")
		}
	})
	tw.connected(t)
	return tw
}

func (tw *town) connected(t *testing.T) {
	t.Helper()
	if err := tw.WaitFor(within(t), func() bool { return tw.Sockets() > 0 }); err != nil {
		t.Fatal("no connection")
	}
}

func TestSocketMode(t *testing.T) {
	tw := socketTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	for _, values := range []slacktest.Values{slacktest.One("text", strings.Repeat("<", 1000)), nil} {
		a, err := tw.Submit(within(t), "UDUTY", view.ID, values)
		if err != nil || !a.Socket {
			t.Fatal(a.Socket, err)
		}
	}
	if got := tw.taken(); len(got) != 1 || got[0].ID != view.ID {
		t.Fatalf("got %+v", got)
	}
	if _, err := tw.Click(within(t), "UGUEST", "C02", c.Card.TS, "release"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UGUEST", 1).Readable(); got != noGuest {
		t.Errorf("a guest heard %q", got)
	}
	if _, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", "mine"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 1).Readable(); !strings.Contains(got, "mine") {
		t.Errorf("the command answered %q", got)
	}
	talk, _, err := tw.Message(within(t), "UDUTY", "C02", "はなし", c.Card.TS)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := tw.Edit(within(t), "UDUTY", "C02", talk.TS, "べつ"); err != nil || !a.Socket || len(tw.edits) != 1 {
		t.Errorf("an edit: %v, %q", err, tw.edits)
	}
	tw.refuse = context.DeadlineExceeded
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if a, err := tw.Click(ctx, "UDUTY", "C02", c.Card.TS, "release"); err == nil {
		t.Errorf("what was not stored was acknowledged: %+v", a)
	}
}

func TestSocketsComeBack(t *testing.T) {
	tw := socketTown(t)
	c := tw.posted(t, openCase())
	works := func(after string) {
		t.Helper()
		tw.connected(t)
		before := len(tw.taken())
		if a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil || !a.Socket || len(tw.taken()) != before+1 {
			t.Errorf("after %s: %v, %d actions", after, err, len(tw.taken())-before)
		}
	}
	// The connection may be back before anybody sees it gone: another one was
	// asked for, that shows.
	asked := 0
	gone := func(times int) {
		t.Helper()
		asked += times
		if err := tw.WaitFor(within(t), func() bool { return tw.Count("apps.connections.open") >= asked && tw.Sockets() == 1 }); err != nil {
			t.Fatal("the connection stayed")
		}
	}
	works("the start")
	asked = tw.Count("apps.connections.open")
	tw.RefreshSockets("refresh_requested")
	gone(1)
	works("a refresh")
	tw.DropSockets()
	gone(1)
	works("a cut")
	mend := tw.Break(slacktest.Fault{Method: "apps.connections.open", Kind: slacktest.Refuse, Error: "invalid_auth", Times: 1})
	tw.DropSockets()
	gone(2)
	works("a refusal")
	mend()
	if !strings.Contains(tw.log.String(), "level=ERROR") {
		t.Error("the operator was not told that the token is refused")
	}
}

func TestNoSocketWithoutAToken(t *testing.T) {
	tw := newTown(t)
	if err := tw.desk.RunSocket(within(t)); err == nil {
		t.Error("it ran")
	}
}
