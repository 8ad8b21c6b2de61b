package bot

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tsunagu/handoff"
)

// owed is a job that follows from a turn, before it has an ID.
type owed struct {
	lane, kind string // lane within the conversation
	due        time.Time
	body       any // utterance or thought
}

// change collects what a turn left behind; first is what the first new job says,
// nil when it does not speak.
func (b *Bot) change(job *Job, t *turn) (ch Change, first *utterance, err error) {
	ch.Done = job.ID
	for _, f := range t.facts {
		ch.Facts = append(ch.Facts, Fact{City: job.City, Day: dayOf(f, t.now), Name: f, N: 1})
	}
	if err := b.records(&ch, job, t); err != nil {
		return ch, nil, err
	}
	for i, o := range t.owes() {
		id := fmt.Sprintf("%s/%d", job.ID, i+1)
		sealed, err := b.keys.seal(id, o.body)
		if err != nil {
			return ch, nil, err
		}
		if u, speaks := o.body.(utterance); speaks && i == 0 {
			first = &u
		}
		ch.Put = append(ch.Put, Job{ID: id, City: job.City, Lane: t.c.ID + o.lane, Kind: o.kind, Due: o.due, Made: t.now, Body: sealed})
	}
	return ch, first, nil
}

// owes lists the jobs that follow from a turn: the answer first, as it goes on in
// the same hands.
func (t *turn) owes() (all []owed) {
	caseID := t.about // also when it is gone
	if t.k != nil {
		caseID = t.k.ID
	}
	speak := func(lane, kind string, u utterance) {
		u.Conv, u.Case = t.c.ID, orElse(u.Case, caseID)
		all = append(all, owed{lane, kind, t.now, u})
	}
	for i := range t.speeches {
		speak(laneLine, kindSay, utterance{Say: &t.speeches[i], Since: t.speeches[i].Made})
	}
	t.owesCards(speak)
	for i := range t.erase {
		speak(laneThread, kindErase, utterance{Erase: &t.erase[i], Since: orTime(t.eraseSince, t.now)})
	}
	for i := range t.seeks { // finds what is left then
		speak(laneThread, kindSeek, utterance{Seek: &t.seeks[i], Since: orTime(t.eraseSince, t.now)})
	}
	for i := range t.posts {
		p := &t.posts[i]
		speak(laneThread, kindPost, utterance{Case: p.Post.Case, Post: p, Again: p.Again, Since: orTime(p.Since, t.now)})
	}
	for _, f := range t.files {
		if m := t.c.find(f.id); m != nil && t.k != nil {
			speak(laneFile, kindFile, utterance{File: f.id, Round: t.k.Round, Again: f.again, Since: m.waited()})
		}
	}
	for _, id := range t.fetches {
		if m := t.c.find(id); m != nil {
			speak(lanePicture, kindPicture, utterance{File: id, Since: m.At})
		}
	}
	for i := range t.whispers {
		speak(laneWhisper, kindWhisper, utterance{Whisper: &t.whispers[i], Since: t.now})
	}
	if t.inquiry != nil {
		speak(laneLLM, kindAsk, utterance{Inquiry: t.inquiry, Since: t.now})
	}
	if len(t.strays.Boxes) > 0 {
		t.seekLater(t.strays, strayPause, t.now)
	}
	for i := range t.timers {
		all = append(all, owed{laneThink, kindThink, t.timers[i].Due, thought{Conv: t.c.ID, Case: caseID, Timer: &t.timers[i]}})
	}
	for _, id := range t.forgets {
		all = append(all, owed{laneThink, kindThink, t.now, thought{Conv: t.c.ID, Case: id, Forget: true, OnItsWay: t.onWay}})
	}
	return all
}

// owesCards lists the drawings: the case's card, its companions, and the pointers
// where cards stood.
func (t *turn) owesCards(speak func(lane, kind string, u utterance)) {
	if t.card && t.k != nil {
		speak(laneCard, kindCard, utterance{Round: t.k.Round, New: t.kNew || t.cardAgain, Again: t.cardAgain, Since: t.k.Since()})
		for _, field := range slices.Sorted(maps.Keys(t.k.Copies)) {
			x := t.k.Copies[field]
			fresh := slices.Contains(t.copies, field)
			if fresh || x.Spot.TS != "" {
				speak(laneCopy, kindCard, utterance{Copy: field, Round: x.Round, New: fresh, Again: t.cardAgain, Since: t.now})
			}
		}
	}
	for i := range t.points {
		lane := laneCard
		if t.points[i].To == "" {
			lane = laneCopy
		}
		speak(lane, kindCard, utterance{Point: &t.points[i], Since: orTime(t.eraseSince, t.now)})
	}
}

// records adds what is kept of a turn, or goes with it: conversation, case, audit
// trail and pictures.
func (b *Bot) records(ch *Change, job *Job, t *turn) error {
	var errs []error
	keep := func(r Record, err error) {
		ch.Records, errs = append(ch.Records, r), append(errs, err)
	}
	if t.gone {
		ch.Gone = append(ch.Gone, t.c.ID)
	} else {
		keep(b.conversationRecord(t))
	}
	if t.k != nil && t.kGone {
		ch.Gone = append(ch.Gone, t.k.ID)
	} else if t.k != nil && t.kDirty {
		keep(b.caseRecord(t))
	}
	deeds, err := b.auditRecords(job, t)
	ch.Records = append(ch.Records, deeds...)
	b.hang(ch, t)
	return errors.Join(append(errs, err)...)
}

func (b *Bot) conversationRecord(t *turn) (Record, error) {
	keep := t.city.Keep
	r := Record{ID: t.c.ID, City: t.city.ID, Touched: t.now}
	switch {
	case t.c.Blocked:
		r.Expires = t.c.Seen.Add(keep.Emergency + expireSlack)
	case t.about != "" && t.c.Case != "" && t.c.Case != t.about:
		r.Expires = t.expires // a turn about an earlier case
	case t.openCase():
	case t.k != nil:
		r.Expires = t.k.Closed.Add(keep.Closed + expireSlack)
		if idle := t.c.Seen.Add(keep.Idle); idle.After(r.Expires) {
			r.Expires = idle
		}
	default:
		r.Expires = t.c.Seen.Add(keep.Idle)
	}
	body, err := b.keys.seal(r.ID, t.c)
	r.Body = body
	return r, err
}

func (b *Bot) caseRecord(t *turn) (Record, error) {
	k := t.k
	r := Record{ID: k.ID, City: k.City, State: string(k.State), Field: k.Field, Owner: k.Owner, Due: k.Promised, Version: k.Version,
		Touched: t.now, Keys: []string{"receipt/" + k.Receipt}}
	if k.Card.TS != "" {
		r.Keys = append(r.Keys, "thread/"+k.Card.Channel+"/"+k.Card.TS)
	}
	for _, x := range k.Copies {
		if x.Spot.TS != "" {
			r.Keys = append(r.Keys, "thread/"+x.Spot.Channel+"/"+x.Spot.TS)
		}
	}
	for _, p := range k.Left { // what was sent from that thread can still be edited there
		if !p.Notice {
			r.Keys = append(r.Keys, "left/"+p.Channel+"/"+p.TS)
		}
	}
	if k.State == handoff.Closed {
		// The expire timer takes Slack's copies along; this is the net below it.
		r.Expires = k.Closed.Add(t.city.Keep.Closed + expireSlack)
	}
	body, err := b.keys.seal(r.ID, k)
	r.Body = body
	return r, err
}

func orTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
