package bot

import (
	"slices"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// placeName is the staff's word for a field or the coordinator's place.
func (c *City) placeName(field string) string {
	switch field {
	case "":
		return "分野の決まらないもの"
	case handoff.Coordinator:
		return "多機関協働"
	}
	return c.fieldName(field)
}

// readers are the offices that read in a field's channel: those that answer for
// it, else the general desk. None on file means the city's own staff.
func (c *City) readers(field string) []directory.Office {
	d := &c.Directory
	wanted := func(o directory.Office) bool { return !o.Place && slices.Contains(o.Fields, field) }
	if field == handoff.Coordinator {
		wanted = func(o directory.Office) bool { return o.ID == d.Policy.Coordinator }
	}
	var out []directory.Office
	for _, o := range d.Offices {
		if wanted(o) {
			out = append(out, o)
		}
	}
	if len(out) == 0 && field != handoff.Coordinator {
		if g := d.Choose(directory.Need{}).General.Office; g.Name != "" {
			out = append(out, g)
		}
	}
	return out
}

// passOn does what brings others to the case. t.k is the case as the rules leave
// it, before is as it was.
func (t *turn) passOn(a handoff.Action, before handoff.Case) {
	k := t.k
	target := a.Field
	switch a.Kind {
	case handoff.Misroute:
		t.k = &before // its path is counted as it came
		t.misread(before.Field, a.Field)
		t.k = k
		if k.Field == before.Field {
			t.notice("misroute/"+a.ID, t.desk("misroute", "to", t.city.placeName(a.Field), "who", "<@"+a.By+">"), before.Owner)
			return
		}
	case handoff.Escalate:
		target = handoff.Coordinator
		pol := t.city.Directory.Policy
		if k.Sheet.Consent.State != handoff.ConsentSelf {
			// Only a step of the staff's: nothing goes anywhere.
			k.Sheet.Meeting = orElse(pol.WithoutConsent, t.desk("meeting"))
			t.fact("escalated|without")
			t.reasoned("escalate/"+a.ID, t.desk("step", "meeting", k.Sheet.Meeting, "reason", prefixed("理由：", a.Reason)), "")
			return
		}
	}
	if to := t.unnamed(&before, target); len(to) > 0 {
		if t.lost || before.Blocked {
			t.k = &before
			t.tell(a, t.desk("cannotask", "to", handoff.Briefly(to)))
			return
		}
		instead := ""
		if p := before.Pass; p != nil {
			instead = t.desk("asked.instead", "to", t.city.placeName(p.Field))
		}
		asks := before.Asks(handoff.Pass{Kind: a.Kind, Field: target, By: a.By, Reason: a.Reason, To: to}, t.now)
		t.k = &asks
		t.tell(a, t.desk("asked", "to", handoff.Briefly(to), "instead", instead))
		t.say(Speech{Kind: SpeechNotice, Bubbles: []Bubble{t.passBubble()}})
		return
	}
	if a.Kind == handoff.Escalate {
		t.escalate(a.Reason)
	}
	t.carried(before, a.Kind, target, a.By, a.Reason)
}

// escalate brings the case to the coordinator's too.
func (t *turn) escalate(reason string) {
	n := t.k.Escalated(reason)
	n.Sheet.Meeting = orElse(t.city.Directory.Policy.WithConsent, t.desk("meeting"))
	t.k = &n
	t.fact("escalated|with")
}

// carried tells staff about a case that was handed on or joined by others.
func (t *turn) carried(before handoff.Case, kind handoff.Kind, to, by, reason string) {
	name := t.city.placeName(to)
	if kind == handoff.Help || kind == handoff.Escalate {
		t.reasoned("joined/"+itoa(t.k.Moves), t.desk("joined", "to", name, "meeting", meetingOf(kind, t.k), "reason", prefixed("理由：", reason)), "")
		return
	}
	if kind == handoff.HandOn {
		t.fact("handedon") // staff|handon also counts what the resident declined
	}
	t.reasoned("moved/"+itoa(t.k.Round), t.desk("moved", "from", t.city.placeName(before.Field), "who", "<@"+by+">", "reason", prefixed("理由：", reason)), "duty")
}

func meetingOf(kind handoff.Kind, k *handoff.Case) string {
	if kind == handoff.Escalate {
		return prefixed("会議：", k.Sheet.Meeting)
	}
	return ""
}

// places compares where the case stood with where it stands: new places get
// their cards, left ones a pointer, and words stay only where the case is.
func (t *turn) places() {
	k, was := t.k, t.was
	if was.ID != k.ID {
		return
	}
	if k.Round != was.Round {
		t.kNew, t.card = true, true
		for i := range t.c.Words {
			m := &t.c.Words[i]
			if m.Case != k.ID || slices.Contains(k.Sheet.Words, m.ID) {
				continue
			}
			t.eraseCopies(m)
			// Told again in the new thread, once its card stands.
			m.Spot, m.Post, m.Late, m.LateAt = handoff.Spot{}, "", !m.Faded, t.now
			m.follow()
		}
	}
	for field, x := range k.Copies {
		if x.Spot.TS == "" && was.Copies[field].Round != x.Round {
			t.copies, t.card = append(t.copies, field), true
		}
	}
	for _, x := range unplaced(&was, cardBoxes(k)...) {
		t.seekLater(x, strayPause, t.now)
	}
	for _, p := range k.Left {
		if !p.Notice && !slices.Contains(was.Left, p) && !slices.Contains(t.points, p) {
			t.points = append(t.points, p)
		}
	}
	for _, p := range k.Forgotten() {
		t.erase = append(t.erase, p.Spot)
	}
}

// leaveBehind makes a card that stands there a pointer.
func (t *turn) leaveBehind(p handoff.Pointer) {
	n := t.k.Leave(p)
	t.k, t.kDirty = &n, true
}
