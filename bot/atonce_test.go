package bot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tsunagu/bot"
)

// counting counts which events are put, and what is committed without having been put.
type counting struct {
	bot.Store
	puts, fresh, lost atomic.Int64
	happened          chan struct{} // hears of every commit
}

func (c *counting) Put(ctx context.Context, jobs ...bot.Job) error {
	if strings.Contains(jobs[0].ID, "/line/") {
		c.puts.Add(1)
	}
	return c.Store.Put(ctx, jobs...)
}

func (c *counting) Commit(ctx context.Context, token string, change bot.Change) error {
	err := c.Store.Commit(ctx, token, change)
	switch {
	case change.Fresh != nil && err == nil:
		c.fresh.Add(1)
	case change.Fresh != nil:
		c.lost.Add(1)
	}
	select {
	case c.happened <- struct{}{}:
	default:
	}
	return err
}

// TestAConversationAtHandIsThoughtBeforeItIsStored lets two programs share a
// store: each remembers what it thought itself, and finds out when the other has
// gone on.
func TestAConversationAtHandIsThoughtBeforeItIsStored(t *testing.T) {
	w := newWorld(t)
	l := &louder{phone: w.phone, happened: make(chan struct{}, 100)}
	count := &counting{Store: w.store, happened: l.happened}
	w.store = count
	here, stop := w.running(t, l, 16)
	defer stop()
	there, stopThere := w.running(t, l, 16)
	defer stopThere()
	sent := func() int {
		w.phone.mu.Lock()
		defer w.phone.mu.Unlock()
		return len(w.phone.sent)
	}
	var last bot.Event
	say := func(b *bot.Bot, text, want string) {
		t.Helper()
		before := sent()
		w.phone.mark()
		last = w.words("r", text)
		last.At = time.Now()
		if err := b.Accept(w.ctx, last); err != nil {
			t.Fatal(err)
		}
		// What is written while the lane is not free is put: it is free when the answer's
		// job has ended, a moment after the resident has it.
		waitFor(t, l.happened, "an answer to "+text, func() bool {
			_, oldest, err := count.Waiting(w.ctx, b.Now())
			return sent() > before && err == nil && oldest.IsZero()
		})
		has(t, w.phone.since("r"), want)
	}
	counts := func(puts, fresh, lost int64) {
		t.Helper()
		if p, f, l := count.puts.Load(), count.fresh.Load(), count.lost.Load(); p != puts || f != fresh || l != lost {
			t.Errorf("%d put, want %d; %d done before they were put, want %d; %d of these refused, want %d", p, puts, f, fresh, l, lost)
		}
	}
	say(here, "こんにちは", "何のことですか")
	counts(1, 0, 0)
	say(here, "介護", "1 お金")
	counts(1, 1, 0)
	if err := here.Accept(w.ctx, last); err != nil { // LINE sends it again
		t.Fatal(err)
	}
	counts(2, 1, 1)
	say(here, "もどる", "何のことですか")
	counts(3, 1, 1)
	say(there, "介護", "1 お金")
	counts(4, 1, 1)
	say(here, "もどる", "何のことですか")
	counts(5, 1, 2)
	say(here, "介護", "1 お金")
	counts(5, 2, 2)
	if n := sent(); n != 6 {
		t.Errorf("said %d times", n)
	}
	hasNot(t, w.log.String(), "ERROR")
}
