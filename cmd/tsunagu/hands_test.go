package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// What people do at LINE and in Slack, and do again where a busy machine lets the
// platform's seconds pass: LINE sends anew what was not taken, and who is told that
// nothing came of it presses once more.

// taken sees to it that a webhook is taken.
func (w *world) taken(r *linetest.Resident, what string, d linetest.Delivery) linetest.Delivery {
	w.t.Helper()
	for _, tn := range w.towns {
		if slices.Contains(tn.line.Chats(), r.ID) {
			w.eventually(what+" is taken", func() bool {
				if !d.OK() {
					d = tn.line.Redeliver(d)
				}
				return d.OK()
			})
		}
	}
	if !d.OK() {
		w.t.Fatalf("%s: status %d, %v", what, d.Status, d.Err)
	}
	return d
}

func (w *world) say(r *linetest.Resident, text string) linetest.Delivery {
	w.t.Helper()
	return w.taken(r, text, r.Say(text))
}

// tap waits until a button can be tapped, then taps it.
func (w *world) tap(r *linetest.Resident, label string) {
	w.t.Helper()
	var d linetest.Delivery
	w.eventually("the button "+label, func() bool {
		d = r.TapLabel(label)
		return !errors.Is(d.Err, linetest.ErrNotShown)
	})
	w.taken(r, label, d)
}

// again is how long people in Slack look before they press once more.
const again = 10 * time.Second

// brings lets somebody act until it has come to what is wanted.
func (w *world) brings(what string, act func(), wanted func() bool) {
	w.t.Helper()
	var next time.Time
	w.eventually(what, func() bool {
		if !wanted() && time.Now().After(next) {
			act()
			next = time.Now().Add(again)
		}
		return wanted()
	})
}

// insists acts in Slack until the app has responded. What was done at an earlier
// try, of which Slack heard nothing, cannot be done again: that is fine, too.
func insists(ctx context.Context, act func() (slacktest.Answer, error)) (slacktest.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var a slacktest.Answer
	var err error
	tries := 0
	ok := poll(ctx, func() bool {
		a, err = act()
		tries++
		return err == nil && a.Acked() || errors.Is(err, slacktest.ErrNotPossible)
	})
	if ok && err != nil && tries > 1 {
		return slacktest.Answer{Status: 200}, nil
	}
	return a, err
}

// presses presses a button below a message.
func (w *world) presses(tn *town, user string, m slacktest.Message, action string, how ...slacktest.How) {
	w.t.Helper()
	a, err := insists(w.t.Context(), func() (slacktest.Answer, error) {
		return tn.slack.Click(w.t.Context(), user, m.Channel, m.TS, action, how...)
	})
	if err != nil || !a.Acked() {
		w.t.Fatalf("click on %s: status %d, %v", action, a.Status, err)
	}
}

// claims takes a case and waits until its card says so.
func (w *world) claims(tn *town, user string, card slacktest.Message) {
	w.t.Helper()
	w.brings("the card names its owner", func() { w.presses(tn, user, card, "claim", slacktest.WithValue(claimValue(card))) }, func() bool {
		m, _ := tn.slack.MessageAt(card.Channel, card.TS)
		return strings.Contains(plain(m), "<@"+user+">")
	})
}

func claimValue(card slacktest.Message) string {
	b, _ := card.Button("claim")
	return b.Value
}

// opens presses a button until its form is open.
func (w *world) opens(tn *town, user string, m slacktest.Message, action string) slacktest.View {
	w.t.Helper()
	w.brings("the form "+action, func() { w.presses(tn, user, m, action) }, func() bool {
		return slices.ContainsFunc(tn.slack.Views(user), func(v slacktest.View) bool { return v.CallbackID == action })
	})
	return w.view(tn, user, action)
}

// view waits for a form that is open; the newest, when it was asked for twice.
func (w *world) view(tn *town, user, callback string) (found slacktest.View) {
	w.t.Helper()
	w.eventually("the form "+callback, func() bool {
		for _, v := range tn.slack.Views(user) {
			if v.CallbackID == callback {
				found = v
			}
		}
		return found.ID != ""
	})
	return found
}

// submits fills in a form that is open.
func (w *world) submits(tn *town, user, callback string, values slacktest.Values) {
	w.t.Helper()
	view := w.view(tn, user, callback)
	if _, err := insists(w.t.Context(), func() (slacktest.Answer, error) {
		return tn.slack.Submit(w.t.Context(), user, view.ID, values)
	}); err != nil {
		w.t.Fatalf("%s: %v", callback, err)
	}
}

// answers sends a resident words, as the owner does with the card's button.
func (w *world) answers(tn *town, card slacktest.Message, text string) {
	w.t.Helper()
	w.opens(tn, shiftUser, card, "reply")
	w.submits(tn, shiftUser, "reply", slacktest.One("text", text))
	if preview := w.view(tn, shiftUser, "reply_confirm"); preview.Submit == "" {
		w.t.Fatal("the preview has no submit button")
	}
	w.submits(tn, shiftUser, "reply_confirm", nil)
}

// poll looks again and again until cond holds; false when ctx ends before.
func poll(ctx context.Context, cond func() bool) bool {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// pause waits, or returns false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
