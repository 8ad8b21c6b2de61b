package handoff

import (
	"slices"
	"time"
)

// Patience is how long things may wait before somebody is reminded, in the
// office's own time; zero = nobody is.
type Patience struct {
	// Unclaimed, Mention and General count since nobody holds the case: a line in
	// its thread, a call for the duty group, a line in the general channel.
	Unclaimed, Mention, General time.Duration
	// Stale is how long an owner may leave an owed answer until asked; AnswerBack
	// is how long until an owner who was asked and is silent loses the case.
	Stale, AnswerBack time.Duration
	// Promise is within how much time an answer was promised.
	Promise time.Duration
}

// Step is what a reminder does.
type Step string

// The steps. Closed set.
const (
	StepUnclaimed Step = "unclaimed"
	StepMention   Step = "mention"
	StepGeneral   Step = "general"
	StepStale     Step = "stale"  // the owner is asked
	StepBack      Step = "back"   // the case goes back to the queue
	StepAlarm     Step = "alarm"  // a promise is about to be broken
	StepBroken    Step = "broken" // a promise was broken
)

// Watch is the reminder that is due next: N numbers it, so that an older one does
// nothing. A case has one at a time.
type Watch struct {
	N    int       `json:",omitempty"`
	Step Step      `json:",omitempty"`
	Due  time.Time `json:",omitzero"`
}

// Next is the reminder that is due next, "" for none. add is from and d later in
// the office's time.
func (c Case) Next(p Patience, add func(from time.Time, d time.Duration) time.Time) (next Step, due time.Time) {
	if c.State == Closed {
		return "", time.Time{}
	}
	offer := func(s Step, at time.Time) {
		if !at.IsZero() && (next == "" || at.Before(due)) {
			next, due = s, at
		}
	}
	// At the same moment what concerns the resident goes first.
	if !c.Promised.IsZero() && !c.Owed.IsZero() && !c.Blocked {
		if at := add(c.Owed, p.Promise*3/4); c.Alarm == 0 && p.Promise > 0 && at.Before(c.Promised) {
			offer(StepAlarm, at)
		}
		if c.Alarm < 2 {
			offer(StepBroken, c.Promised)
		}
	}
	switch c.State {
	case Open:
		rungs := []struct {
			s Step
			d time.Duration
		}{{StepUnclaimed, p.Unclaimed}, {StepMention, p.Mention}, {StepGeneral, p.General}}
		for i, r := range rungs {
			if i >= c.Rung && r.d > 0 {
				offer(r.s, add(c.Since(), r.d))
				break
			}
		}
	case Claimed:
		switch {
		case !c.Asked.IsZero():
			if p.AnswerBack > 0 {
				offer(StepBack, add(c.Asked, p.AnswerBack))
			}
		case !c.Owed.IsZero() && p.Stale > 0 && !c.Blocked:
			offer(StepStale, add(latest(c.Owed, c.Claimed, c.Kept), p.Stale))
		}
	}
	return next, due
}

// Since is since when the case stands where it stands, or waits for somebody.
func (c Case) Since() time.Time {
	if c.Queued.IsZero() {
		return c.Opened
	}
	return c.Queued
}

func latest(all ...time.Time) time.Time { return slices.MaxFunc(all, time.Time.Compare) }

// After is the case after a reminder. Only StepBack changes who holds it.
func (c Case) After(s Step, now time.Time) Case {
	switch s {
	case StepUnclaimed:
		c.Rung = 1
	case StepMention:
		c.Rung = 2
	case StepGeneral:
		c.Rung = 3
	case StepStale:
		c.Asked = now
	case StepBack:
		c = c.queued(now)
	case StepAlarm:
		c.Alarm = 1
	case StepBroken:
		c.Alarm, c.Regretted = 2, true
	}
	c.History = slices.Clone(c.History)
	if s == StepBack {
		c.note(Event{At: now, What: string(StepBack)})
	}
	return c
}
