package bot

import (
	"slices"

	"tsunagu/handoff"
)

// result lets a turn take in what came of speaking.
func (t *turn) result(r result) {
	switch r.What {
	case resCarded:
		if t.k == nil { // forgotten meanwhile
			t.erase = append(t.erase, r.Spot)
			return
		}
		t.lookTwice(r.Seek)
		if r.Round != t.k.Round { // handed on while it was on its way
			t.leaveBehind(handoff.Pointer{Spot: r.Spot, To: t.k.Field})
			return
		}
		if t.k.Card.TS != "" && t.k.Card != r.Spot { // a click on another one was faster
			t.leaveBehind(handoff.Pointer{Spot: r.Spot, Twin: true})
			return
		}
		t.k.Card, t.k.Lag = r.Spot, t.now.Sub(t.k.Since())
		t.kDirty, t.card = true, true
		t.repost()
	case resCopied:
		t.copied(r)
	case resUncopied:
		t.timers = append(t.timers, timer{Kind: timerCopy, Due: t.now.Add(again(t.now.Sub(r.Since))), Arg: r.Key, Since: r.Since})
	case resUnpoint:
		if t.now.Sub(r.Since) < giveUpLine {
			t.timers = append(t.timers, timer{Kind: timerPoint, Due: t.now.Add(again(t.now.Sub(r.Since))), Point: r.Point, Since: r.Since})
		}
	case resBoarded:
		if t.k == nil { // forgotten meanwhile
			t.erase = append(t.erase, r.Spot)
		} else {
			t.k.Left = append(t.k.Left, handoff.Pointer{Spot: r.Spot, Notice: true})
			t.kDirty = true
		}
	case resUncarded:
		// A consented case must reach staff: tried again and again, longer and
		// longer apart, and the operator sees it in the log.
		if t.k != nil && t.c.Redraw != t.k.ID {
			t.c.Redraw = t.k.ID
			t.timers = append(t.timers, timer{Kind: timerCard, Due: t.now.Add(again(t.now.Sub(r.Since)))})
		}
	case resPosted:
		t.posted(r)
	case resUnposted:
		t.unposted(r)
	case resUnerased:
		t.unerased(r)
	case resSought:
		t.sought(r)
	case resUnsought:
		t.unsought(r)
	case resFiled:
		t.filed(r)
	case resFetched:
		t.fetched(r)
	case resGuessed:
		t.opinion(*r.Inquiry, r.Guess)
	case resSaid:
		for _, id := range r.Sent {
			t.sent(id, r.Mark)
		}
	case resUnsaid:
		for _, id := range r.Sent {
			t.sent(id, r.Mark)
		}
		if r.Say != nil {
			for _, w := range r.Say.With {
				t.unsent(w)
			}
			own := *r.Say
			own.With = nil
			t.unsent(own)
		}
	}
}

// unsent keeps a speech for the next reply, and for a push later on. Of questions
// only the newest is kept.
func (t *turn) unsent(s Speech) {
	c := t.c
	if t.lost || c.Blocked {
		return
	}
	if s.Kind == SpeechQuestion {
		if s.Step < c.Step {
			return
		}
		c.Unsent = slices.DeleteFunc(c.Unsent, func(o Speech) bool { return o.Kind == SpeechQuestion })
	}
	if len(c.Unsent) >= maxUnsent {
		for _, id := range s.Messages {
			t.sent(id, handoff.MarkFailed+"（エラー）")
		}
		t.fact("unsaid")
		return
	}
	if len(c.Unsent) == 0 {
		t.timers = append(t.timers, timer{Kind: timerSay, Due: t.now.Add(again(t.now.Sub(s.Made)))})
	}
	c.Unsent = append(c.Unsent, s)
}
