package bot

import (
	"context"
	"slices"
	"time"

	"tsunagu/handoff"
)

// seek is a look for what stands in Slack without anybody knowing, because the call
// that posted it was never answered: words in a thread that the case has left, or a
// second card beside the one in use.
type seek struct {
	At    handoff.Spot // the thread, or the channel of the cards
	Boxes []string
	Since time.Time // when the oldest of them was put
}

// twinPause is how long after a doubtful posting a second card is looked for: what
// Slack took in late, no look before the posting can find.
const twinPause = 2 * time.Minute

// strayPause is how long after a case went on its words are looked for where it was:
// a call that is under way has ended by then, and what it posted is known.
const strayPause = 10 * time.Second

// boxOf names a post of a case's present thread.
func boxOf(k handoff.Case, key string) string { return k.ID + rounded(k.Round) + "/" + key }

// stray has a message looked for in the thread that the case had before this turn,
// when nobody knows whether it came to stand there: it is to stand there no more.
func (t *turn) stray(m *Message) {
	k := t.was
	if m.Spot.TS != "" || m.Case != k.ID || k.Card.TS == "" || slices.Contains(k.Sheet.Words, m.ID) {
		return
	}
	key := t.copyOf(m).Key
	if m.Post != "" {
		key = "words/" + m.Post
	}
	x := &t.strays
	x.At = handoff.Spot{Channel: k.Card.Channel, Thread: k.Card.TS}
	if len(x.Boxes) == 0 || m.At.Before(x.Since) {
		x.Since = m.At
	}
	if box := boxOf(k, key); !slices.Contains(x.Boxes, box) {
		x.Boxes = append(x.Boxes, box)
	}
}

// seek looks, and lets a think job decide about what is found.
func (s *speech) seek(ctx context.Context) error {
	x := s.u.Seek
	found, err := s.town.Desk.Find(ctx, x.At, x.Boxes, x.Since)
	switch {
	case err != nil:
		return s.deskTrouble(ctx, err, &result{What: resUnsought, Seek: x, Since: s.u.Since})
	case len(found) == 0:
		return s.done(ctx, nil)
	}
	return s.done(ctx, &result{What: resSought, Seek: x, Spots: found})
}

// sought takes found words away, and makes a second card a line.
func (t *turn) sought(r result) {
	for _, at := range r.Spots {
		switch {
		case r.Seek.At.Thread != "" || t.k == nil:
			t.erase = append(t.erase, at)
		case t.k.Twin(at):
			t.leaveBehind(handoff.Pointer{Spot: at, Twin: true})
		}
	}
}

// unsought looks again later, for a day.
func (t *turn) unsought(r result) {
	since := t.now.Sub(r.Since)
	if since > giveUpLine {
		t.fact("unsought")
		return
	}
	t.timers = append(t.timers, timer{Kind: timerSeek, Due: t.now.Add(again(since)), Seek: r.Seek, Since: r.Since})
}

// twins is the look for a second card, when an earlier attempt may have made one.
func twins(at handoff.Spot, box handoff.Outbox) *seek {
	if !box.Doubtful {
		return nil
	}
	return &seek{At: handoff.Spot{Channel: at.Channel}, Boxes: []string{box.ID}, Since: box.Since}
}

// lookTwice plans that look.
func (t *turn) lookTwice(x *seek) {
	if x != nil {
		t.timers = append(t.timers, timer{Kind: timerSeek, Due: t.now.Add(twinPause), Seek: x, Since: t.now.Add(twinPause)})
	}
}
