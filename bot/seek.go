package bot

import (
	"context"
	"slices"
	"time"

	"tsunagu/handoff"
)

// What stands in Slack without anybody knowing, because the call that posted it was
// never answered, is looked for: words in a thread that the case has left, a second card
// beside the one in use, and, when all is to go, whatever the case may have anywhere.

// twinPause is how long after a doubtful posting a second card is looked for: what
// Slack took in late, no look before the posting can find.
const twinPause = 2 * time.Minute

// strayPause is how long after a case went on, or was forgotten, it is looked for what
// may stand where it was: a job that is under way has ended by then, and what it posted
// is known.
const strayPause = jobTime + time.Second

// boxOf names a post of a case's present thread.
func boxOf(k handoff.Case, key string) string { return k.ID + rounded(k.Round) + "/" + key }

// stray has a message looked for in the thread that the case had before this turn,
// when nobody knows whether it came to stand there: it is to stand there no more.
func (t *turn) stray(m *Message) {
	k := t.was
	if m.Case != k.ID || k.Card.TS == "" || !t.unanswered(m) {
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

// unanswered says whether nobody knows if a message came to stand in its thread.
func (t *turn) unanswered(m *Message) bool {
	onCard := m.Case == t.was.ID && slices.Contains(t.was.Sheet.Words, m.ID)
	return m.Case != "" && m.Spot.TS == "" && !onCard
}

// under lists the looks below all cards of a case that goes: whatever of ours stands in
// a card's thread is about this case.
func under(k *handoff.Case) (looks []handoff.Search) {
	for _, at := range cardsOf(k) {
		looks = append(looks, handoff.Search{At: handoff.Spot{Channel: at.Channel, Thread: at.TS}})
	}
	return looks
}

// cardBox names a card of a case.
func cardBox(k *handoff.Case, round int) string { return k.ID + rounded(round) }

// unplaced lists the looks for a case's cards of which nobody knows where they stand,
// but those that are still wanted: their jobs look for them.
func unplaced(k *handoff.Case, wanted ...string) (looks []handoff.Search) {
	look := func(at handoff.Spot, field string, round int, since time.Time) {
		if box := cardBox(k, round); at.TS == "" && !slices.Contains(wanted, box) {
			looks = append(looks, handoff.Search{Field: field, Boxes: []string{box}, Since: since})
		}
	}
	look(k.Card, k.Field, k.Round, k.Since())
	for field, x := range k.Copies {
		look(x.Spot, field, x.Round, k.Opened)
	}
	return looks
}

// cardBoxes name the cards that a case has.
func cardBoxes(k *handoff.Case) []string {
	boxes := []string{cardBox(k, k.Round)}
	for _, x := range k.Copies {
		boxes = append(boxes, cardBox(k, x.Round))
	}
	return boxes
}

// seek looks, and lets a think job decide about what is found.
func (s *speech) seek(ctx context.Context) error {
	x := *s.u.Seek
	found, next, err := s.town.Desk.Find(ctx, x)
	switch {
	case err != nil:
		return s.deskTrouble(ctx, err, &result{What: resUnsought, Seek: &x, Since: s.u.Since})
	case len(found) == 0 && next == "":
		return s.done(ctx, nil)
	}
	x.Next = next
	return s.done(ctx, &result{What: resSought, Seek: &x, Spots: found, Since: s.u.Since})
}

// sought takes found words away, and makes a card a line that is not the one in use;
// then the look goes on. It was for a card whose place is known by now, or that the case
// does not need any more.
func (t *turn) sought(r result) {
	for _, at := range r.Spots {
		switch {
		case r.Seek.At.Thread != "" || t.k == nil:
			t.erase = append(t.erase, at)
		case !t.k.Knows(at):
			t.leaveBehind(handoff.Pointer{Spot: at, Twin: r.Seek.At.Channel != ""})
		}
	}
	if r.Seek.Next != "" {
		t.seeks, t.eraseSince = append(t.seeks, *r.Seek), r.Since
	}
}

// unsought looks again later, from the beginning, for a day.
func (t *turn) unsought(r result) {
	since := t.now.Sub(r.Since)
	if since > giveUpLine {
		t.fact("unsought")
		return
	}
	x := *r.Seek
	x.Next = ""
	t.seekLater(x, again(since), r.Since)
}

// seekLater plans a look; since is when the first one was due, zero = then.
func (t *turn) seekLater(x handoff.Search, pause time.Duration, since time.Time) {
	due := t.now.Add(pause)
	t.timers = append(t.timers, timer{Kind: timerSeek, Due: due, Seek: &x, Since: orTime(since, due)})
}

// twins is the look for a second card, when an earlier attempt may have made one.
func twins(at handoff.Spot, box handoff.Outbox) *handoff.Search {
	if !box.Doubtful {
		return nil
	}
	return &handoff.Search{At: handoff.Spot{Channel: at.Channel}, Boxes: []string{box.ID}, Since: box.Since}
}

// lookTwice plans that look.
func (t *turn) lookTwice(x *handoff.Search) {
	if x != nil {
		t.seekLater(*x, twinPause, time.Time{})
	}
}
