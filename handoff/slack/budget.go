package slack

import (
	"context"
	"slices"
	"sync"
	"time"

	"tsunagu/handoff"
)

// rank orders what waits for one channel: smaller goes first.
type rank int

const (
	rankCard  rank = iota // a new card
	rankClaim             // a card that changed, a call for help
	rankWords             // words and marks
)

// pace is how often a method may be called: burst at once, then one each gap.
type pace struct {
	gap   time.Duration
	burst int
}

// paces are Slack's limits, from below (facts of 2026-11): chat.postMessage one a
// second and channel, tier 3 fifty a minute, tier 4 a hundred.
var paces = map[string]pace{
	"chat.postMessage":      {time.Second, 1},
	"chat.update":           {1200 * time.Millisecond, 10},
	"chat.delete":           {1200 * time.Millisecond, 10},
	"conversations.history": {1200 * time.Millisecond, 10},
	"conversations.replies": {1200 * time.Millisecond, 10},
	"chat.postEphemeral":    {600 * time.Millisecond, 20},
	"views.publish":         {600 * time.Millisecond, 20},

	"files.getUploadURLExternal":   {600 * time.Millisecond, 20},
	"files.completeUploadExternal": {600 * time.Millisecond, 20},
	"files.delete":                 {1200 * time.Millisecond, 10},
	"files.info":                   {600 * time.Millisecond, 20},
}

// reserve is what a call needs after its wait.
const reserve = 3 * time.Second

// budget lets calls pass no faster than their pace. It goes by the machine's clock.
type budget struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

// lane is the calls of one method, or of one method to one channel.
type lane struct {
	pace
	tat     time.Time // when the burst would be whole again
	until   time.Time // Slack put it off until then
	waiting []*ticket // in the order they go
	timer   *time.Timer
}

type ticket struct {
	rank rank
	pass chan struct{}
}

func newBudget() *budget { return &budget{lanes: map[string]*lane{}} }

// take waits for a turn, at most until ctx leaves no time for the call itself.
// Then, or when that is clear at once, the *handoff.DeskError says how long.
func (b *budget) take(ctx context.Context, key string, p pace, r rank) error {
	b.mu.Lock()
	now := time.Now()
	l := b.lane(key, p, now)
	if len(l.waiting) == 0 && l.wait(now) <= 0 {
		l.pass(now)
		b.mu.Unlock()
		return nil
	}
	patience := callTime - reserve
	if end, has := ctx.Deadline(); has {
		patience = end.Sub(now) - reserve
	}
	place := len(l.waiting)
	for place > 0 && l.waiting[place-1].rank > r {
		place--
	}
	if wait := l.wait(now) + time.Duration(place)*l.gap; wait > patience {
		b.mu.Unlock()
		return &handoff.DeskError{Reason: "budget", After: wait}
	}
	t := &ticket{rank: r, pass: make(chan struct{})}
	l.waiting = slices.Insert(l.waiting, place, t)
	b.arm(l, now)
	b.mu.Unlock()

	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.pass:
		return nil
	case <-ctx.Done():
	case <-timer.C:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := slices.Index(l.waiting, t)
	if at < 0 {
		return nil // its turn came in the same moment
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	return &handoff.DeskError{Reason: "budget", After: max(time.Second, l.wait(time.Now())+time.Duration(at)*l.gap)}
}

// off puts a lane off, as Slack asked.
func (b *budget) off(key string, p pace, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	l := b.lane(key, p, now)
	if until := now.Add(d + time.Duration(l.burst-1)*l.gap); until.After(l.tat) {
		l.tat = until
	}
	if until := now.Add(d); until.After(l.until) {
		l.until = until
	}
}

// rest is how long the lane that Slack put off furthest still waits.
func (b *budget) rest() (longest time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, l := range b.lanes {
		longest = max(longest, l.until.Sub(now))
	}
	return longest
}

// lane is the lane of a key; the lock is held. There are as many as methods and
// channels, which are few.
func (b *budget) lane(key string, p pace, now time.Time) *lane {
	l := b.lanes[key]
	if l == nil {
		l = &lane{pace: p, tat: now}
		b.lanes[key] = l
	}
	return l
}

// wait is how long until the lane is free.
func (l *lane) wait(now time.Time) time.Duration {
	return max(0, l.tat.Sub(now)-time.Duration(l.burst-1)*l.gap)
}

func (l *lane) pass(now time.Time) {
	if l.tat.Before(now) {
		l.tat = now
	}
	l.tat = l.tat.Add(l.gap)
}

// arm wakes the lane when it is free; the lock is held.
func (b *budget) arm(l *lane, now time.Time) {
	if l.timer != nil || len(l.waiting) == 0 {
		return
	}
	l.timer = time.AfterFunc(l.wait(now), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		l.timer = nil
		now := time.Now()
		for len(l.waiting) > 0 && l.wait(now) <= 0 {
			l.pass(now)
			close(l.waiting[0].pass)
			l.waiting = slices.Delete(l.waiting, 0, 1)
		}
		b.arm(l, now)
	})
}
