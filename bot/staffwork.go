package bot

import (
	"errors"
	"slices"
	"strings"
	"time"

	"tsunagu/handoff"
)

// staff does an action of a member of staff, or tells them why not.
func (t *turn) staff(a handoff.Action) {
	if t.k == nil || t.lost && slices.Contains([]handoff.Kind{handoff.Reply, handoff.Correct, handoff.Reopen}, a.Kind) {
		t.tell(a, t.city.Texts["desk.gone"])
		return
	}
	if a.Kind == handoff.TakeBack {
		t.pictureBack(a)
		return
	}
	if no := t.unsendable(a); no != "" {
		t.tell(a, no)
		return
	}
	before := *t.k
	if slices.Contains(handoff.Kinds, a.Kind) || a.Kind == handoff.Lost { // the others' buttons stand on posts and answers
		adoptCard(&before, a.Spot)
		if before.Twin(a.Spot) {
			before = before.Leave(handoff.Pointer{Spot: a.Spot, Twin: true})
			t.tell(a, t.desk("twin.told", "receipt", before.Receipt))
		}
	}
	if a.Kind == handoff.Lost {
		t.k, t.kDirty, t.card = &before, true, true
		return
	}
	if a.Kind == handoff.Reopen && t.c.Case != before.ID {
		t.tell(a, t.city.Texts["desk.newer"])
		return
	}
	if a.Field != "" && t.city.field(a.Field) == nil {
		t.tell(a, t.desk("nofield"))
		return
	}
	n, err := before.Apply(a, t.now)
	var no *handoff.Refusal
	if errors.As(err, &no) {
		t.k = &before
		t.kDirty, t.card = true, true // a stale card is drawn anew
		t.tell(a, no.Text)
		t.fact("refused|" + string(a.Kind))
		return
	}
	t.k, t.kDirty, t.card = &n, true, true
	note := a.Field
	if a.File != "" {
		note = "picture"
	}
	t.did(a.By, string(a.Kind), note)
	kind := string(a.Kind)
	if (a.Kind == handoff.Claim || a.Kind == handoff.Release) && n.Version == before.Version {
		kind = "help" + kind // of a companion: the owner stays
	}
	t.fact("staff|" + kind)
	t.countWait(a, before)
	switch a.Kind {
	case handoff.HandOn, handoff.Help, handoff.Misroute, handoff.Escalate:
		t.passOn(a, before)
	case handoff.Keep:
		if a.Spot.Thread == "" {
			break // not from the question in the thread
		}
		t.posts = append(t.posts, post{Key: "kept/" + a.ID, At: a.Spot, Post: handoff.Post{Kind: handoff.PostNotice, Case: n.ID,
			Text: t.desk("kept")}})
	case handoff.Claim:
		if t.city.NoticeTaken && n.Version > before.Version {
			t.timers = append(t.timers, timer{Kind: timerTaken, Due: t.now.Add(takenPause)})
		}
	case handoff.Reply, handoff.Correct:
		t.send(a)
	case handoff.Close:
		t.closed()
	case handoff.Reopen:
		t.notice("reopen/"+itoa(n.Version), t.city.Texts["desk.reopenedby"], "")
	}
}

// send puts a staff message on its way: kept with the conversation, shown in
// the thread with its mark, spoken to the resident. A picture is fetched first: both
// go in one call, or neither.
func (t *turn) send(a handoff.Action) {
	m := Message{ID: "s/" + a.ID, Text: a.Text, At: t.now, Staff: a.By, Case: t.k.ID, Mark: handoff.MarkSending, Source: a.Source,
		Picture: a.File, Corrects: a.Kind == handoff.Correct}
	t.remember(m)
	t.posts = append(t.posts, t.copyOf(&m))
	// What the resident writes now deserves a receipt again.
	t.c.Receipted = time.Time{}
	if m.Picture != "" {
		t.fetches = append(t.fetches, m.ID)
		return
	}
	t.utter(&m)
}

// utter speaks a staff message.
func (t *turn) utter(m *Message) {
	name := "staff"
	if m.Corrects {
		name = "staff.correct"
	}
	if t.untold() && name == "staff" {
		name = "staff.first" // "taken" comes with it: one notice, not two
	}
	bubbles := []Bubble{{Text: t.t(name, "from", t.from(m.Staff), "receipt", t.k.Receipt), Words: []string{m.ID}}}
	if m.Name != "" {
		bubbles = append(bubbles, Bubble{Text: t.t("staff.picture", "day", dayText(m.Ends)), Picture: m.ID})
	}
	if t.c.Aside {
		bubbles[len(bubbles)-1].Buttons = []Button{t.button("button.case", "case", "")}
	}
	t.say(Speech{Kind: SpeechStaff, Bubbles: append(bubbles, t.stillAsked()...), Messages: []string{m.ID}})
}

// untold says whether the resident has not heard yet that the case was taken,
// and marks it told: once a case.
func (t *turn) untold() bool {
	if !t.city.NoticeTaken || t.k.State != handoff.Claimed || t.k.Announced {
		return false
	}
	t.k.Announced = true
	return true
}

// taken tells the resident that somebody has taken the case, unless a message
// did already, or the case went back.
func (t *turn) taken() {
	if t.k == nil || t.lost || t.k.State != handoff.Claimed || t.k.Blocked || !t.untold() {
		return
	}
	t.kDirty, t.card = true, true
	t.say(Speech{Kind: SpeechNotice, Bubbles: append([]Bubble{{Text: t.t("taken", "receipt", t.k.Receipt, "from", t.from(t.k.Owner))}}, t.stillAsked()...)})
}

// closed ends the case for the resident: one notice a case, and nothing is asked.
// A guide beside the case goes on.
func (t *turn) closed() {
	t.timers = append(t.timers, t.expiry())
	t.fact("closed|" + t.k.Outcome)
	if !t.c.Aside {
		t.c.Stage, t.c.Asked = StageEnded, ""
		t.c.calm()
		t.c.Step++
	}
	t.c.Aside = false
	if t.city.NoticeClosed && !t.k.Blocked && !t.lost && t.k.Closings() == 1 {
		t.say(Speech{Kind: SpeechNotice, Bubbles: []Bubble{{Text: t.t("closed", "receipt", t.k.Receipt)}}})
	}
}

// from names who answers: the office, or the person where the city chose so. A
// helper answers for the office of the helper's own channel.
func (t *turn) from(by string) string {
	if t.city.StaffNames && t.k.OwnerName != "" && by == t.k.Owner {
		return t.city.Name + " " + t.k.OwnerName
	}
	name := t.general().Name
	helps := t.k.HelpsIn(by)
	switch offices := t.k.Sheet.Offices; {
	case helps != "":
		name = t.officeOf(helps)
	case t.city.field(t.k.Field) == nil:
	case t.k.Round > 0: // handed on: the sheet's first office is where it came from
		name = t.officeOf(t.k.Field)
	case len(offices) > 0:
		name = offices[0] // the card stands in this field's channel
	}
	if strings.HasPrefix(name, t.city.Name) {
		return name
	}
	return strings.TrimSpace(t.city.Name + " " + name)
}

// officeOf names who reads in a field's channel, in a resident's words: the office
// when it is one, else the field's offices together.
func (t *turn) officeOf(field string) string {
	switch there := t.city.readers(field); len(there) {
	case 0:
		return t.general().Name
	case 1:
		return there[0].Name
	}
	return "「" + t.city.fieldPlain(field) + "」の窓口"
}

// sent notes what became of a staff message and redraws its mark.
func (t *turn) sent(id, mark string) {
	m := t.c.find(id)
	if m == nil || m.Mark == mark {
		return
	}
	m.Mark = mark
	if t.k != nil {
		t.redraw(m)
	}
}

// expiry is the timer that wipes a case closed now.
func (t *turn) expiry() timer {
	return timer{Kind: timerExpire, Due: t.now.Add(t.city.Keep.Closed)}
}

// desk is a text for staff.
func (t *turn) desk(name string, pairs ...string) string {
	return t.city.Texts.say(false, "desk."+name, pairs...)
}

// tell answers to one member of staff.
func (t *turn) tell(a handoff.Action, text string) {
	t.whispers = append(t.whispers, whisper{a.Spot, handoff.Whisper{User: a.By, Text: text, Answer: a.Answer}})
}

// adoptCard takes a card that we did not know we had posted from a click on it.
func adoptCard(k *handoff.Case, at handoff.Spot) {
	if at.TS == "" || at.Thread != "" || at == k.Card || k.LeftBehind(at) || k.CompanionAt(at) != "" {
		return
	}
	if k.Card.TS == "" {
		k.Card = at
		return
	}
	waiting := ""
	for field, x := range k.Copies {
		switch {
		case x.Spot.TS == "" && waiting == "" && at.Channel != k.Card.Channel:
			waiting = field
		case x.Spot.TS == "" || x.Spot.Channel == at.Channel:
			return // whose card it is cannot be told: it is found by its outbox ID
		}
	}
	if waiting != "" {
		t := turn{k: k}
		t.setCopy(waiting, at)
	}
}
