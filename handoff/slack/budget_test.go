package slack

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestCardsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		p := pace{time.Second, 1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.take(ctx, "a", p, rankWords); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []rank
		var all sync.WaitGroup
		began := time.Now()
		for _, r := range []rank{rankWords, rankClaim, rankWords, rankCard, rankClaim} {
			all.Go(func() {
				if err := b.take(ctx, "a", p, r); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, r)
			})
			synctest.Wait()
		}
		all.Wait()
		if want := []rank{rankCard, rankClaim, rankClaim, rankWords, rankWords}; !slices.Equal(order, want) {
			t.Errorf("they went as %v, want %v", order, want)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("five took %v", took)
		}
	})
}

func TestPatienceEndsBeforeTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		p := pace{time.Second, 1}
		long, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		short, cancel := context.WithTimeout(t.Context(), callTime)
		defer cancel()
		_ = b.take(long, "a", p, rankWords)
		done := make(chan error)
		go func() { done <- b.take(short, "a", p, rankWords) }()
		synctest.Wait()
		b.off("a", p, 10*time.Second) // a 429 came meanwhile
		began := time.Now()
		de := deskError(t, <-done)
		if waited := time.Since(began); waited != callTime-reserve || de.After != 10*time.Second-waited {
			t.Errorf("waited %v, then %+v", waited, de)
		}
		if err := b.take(long, "a", p, rankWords); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		p := pace{time.Second, 3}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		for i, want := range []time.Duration{0, 0, 0, time.Second, 2 * time.Second} {
			if err := b.take(ctx, "a", p, rankWords); err != nil || time.Since(began) != want {
				t.Errorf("call %d went after %v, want %v; %v", i, time.Since(began), want, err)
			}
		}
	})
}
