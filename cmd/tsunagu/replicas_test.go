//go:build unix

package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// TestAReplicaThatSleptLongerThanItsLeaseCannotCommit stops a serve while LINE
// has its push and has not answered; another does the job, and the first one
// commits nothing when it goes on.
func TestAReplicaThatSleptLongerThanItsLeaseCannotCommit(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2, "", plan{cities: []string{"hokuto"}, now: "2026-11-24T10:00:00+09:00"})
	tn := f.towns["hokuto"]
	r := tn.line.Resident("")
	card := f.card(tn, f.consent(r, "母の介護のことで"))
	f.claims(tn, shiftUser, card)
	f.opens(tn, shiftUser, card, "reply")
	const words = "あすの午前に、こちらからお返事します。"
	f.submits(tn, shiftUser, "reply", slacktest.One("text", words))
	preview := f.view(tn, shiftUser, "reply_confirm")

	// Only the first one works when the push goes out, and it hears no answer.
	first, second := f.replicas[0], f.replicas[1]
	second.signal(syscall.SIGSTOP)
	defer second.signal(syscall.SIGCONT)
	answer := tn.line.Break(linetest.Fault{Paths: []string{"/v2/bot/message/push"}, Times: 1, Done: true, Hang: true, Status: 200})
	f.eventually("the confirmation is heard", func() bool {
		_, err := tn.slack.Submit(t.Context(), shiftUser, preview.ID, nil)
		return err == nil
	})
	f.heard(r, words)
	first.signal(syscall.SIGSTOP)
	defer first.signal(syscall.SIGCONT)
	stopped := time.Now()
	second.signal(syscall.SIGCONT)
	answer()
	f.eventually("the other one sends it", func() bool {
		for _, m := range tn.slack.Thread(tn.channel(), card.TS) {
			if strings.Contains(m.Readable(), "LINEに渡しました") {
				return true
			}
		}
		return false
	})
	t.Logf("the other one had done it %v after the first was stopped", time.Since(stopped).Round(100*time.Millisecond))
	if n := tn.line.Counts().Conflicts; n != 1 {
		t.Errorf("LINE refused %d repeats of the push, want 1", n)
	}
	first.signal(syscall.SIGCONT)
	f.eventually("the first one finds that it is too late", func() bool {
		late, _ := first.metric("tsunagu_jobs_total", `kind="say"`, `outcome="too late"`)
		lost, _ := first.metric("tsunagu_jobs_total", `kind="say"`, `outcome="lease lost"`)
		return late+lost == 1
	})
	n := 0
	for _, e := range r.Heard() {
		n += strings.Count(e.Text, words)
	}
	if n != 1 {
		t.Errorf("the resident reads it %d times", n)
	}
	if n := len(cards(tn)); n != 1 {
		t.Errorf("%d cards", n)
	}
	f.orderly()
}

// TestARollingRestartUnderLoadLosesAndDoublesNothing starts three serves anew,
// one after the other, while residents talk and reminders come due.
func TestARollingRestartUnderLoadLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, "", plan{cities: []string{"hokuto"}, now: "2026-11-24T10:00:00+09:00",
		change: "remind: {unclaimed: 2s, mention: 0s, general: 0s, stale: 0s, answer_back: 0s}"})
	tn := f.towns["hokuto"]
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	talking, enough := context.WithCancel(ctx)
	defer enough()
	var people []*person
	var all sync.WaitGroup
	for n := range 30 {
		p := &person{Resident: tn.line.Resident(""), town: tn, n: n, r: rand.New(rand.NewPCG(7, uint64(n))), pace: 300 * time.Millisecond}
		people = append(people, p)
		all.Go(func() {
			if n < 8 {
				if _, ok := p.consult(ctx); !ok {
					t.Errorf("no 受付番号\n%s", p.story())
				}
				return
			}
			for ok := true; ok && talking.Err() == nil; {
				ok = p.guide(ctx)
			}
		})
	}
	for _, s := range f.replicas {
		began := time.Now()
		s.signal(syscall.SIGTERM)
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("%s took %v to end", s.name, d)
		}
		if !s.await(ctx, startTime) {
			t.Fatalf("%s does not come back", s.name)
		}
	}
	enough()
	all.Wait()
	acts := 0
	for _, p := range people {
		for _, a := range p.acts {
			acts++
			if !a.acked || !a.answered && !a.silent {
				t.Errorf("%q was acknowledged %v, answered %v\n%s", a.what, a.acked, a.answered, p.story())
			}
		}
		if twice := p.twiceRead(); len(twice) > 0 {
			t.Errorf("read twice: %s\n%s", twice[0].Text, p.story())
		}
	}
	t.Logf("%d messages and taps over three restarts", acts)
	// Eight cases, one card each, and the timer of each spoke once.
	f.eventually("every case was reminded of", func() bool {
		found := cards(tn)
		for _, m := range found {
			if f.reminded(tn, m.TS) == 0 {
				return false
			}
		}
		return len(found) == 8
	})
	f.eventually("nothing waits", func() bool {
		age, ok := f.replicas[0].metric("tsunagu_oldest_job_seconds")
		return ok && age == 0
	})
	for _, m := range cards(tn) {
		if n := f.reminded(tn, m.TS); n != 1 {
			t.Errorf("reminded of a case %d times", n)
		}
	}
	f.orderly()
}

func (f *fleet) reminded(tn *town, ts string) (n int) {
	for _, m := range tn.slack.Thread(tn.channel(), ts) {
		n += strings.Count(string(m.Blocks), "まだだれも引き受けていません")
	}
	return n
}

// orderly looks whether no serve ended by itself, and none complained.
func (f *fleet) orderly() {
	f.t.Helper()
	for _, s := range f.replicas {
		s.mu.Lock()
		if len(s.odd) > 0 {
			f.t.Errorf("%s ended: %v", s.name, s.odd)
		}
		s.mu.Unlock()
	}
	for l := range strings.Lines(f.log.String()) {
		if strings.Contains(l, `"level":"ERROR"`) {
			f.t.Errorf("an error in the log: %s", l)
		}
	}
}
