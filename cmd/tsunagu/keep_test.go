package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// TestEverythingGoesInItsTime leaves a consultation that ended and one that
// stopped half way, and lets the program run again later and later: each kind is
// there before its time and gone after it, in the store and in Slack.
func TestEverythingGoesInItsTime(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	receipt := f.consults("介護のことで困っています")
	idle := f.line.Resident(linetest.NewUserID())
	f.taken(idle.Say("まだ決めていません"))
	f.soon("an answer", func() bool { return len(idle.Heard()) > 0 })
	card := f.slack.Messages("C01")[0]
	f.presses(card.TS, "claim")
	f.soon("the card names its owner", func() bool {
		m, _ := f.slack.MessageAt("C01", card.TS)
		return strings.Contains(plain(m), "<@UDUTY>")
	})
	f.presses(card.TS, "close")
	var form slacktest.View
	f.soon("the form", func() bool {
		for _, v := range f.slack.Views("UDUTY") {
			form = v
		}
		return form.CallbackID == "close"
	})
	if _, err := f.slack.Submit(t.Context(), "UDUTY", form.ID, slacktest.One("outcome", "connected")); err != nil {
		t.Fatal(err)
	}
	f.soon("the card is closed", func() bool {
		m, _ := f.slack.MessageAt("C01", card.TS)
		return slices.ContainsFunc(m.Buttons(), func(b slacktest.Button) bool { return b.ActionID == "reopen" })
	})
	stop()
	began := time.Now()
	count := func(p *program, prefix string) int {
		t.Helper()
		n, err := p.store.Count(t.Context(), "hokuto", "hokuto/"+prefix+"/")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	facts := func(p *program) int {
		t.Helper()
		all, err := p.store.Facts(t.Context(), "hokuto", began.AddDate(0, 0, -1).Format(time.DateOnly), began.AddDate(0, 0, 1).Format(time.DateOnly))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	const day = 24 * time.Hour
	words := func() bool { return f.inSlack("介護のことで困っていますのつづき") }
	f.later(71*time.Hour, nil, func(p *program) bool { return count(p, "v") == 2 && count(p, "c") == 1 && words() })
	f.later(73*time.Hour, func(p *program) bool { return count(p, "v") == 1 }, func(p *program) bool { return count(p, "c") == 1 && words() })
	f.later(29*day, nil, func(p *program) bool { return count(p, "c") == 1 && words() && f.inSlack(receipt) && facts(p) > 0 })
	// The service was off when the time came: what is in Slack goes all the same.
	f.later(60*day, func(p *program) bool { return !words() && count(p, "c") == 0 }, func(p *program) bool { return count(p, "a") > 0 && facts(p) > 0 })
	f.later(61*day, func(p *program) bool { return count(p, "v") == 0 }, nil)
	f.later(364*day, nil, func(p *program) bool { return count(p, "a") > 0 && facts(p) > 0 })
	f.later(367*day, func(p *program) bool {
		return facts(p) == 0 && !slices.ContainsFunc(f.deeds(p), began.AddDate(0, 0, 2).After)
	}, nil)
}

// later runs the program with its clock so far ahead: soon the first condition
// comes true, and the second one holds then and once all that is due is done.
func (f *office) later(ahead time.Duration, gone, stays func(*program) bool) {
	f.t.Helper()
	cfg, err := readConfig(streams{out: os.Stdout, err: os.Stderr}, f.config())
	if err != nil {
		f.t.Fatal(err)
	}
	made, err := settingsOf(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		f.t.Fatal(err)
	}
	made.Clock = func() time.Time { return time.Now().Add(ahead) }
	p, err := wire(f.t.Context(), made)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	ctx, cancel := context.WithCancel(f.t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { p.bot.Run(ctx) })
	if gone != nil {
		f.soon("it goes within "+ahead.String(), func() bool { return gone(p) })
	}
	f.soon("all that is due is done", func() bool {
		_, oldest, err := p.store.Waiting(ctx, p.bot.Now())
		return err == nil && oldest.IsZero()
	})
	if stays != nil && !stays(p) {
		f.t.Errorf("after %v something is gone too early", ahead)
	}
}

// deeds are the times of the audit trail.
func (f *office) deeds(p *program) (all []time.Time) {
	f.t.Helper()
	records, err := p.store.List(f.t.Context(), "hokuto", "hokuto/a/", "", 100)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, r := range records {
		all = append(all, r.Touched)
	}
	return all
}
