package bot

import (
	"context"

	"tsunagu/handoff"
)

// newestWords is how many messages a companion card shows.
const newestWords = 8

// newest are the newest messages of a case, by both sides.
func (c *Conversation) newest(id string, n int) []string {
	var out []string
	for _, m := range c.Words {
		if m.Case != id || m.Faded {
			continue
		}
		text := m.Text
		switch {
		case m.Gone:
			text = handoff.TakenBack
		case m.Staff != "":
			text = "（職員から）" + text
		default: // nobody can pass for the other side
			text = "（住民から）" + text
		}
		out = append(out, text)
	}
	return out[max(0, len(out)-n):]
}

// rounded tells apart the messages of the cards that a case had.
func rounded(n int) string {
	if n == 0 {
		return ""
	}
	return "/" + itoa(n)
}

// companion draws the newest state of a case in a helper's channel.
func (s *speech) companion(ctx context.Context, k handoff.Case, c *Conversation) error {
	x, has := k.Copies[s.u.Copy]
	if !has || x.Round != s.u.Round || x.Spot.TS == "" && !s.u.New {
		return s.done(ctx, nil)
	}
	var words []string
	if c != nil {
		words = c.newest(k.ID, newestWords)
	}
	card := s.town.City.named(handoff.NewCompanion(k, s.u.Copy, words), k)
	key := cardBox(&k, x.Round)
	if s.drawn.same(key, card) && x.Spot.TS != "" {
		return s.done(ctx, nil)
	}
	box := handoff.Outbox{ID: key, Since: s.u.Since, Doubtful: s.doubtful()}
	spot, err := s.town.Desk.Card(ctx, x.Spot, card, box)
	if err != nil {
		var res *result
		if x.Spot.TS == "" {
			res = &result{What: resUncopied, Key: s.u.Copy, Since: s.u.Since}
		}
		return s.deskTrouble(ctx, err, res)
	}
	s.drawn.set(key, card)
	if x.Spot.TS == "" {
		return s.done(ctx, &result{What: resCopied, Key: s.u.Copy, Spot: spot, Round: x.Round, Seek: twins(spot, box)})
	}
	return s.done(ctx, nil)
}

// point draws what is left where a card stood.
func (s *speech) point(ctx context.Context, k handoff.Case, c *Conversation) error {
	p := s.u.Point
	texts := s.town.City.Texts
	text := texts.say(false, "desk.ended")
	switch {
	case p.Twin:
		text = texts.say(false, "desk.twin")
	case p.To != "":
		text = texts.say(false, "desk.pointer", "to", s.town.City.placeName(p.To))
	}
	if _, err := s.town.Desk.Card(ctx, p.Spot, handoff.NewPointer(k, text), handoff.Outbox{ID: k.ID, Since: s.u.Since}); err != nil {
		return s.deskTrouble(ctx, err, &result{What: resUnpoint, Point: p, Since: s.u.Since})
	}
	return s.done(ctx, nil)
}

// copied notes where a companion stands.
func (t *turn) copied(r result) {
	if t.k == nil { // forgotten meanwhile
		t.erase = append(t.erase, r.Spot)
		return
	}
	t.lookTwice(r.Seek)
	x, has := t.k.Copies[r.Key]
	if !has || x.Round != r.Round {
		t.leaveBehind(handoff.Pointer{Spot: r.Spot})
		return
	}
	if x.Spot.TS != "" && x.Spot != r.Spot { // a click on another one was faster
		t.leaveBehind(handoff.Pointer{Spot: r.Spot, Twin: true})
		return
	}
	t.setCopy(r.Key, r.Spot)
	t.kDirty, t.card = true, true
}

func (t *turn) setCopy(field string, at handoff.Spot) {
	n := map[string]handoff.Companion{}
	for f, x := range t.k.Copies {
		if f == field {
			x.Spot = at
		}
		n[f] = x
	}
	t.k.Copies = n
}

// copyAgain posts a companion that could not be posted.
func (t *turn) copyAgain(field string) {
	if t.k == nil {
		return
	}
	if x, has := t.k.Copies[field]; has && x.Spot.TS == "" {
		t.copies, t.card, t.cardAgain = append(t.copies, field), true, t.k.Card.TS == ""
	}
}
