package bot

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Times of the worker.
const (
	leaseTime  = 15 * time.Second // a job's lease; every call outside ends within 8 s
	jobTime    = 12 * time.Second // one run of a job
	holdTime   = 60 * time.Second // a retried job holds its lane no longer
	storePause = time.Second      // after an error of the store
	idleShared = time.Second      // longest sleep on a shared store
	idleAlone  = 2 * time.Second  // a command beside serve may put a job
	sweepEvery = 10 * time.Minute
	catchUp    = time.Hour             // for what came due while nobody ran
	takers     = 4                     // that look for jobs at once
	saidTime   = 50 * time.Millisecond // longest wait for an answer that is on its way
)

// task is a job in somebody's hands.
type task struct {
	*Job
	token string // of its lease
	// goes is true when the same hands go on with what follows at once.
	goes bool
	// What is still at hand: what the job's body says, the conversation's record
	// that a thought came with, the conversation as it was thought before a speech.
	thought   *thought
	utterance *utterance
	hold      *Hold
	about     *Conversation
	fresh     *Fresh        // for a job that is done before it is put
	said      chan struct{} // gets a token when nothing but the last commit is left
}

// Run runs jobs until ctx ends, then lets running ones finish and returns. What
// has not finished stays stored.
func (b *Bot) Run(ctx context.Context) {
	for range b.workers {
		b.hands <- struct{}{}
	}
	var wg sync.WaitGroup
	for range takers {
		wg.Go(func() { b.loop(ctx) })
	}
	wg.Go(func() { b.sweeper(ctx) })
	wg.Wait()
	for range b.workers {
		<-b.hands
	}
}

// loop takes jobs for hands that are free. Jobs that were put with a hold do not
// come this way: they are in hands already.
func (b *Bot) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.hands:
		}
		token := b.token()
		job, next, err := b.store.Take(ctx, token, b.Now(), leaseTime)
		if job != nil {
			go b.work(&task{Job: job, token: token, goes: true})
			continue
		}
		b.hands <- struct{}{}
		switch {
		case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
			return
		case err != nil:
			b.storeTrouble(err)
			b.rest(ctx, storePause)
		default:
			b.rest(ctx, b.idle(next))
		}
	}
}

// work does a job and what follows from it, until nothing is left in its hands.
func (b *Bot) work(t *task) {
	for t != nil {
		t = b.run(t)
	}
	b.hands <- struct{}{}
}

// hold asks for the lease of a job for hands that are there.
func (b *Bot) hold() *Hold { return &Hold{Token: b.token(), Until: b.Now().Add(leaseTime)} }

// Drain runs what is due, one job after another, until nothing is, and says when
// the next becomes due (zero: nothing waits). It is for plays, where the clock
// stands still meanwhile; limit bounds the jobs.
func (b *Bot) Drain(ctx context.Context, limit int) (next time.Time, err error) {
	for range limit {
		token := b.token()
		job, next, err := b.store.Take(ctx, token, b.Now(), leaseTime)
		if err != nil || job == nil {
			return next, err
		}
		b.run(&task{Job: job, token: token})
	}
	return time.Time{}, errors.New("the jobs do not come to an end")
}

// idle is how long nothing can become due.
func (b *Bot) idle(next time.Time) time.Duration {
	longest := idleAlone
	if b.shared {
		longest = idleShared
	}
	if next.IsZero() {
		return longest
	}
	return max(time.Millisecond, min(longest, next.Sub(b.Now())))
}

func (b *Bot) rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-b.wake:
	case <-timer.C:
	}
}

// run does one job and returns what is left in its hands, or nil. It is not cut
// off when the program stops: it has its own deadline.
func (b *Bot) run(job *task) (next *task) {
	ctx, cancel := context.WithTimeout(context.Background(), jobTime)
	defer cancel()
	start := time.Now()
	next, err := b.try(ctx, job)
	outcome, again := "done", time.Duration(0)
	switch {
	case err == nil:
	case errors.Is(err, ErrLeaseLost):
		outcome = "lease lost"
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		// The process was stopped for a while, or the store hardly answers: the lease
		// runs out, and whoever takes the job next goes on.
		outcome = "too late"
		b.log.Warn("a job took too long and will be taken again", "kind", job.Kind, "city", job.City, "lane", Alias(laneOf(job.Lane)))
	case b.shared && job.Tries < otherTries && notOurs(err):
		// During an update or a rotation of keys another serve may be ahead of this one.
		outcome, again = "failed", backoff(job.Tries)
		b.log.Warn("a job is left to another serve", "kind", job.Kind, "city", job.City, "lane", Alias(laneOf(job.Lane)), "error", err)
	case notOurs(err):
		// Never given up: an operator may have forgotten a key or a city.
		outcome, again = "left alone", 10*time.Minute
		b.log.Error("a job is left alone for ten minutes", "kind", job.Kind, "city", job.City, "lane", Alias(laneOf(job.Lane)), "error", err)
	case errors.Is(err, errPanic) && job.Tries >= panicTries:
		outcome = "given up"
		b.meter.GivenUp.WithLabelValues(job.Kind).Inc()
		b.log.Error("a job was given up", "kind", job.Kind, "city", job.City, "lane", Alias(laneOf(job.Lane)), "error", err)
		_ = b.store.Commit(ctx, job.token, Change{Done: job.ID}) // else the lease runs out and it is tried again
	default:
		outcome, again = "failed", backoff(job.Tries)
		b.log.Error("a job failed and will be tried again", "kind", job.Kind, "city", job.City, "lane", Alias(laneOf(job.Lane)), "error", err)
	}
	if again > 0 {
		// When this fails too the lease runs out, and the job is taken again.
		_ = b.store.Retry(ctx, job.token, job.ID, b.Now().Add(again))
	}
	kind := job.Kind
	if !slices.Contains(Kinds, kind) {
		kind = "unknown" // a newer program put it
	}
	b.meter.Jobs.WithLabelValues(kind, outcome).Inc()
	if b.trace != nil {
		b.traced(job.Job, kind, outcome, start)
	}
	return next
}

// What a job may fail of that no repetition heals.
var (
	errUnknownKind = errors.New("a kind that this version does not know")
	errNoCity      = errors.New("the city is not configured")
	errPanic       = errors.New("panic")
)

// notOurs says whether a job is for somebody who knows more.
func notOurs(err error) bool {
	return errors.Is(err, ErrUnknownKey) || errors.Is(err, errUnknownKind) || errors.Is(err, errNoCity)
}

// otherTries is how often a job that this serve cannot do is left to others, for
// about three minutes in all.
const otherTries = 10

// panicTries is how often a job that panics is tried again: one message must not
// stop its lane for ever, nor the program.
const panicTries = 3

func (b *Bot) try(ctx context.Context, job *task) (next *task, err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value may hold words, the stack holds none.
			next, err = nil, fmt.Errorf("%w: %T at %s", errPanic, p, debug.Stack())
		}
	}()
	switch job.Kind {
	case kindThink:
		return b.think(ctx, job)
	case kindSay, kindLeave, kindCard, kindPost, kindWhisper, kindErase, kindAlarm, kindAsk, kindQuota, kindFile, kindPicture, kindSeek:
		return b.speak(ctx, job)
	}
	return nil, errUnknownKind
}

// storeTrouble logs an error of the store, once a minute however many workers
// see it.
func (b *Bot) storeTrouble(err error) {
	now, last := b.Now().Unix(), b.troubled.Load()
	if (now-last >= 60 || now < last) && b.troubled.CompareAndSwap(last, now) {
		b.log.Error("store does not give jobs", "error", err)
	}
}

// backoff grows 1, 2, 4 … 32 seconds.
func backoff(tries int) time.Duration {
	return time.Second << min(max(tries, 0), 5)
}

func (b *Bot) token() string { return randomID(rand.Reader) }

// laneOf cuts the lane's name off, leaving the conversation.
func laneOf(lane string) string {
	for i := len(lane) - 1; i >= 0; i-- {
		if lane[i] == '/' {
			return lane[:i]
		}
	}
	return lane
}

// keep is how long done IDs and facts are kept, which a store sweeps for all its
// cities at once: IDs as long as the shortest of them says, facts as the longest.
func (b *Bot) keep() Keep {
	k := Keep{Done: DefaultKeep.Done}
	for _, t := range b.towns {
		if done := t.City.Keep.Done; done > 0 {
			k.Done = min(k.Done, done)
		}
		k.Audit = max(k.Audit, cmp.Or(t.City.Keep.Audit, DefaultKeep.Audit))
	}
	return k
}

// sweeper removes what is past its time.
func (b *Bot) sweeper(ctx context.Context) {
	if err := b.noteRules(ctx); err != nil && ctx.Err() == nil {
		b.log.Error("the rules' fingerprint could not be written down", "error", err)
	}
	started := b.Now()
	for {
		if err := b.sweep(ctx, started); err != nil && ctx.Err() == nil {
			b.log.Error("the sweep failed", "error", err)
		}
		if err := b.PlanQuota(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("the look at LINE's monthly messages could not be planned", "error", err)
		}
		if err := b.PlanDrills(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("the weekly drill could not be planned", "error", err)
		}
		timer := time.NewTimer(sweepEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// sweep removes what is past its time. After a start, records wait until what came
// due while nobody ran has run: only a record knows which words its timer deletes
// in Slack. A job that nobody can do keeps them no longer than catchUp.
func (b *Bot) sweep(ctx context.Context, started time.Time) error {
	now, keep := b.Now(), b.keep()
	until := now
	if now.Sub(started) < catchUp {
		_, oldest, err := b.store.Waiting(ctx, now)
		if err != nil {
			return err
		}
		if !oldest.IsZero() {
			until = oldest
		}
	}
	_, err := b.store.Sweep(ctx, until, now.Add(-keep.Done), now.Add(-keep.Audit))
	return err
}
