package redisstore

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"tsunagu/bot"
)

// together runs the calls, which wait in this order, as one group.
func together(t *testing.T, s *Store, calls ...func() error) []error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := s.node(ctx, prefix("hokuto"))
	if err != nil {
		t.Fatal(err)
	}
	g := s.groupOf(c)
	until := func(what string, holds func() bool) {
		t.Helper()
		for {
			g.mu.Lock()
			ok := holds()
			g.mu.Unlock()
			if ok {
				return
			}
			if ctx.Err() != nil {
				t.Fatal(what)
			}
			runtime.Gosched()
		}
	}
	until("the last flight does not end", func() bool {
		grounded := g.flying == 0
		if grounded {
			g.flying = flights // nobody sets off
		}
		return grounded
	})
	answers := make([]chan error, len(calls))
	for i, call := range calls {
		answers[i] = make(chan error, 1)
		go func() { answers[i] <- call() }()
		until("a call does not come", func() bool { return len(g.waiting) == i+1 })
	}
	g.mu.Lock()
	g.flying = 1
	g.mu.Unlock()
	go g.fly()
	var errs []error
	for i := range answers {
		errs = append(errs, <-answers[i])
	}
	return errs
}

func TestCallsOfOneGroup(t *testing.T) {
	s := openTest(t, "redis://"+server(t), "hokuto")
	ctx, now := t.Context(), time.Now()
	commit := func(token string, ch bot.Change) func() error {
		return func() error { return s.Commit(ctx, token, ch) }
	}
	done := func(id, lane string, ch bot.Change) bot.Change {
		ch.Done, ch.Fresh = "hokuto/j/"+id, &bot.Fresh{Lane: lane, Made: now, From: "hokuto/v/none"}
		return ch
	}
	// A record that is none.
	if err := s.redis.Set(ctx, prefix("hokuto")+"rec:hokuto/v/broken", "", 0).Err(); err != nil {
		t.Fatal(err)
	}
	broken := bot.Change{Records: []bot.Record{{ID: "hokuto/v/broken", City: "hokuto"}}}
	say := bot.Job{ID: "hokuto/j/say", City: "hokuto", Lane: "l", Kind: "say", Made: now, Hold: &bot.Hold{Token: "say", Until: now.Add(time.Minute)}}
	if err := s.Commit(ctx, "1", done("1", "other", bot.Change{Put: []bot.Job{say}})); err != nil || !say.Hold.Got {
		t.Fatal(err, say.Hold.Got)
	}

	next := bot.Job{ID: "hokuto/j/next", City: "hokuto", Lane: "m", Kind: "say", Made: now, Hold: &bot.Hold{Token: "next", Until: now.Add(time.Minute)}}
	errs := together(t, s,
		commit("2", done("2", "l", bot.Change{Put: []bot.Job{next}})), // its lane is free when the job ends that comes after it
		commit("3", done("3", "a", broken)),                           // fails
		commit("4", done("1", "b", bot.Change{})),                     // known
		func() error { return s.Put(ctx, bot.Job{ID: "hokuto/j/5", City: "hokuto", Lane: "l", Made: now}) },
		commit("say", bot.Change{Done: say.ID, Forget: true}),
		commit("say", bot.Change{Done: "hokuto/j/nobody", Forget: true}),
	)
	for _, i := range []int{0, 3, 4} {
		if errs[i] != nil {
			t.Errorf("call %d: %v", i, errs[i])
		}
	}
	if !next.Hold.Got {
		t.Error("what follows is not leased")
	}
	if errs[1] == nil || errors.Is(errs[1], bot.ErrLeaseLost) {
		t.Errorf("the one that fails: %v", errs[1])
	}
	for _, i := range []int{2, 5} {
		if !errors.Is(errs[i], bot.ErrLeaseLost) {
			t.Errorf("call %d: %v", i, errs[i])
		}
	}
	if n, _, err := s.Waiting(ctx, now); n != 2 || err != nil {
		t.Errorf("%d wait, want next and 5; %v", n, err)
	}
}
