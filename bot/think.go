package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"tsunagu/handoff"
)

// think lets one thought change its conversation and case, and commits all that
// follows from it at once.
func (b *Bot) think(ctx context.Context, job *task) (next *task, err error) {
	th := job.thought
	if th == nil {
		th = &thought{}
		if err := b.keys.open(job.ID, job.Body, th); err != nil {
			return nil, err
		}
	}
	town, ok := b.towns[job.City]
	if !ok {
		return nil, errNoCity
	}
	if th.Event != nil && th.Event.Kind == Join {
		return b.leave(ctx, job, th.Event)
	}
	if th.Deed != nil {
		return b.write(ctx, town.City, job, *th.Deed)
	}
	if th.Drill != nil {
		return b.drill(ctx, town.City, job, th.Drill)
	}
	if th.Quota != nil {
		return b.quota(ctx, town.City, job, th.Quota)
	}
	for range 5 {
		c, k, expires, err := b.load(ctx, job.City, *th, job.hold)
		if err != nil {
			return nil, err
		}
		lost := th.Event == nil && c.User == ""
		t := &turn{city: town.City, second: town.Second != nil, now: b.Now(), draw: b.draw, c: c, lost: lost, gone: lost, expires: expires, about: th.Case,
			sends: b.sendsPictures(town.City), hung: c.hung()}
		if k != nil {
			t.k, t.was = k, *k
		}
		t.think(*th)
		change, first, err := b.change(job.Job, t)
		if err != nil {
			return nil, err
		}
		next, err = b.commit(ctx, job, change)
		if errors.Is(err, ErrConflict) {
			continue // a 受付番号 is taken: draw again
		}
		if err == nil {
			b.count(town.City.ID, *th, t)
			if !t.gone {
				m := &memory{Record: &change.Records[0]}
				if next != nil && next.Kind == kindSay {
					m.said = make(chan struct{}, 1)
					next.said = m.said
				}
				b.recent.keep(m)
			}
		}
		if next != nil {
			next.utterance = first
			if !t.gone {
				next.about = t.c
			}
		}
		return next, err
	}
	return nil, errors.New("no free 受付番号")
}

// commit commits a change. What its first new job says is the next task, when
// the same hands go on and the job is theirs.
func (b *Bot) commit(ctx context.Context, job *task, change Change) (next *task, err error) {
	change.Fresh = job.fresh
	waiting := len(change.Put)
	if job.goes && waiting > 0 && !change.Put[0].Due.After(change.Put[0].Made) {
		change.Put[0].Hold = b.hold()
	}
	if err := b.store.Commit(ctx, job.token, change); err != nil {
		return nil, err
	}
	if waiting > 0 && change.Put[0].Hold != nil && change.Put[0].Hold.Got {
		next = &task{Job: &change.Put[0], token: change.Put[0].Hold.Token, goes: true}
		waiting--
	}
	b.nudge(waiting)
	return next, nil
}

// think routes a thought.
func (t *turn) think(th thought) {
	switch {
	case th.Event != nil:
		t.resident(*th.Event)
		t.finish()
	case th.Action != nil:
		t.staff(*th.Action)
	case th.Timer != nil:
		t.timer(*th.Timer)
	case th.Result != nil:
		t.result(*th.Result)
	case th.Forget:
		t.forget(th.OnItsWay)
	}
	if t.k != nil && t.k.State == handoff.Closed && t.was.State != handoff.Closed {
		t.takeDown()
	}
	if t.k != nil && t.kDirty && !t.kGone {
		t.places()
		t.watch()
	}
}

// load reads the conversation and the case that a thought is about, and when the
// conversation is to go. A new conversation counts its steps from the time of
// day, so that no button of an earlier one fits.
func (b *Bot) load(ctx context.Context, city string, th thought, h *Hold) (*Conversation, *handoff.Case, time.Time, error) {
	var never time.Time
	c := &Conversation{ID: th.Conv, City: city, Step: int(b.Now().Unix())}
	r, err := b.kept(ctx, th.Conv, h)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return nil, nil, never, err
	default:
		if err := b.keys.open(th.Conv, r.Body, c); err != nil {
			return nil, nil, never, err
		}
	}
	if th.Event != nil {
		c.User = th.Event.User
	}
	id := th.Case
	if id == "" {
		id = c.Case
	}
	if id == "" {
		return c, nil, r.Expires, nil
	}
	k, err := b.Case(ctx, city, id)
	if errors.Is(err, ErrNotFound) {
		return c, nil, r.Expires, nil
	}
	return c, &k, r.Expires, err
}

// kept is the conversation's record: that which came with the job, else as it is
// stored. Only who holds the lane changes it, so that it is the same.
func (b *Bot) kept(ctx context.Context, id string, h *Hold) (Record, error) {
	switch {
	case h == nil:
		return b.store.Load(ctx, id)
	case h.Record == nil:
		return Record{}, ErrNotFound
	}
	return *h.Record, nil
}

// givenUp are the facts of what was given up for good, by kind of job.
var givenUp = map[string]string{"unposted": kindPost, "unsaid": kindSay, "unerased": kindErase, "unsought": kindSeek, "unfiled": kindFile, "unfetched": kindPicture}

// count tells the meter what a committed turn did.
func (b *Bot) count(city string, th thought, t *turn) {
	for _, f := range t.facts {
		if kind, ok := strings.CutPrefix(f, "crisis|"); ok {
			b.meter.Crisis.WithLabelValues(kind).Inc()
		}
		if kind, ok := givenUp[f]; ok {
			b.meter.GivenUp.WithLabelValues(kind).Inc()
		}
	}
	if th.Action != nil && th.Action.Kind == handoff.Claim {
		outcome := "won"
		if len(t.whispers) > 0 {
			outcome = "lost"
		}
		b.meter.Claims.WithLabelValues(outcome).Inc()
	}
	switch r := th.Result; {
	case r != nil && r.What == resCarded:
		b.meter.Cards.WithLabelValues(city).Inc()
		if t.k != nil && r.Round == 0 {
			b.meter.Delay.WithLabelValues("card").Observe(t.now.Sub(t.k.Opened).Seconds())
		}
	case r != nil && r.What == resPosted:
		for _, id := range r.Sent {
			if m := t.c.find(id); m != nil && m.Staff == "" {
				b.meter.Delay.WithLabelValues("words").Observe(m.Lag.Seconds())
			}
		}
	}
}

// leave hands a group's event to the line lane: leave it, process nothing.
func (b *Bot) leave(ctx context.Context, job *task, e *Event) (*task, error) {
	id := job.ID + "/1"
	now := b.Now()
	body, err := b.keys.seal(id, utterance{Room: e.Room, Group: e.Group, Since: now})
	if err != nil {
		return nil, err
	}
	return b.commit(ctx, job, Change{Done: job.ID, Put: []Job{{ID: id, City: job.City, Lane: job.City + "/leave/line", Kind: kindLeave, Due: now, Made: now, Body: body}}})
}
