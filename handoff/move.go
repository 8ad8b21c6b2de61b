package handoff

import (
	"maps"
	"slices"
	"time"
)

// Coordinator is the place of 多機関協働 among the fields.
const Coordinator = "coordinator"

// copiesMax bounds a case's companions, leftMax its pointers.
const (
	copiesMax = 5
	leftMax   = 20
)

// queued is the case waiting for somebody, since now.
func (c Case) queued(now time.Time) Case {
	c.State, c.Owner, c.OwnerName = Open, "", ""
	c.Queued, c.Rung, c.Kept, c.Asked = now, 0, time.Time{}, time.Time{}
	c.Version++
	return c
}

// moved is the case in another field's channel, waiting there. Its card is yet
// to be posted; where it stood stays a pointer.
func (c Case) moved(field string, now time.Time) Case {
	c = c.queued(now)
	c = c.Leave(Pointer{Spot: c.Card, To: field})
	if x, has := c.Copies[field]; has {
		c = c.Leave(Pointer{Spot: x.Spot, To: field})
		c = c.without(field)
	}
	c.Card, c.Field, c.Pass = Spot{}, field, nil
	c.Moves++
	c.Round = c.Moves
	return c
}

// joined is the case with a companion in another field's channel, yet to be
// posted.
func (c Case) joined(field, why string) Case {
	c.Copies = maps.Clone(c.Copies)
	if c.Copies == nil {
		c.Copies = map[string]Companion{}
	}
	c.Moves++
	c.Copies[field] = Companion{Why: why, Round: c.Moves}
	c.Pass = nil
	return c
}

// alone is the case without companions; where they stood stay pointers.
func (c Case) alone() Case {
	for _, field := range slices.Sorted(maps.Keys(c.Copies)) {
		c = c.Leave(Pointer{Spot: c.Copies[field].Spot})
		c = c.without(field)
	}
	c.Helpers = nil
	return c
}

func (c Case) without(field string) Case {
	helper := c.Copies[field].Helper
	c.Copies = maps.Clone(c.Copies)
	delete(c.Copies, field)
	c.Helpers = slices.DeleteFunc(slices.Clone(c.Helpers), func(h string) bool { return h == helper })
	return c
}

// Leave is the case with a place that it has left.
func (c Case) Leave(p Pointer) Case {
	if p.TS != "" {
		c.Left = append(slices.Clone(c.Left), p)
	}
	return c
}

// Forgotten cuts the pointers to their bound and returns those that went.
func (c *Case) Forgotten() (gone []Pointer) {
	if n := len(c.Left) - leftMax; n > 0 {
		gone, c.Left = c.Left[:n], slices.Clone(c.Left[n:])
	}
	return gone
}

// CompanionAt is the field whose companion card stands there, or whose thread it
// is in; "" when none does.
func (c Case) CompanionAt(at Spot) string {
	root := at.TS
	if at.Thread != "" {
		root = at.Thread
	}
	for field, x := range c.Copies {
		if root != "" && x.Spot.TS == root && x.Spot.Channel == at.Channel {
			return field
		}
	}
	return ""
}

// HelpsIn is the field for which somebody helps with the case, the first by name of
// several; "" when they hold it or do not help.
func (c Case) HelpsIn(user string) string {
	for _, field := range slices.Sorted(maps.Keys(c.Copies)) {
		if user != "" && c.Copies[field].Helper == user && c.Owner != user {
			return field
		}
	}
	return ""
}

// LeftBehind says whether a card stood there that is only a pointer now.
func (c Case) LeftBehind(at Spot) bool {
	return slices.ContainsFunc(c.Left, func(p Pointer) bool { return p.TS == at.TS && p.Channel == at.Channel })
}

// Twin says whether a card of the case that somebody clicked on is one that nobody
// knows of: its posting was never answered, so that it was posted again. While a place
// is still to be learnt, that may be it.
func (c Case) Twin(at Spot) bool {
	for _, x := range c.Copies {
		if x.Spot.TS == "" {
			return false
		}
	}
	return at.TS != "" && at.Thread == "" && c.Card.TS != "" && !c.Knows(at)
}

// Knows says whether the card that stands there is the case's, a companion, or one that
// was left. A channel may come to have another ID, a card does not.
func (c Case) Knows(at Spot) bool {
	for _, x := range c.Copies {
		if x.Spot.TS == at.TS {
			return true
		}
	}
	return c.Card.TS == at.TS || c.LeftBehind(at)
}

func (c Case) has(field string) bool {
	_, has := c.Copies[field]
	return has
}

// helped is a claim or release on a companion: it makes a helper, never an owner.
func (c Case) helped(field string, a Action, now time.Time) (Case, error) {
	x := c.Copies[field]
	switch {
	case a.Kind == Release && x.Helper != a.By:
		return c, refuse("応援に入っていません。")
	case a.Kind == Claim && x.Helper == a.By, a.Kind == Claim && slices.Contains(c.Helpers, a.By):
		return c, refuse("あなたは応援に入っています。")
	case a.Kind == Claim && x.Helper != "":
		return c, refuse("この応援は、すでに <@%s> が引き受けています。", x.Helper)
	case a.Kind == Claim && c.Owner == a.By:
		return c, refuse("あなたが担当しています。")
	}
	n := c
	n.Copies = maps.Clone(c.Copies)
	n.Helpers = slices.DeleteFunc(slices.Clone(c.Helpers), func(h string) bool { return h == x.Helper })
	what := "helped"
	if a.Kind == Claim {
		x.Helper = a.By
		n.Helpers = append(n.Helpers, a.By)
	} else {
		x.Helper, what = "", "unhelped"
	}
	n.Copies[field] = x
	n.History = slices.Clone(c.History)
	n.note(Event{At: now, Who: a.By, What: what, Note: field})
	return n, nil
}

// Passed is the case after the resident agreed to what Pass asked, or as it is
// when nothing was asked. The one who asked did it.
func (c Case) Passed(now time.Time) Case {
	p := c.Pass
	if p == nil || c.State == Closed {
		return c
	}
	n := c
	n.History = slices.Clone(c.History)
	switch {
	case p.Kind == HandOn || p.Kind == Misroute:
		n = n.moved(p.Field, now)
	case !c.has(p.Field):
		n = n.joined(p.Field, p.Reason)
	}
	n.Pass = nil
	n.note(Event{At: now, Who: p.By, What: string(p.Kind), Note: p.Field})
	return n
}

// Asks is the case while the resident is being asked.
func (c Case) Asks(p Pass, now time.Time) Case {
	c.Moves++
	p.N, p.At = c.Moves, now
	c.Pass = &p
	c.History = slices.Clone(c.History)
	c.note(Event{At: now, Who: p.By, What: "ask", Note: p.Field})
	return c
}

// Declined is the case after the resident did not agree.
func (c Case) Declined(now time.Time) Case {
	note := ""
	if c.Pass != nil {
		note = c.Pass.Field
	}
	c.Pass = nil
	c.History = slices.Clone(c.History)
	c.note(Event{At: now, What: "declined", Note: note})
	return c
}

// Escalated is the case with a companion at the coordinator's.
func (c Case) Escalated(why string) Case { return c.joined(Coordinator, why) }
