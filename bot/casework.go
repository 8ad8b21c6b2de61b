package bot

import (
	"slices"
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// Times of an open case.
const (
	receiptPause = 10 * time.Minute   // between receipts
	takenPause   = 10 * time.Minute   // a staff message within it carries "taken"
	reopenWithin = 7 * 24 * time.Hour // words after closing re-open
)

// leftAlone says whether no staff has written since danger was told last.
func (t *turn) leftAlone() bool {
	_, told := t.told()
	return !slices.ContainsFunc(t.c.Words, func(m Message) bool { return m.Staff != "" && !m.At.Before(told) })
}

// toCase gives the resident's words to the open case.
func (t *turn) toCase(e Event, crisis string) {
	t.keepWords(e)
	c := t.c
	masked := t.masked([]string{e.Message})
	quiet := t.now.Sub(c.Receipted) < receiptPause && !t.now.Before(c.Receipted)
	if crisis == "" && t.caseQuery(e.Text) {
		t.addText(masked)
		return
	}
	if line := t.tellAgain(); line != "" && crisis == "" && t.leftAlone() {
		// Silence after danger is heard as nobody there.
		c.Receipted = t.now
		t.addText(masked)
		t.sayText("crisis.after.case", "line", line, "reading", t.reading())
		return
	}
	if quiet && masked == "" && crisis == "" {
		t.silent = true
		return
	}
	c.Receipted = t.now
	if crisis != "" {
		// The crisis answer is the receipt.
		t.addText(masked)
		return
	}
	promise := ""
	if !t.k.Promised.IsZero() && t.k.Promised.After(t.now) {
		promise = t.t("promise", "by", directory.Moment(t.k.Promised, t.now))
	}
	name := "received"
	if t.k.State == handoff.Claimed && t.city.Directory.Calendar.Staff == nil {
		name = "received.claimed" // not once more that nothing is known of when
	}
	t.sayText(name, "receipt", t.k.Receipt, "reading", t.reading(), "promise", promise, "masked", masked)
}

// keepWords stores a message with the case.
func (t *turn) keepWords(e Event) {
	t.keep(e, 2000)
	t.give([]string{e.Message})
}

// keep stores the resident's words, masked and at most max characters long.
func (t *turn) keep(e Event, max int) {
	text, took := triage.Mask(e.Text)
	t.remember(Message{ID: e.Message, Text: clip(text, max), At: t.now, Masked: took})
}

// remember stores a message; copies of those for which there is no room any more
// leave Slack too.
func (t *turn) remember(m Message) {
	var card []string
	if t.openCase() {
		card = t.k.Sheet.Words
	}
	t.erase = append(t.erase, t.c.remember(m, card)...)
}

// give hands words to the case: into the thread, with a promise of an answer.
// Thanks are read and owe nobody an answer.
func (t *turn) give(ids []string) {
	owing := 0
	for _, id := range ids {
		m := t.c.find(id)
		if m == nil {
			continue
		}
		m.Case = t.k.ID
		if !thanks(m.Text) {
			owing++
		}
		t.carry(m, time.Time{})
	}
	t.kDirty, t.card = true, true
	if len(ids) > 0 && owing == 0 {
		return
	}
	t.k.Waiting += owing
	t.k.Owed = orTime(t.k.Owed, t.now)
	if by, ok := t.city.Directory.Calendar.Promise(t.now); ok && owing > 0 && t.k.Promised.IsZero() {
		t.k.Promised, t.k.Alarm = by, 0
	}
}

// masked tells what to do where the mask took something out of the words; ""
// when it took nothing.
func (t *turn) masked(ids []string) string {
	for _, id := range ids {
		if m := t.c.find(id); m != nil && m.Masked {
			if phone := t.townPhone(); phone != "" {
				return t.t("masked", "phone", phone)
			}
			return t.t("masked.none")
		}
	}
	return ""
}

// afterClosing says whether the newest case is closed and no guide was begun
// since.
func (t *turn) afterClosing() bool {
	return t.k != nil && t.k.State == handoff.Closed && t.c.Stage == StageEnded
}

// wordsAfterClosing: thanks and 消して re-open nothing; within a week other words do;
// later the resident is asked.
func (t *turn) wordsAfterClosing(e Event, crisis string) {
	switch {
	case thanks(e.Text) && crisis == "":
		t.sayText("thanks")
	case nod(e.Text) && crisis == "":
		t.sayText("ended")
	case crisis == "" && t.query(e.Text) == "delete" && !t.alsoWorry("delete", e.Text):
		if !t.guideQuery(e) { // it opens nothing again
			t.bubbles = append(t.bubbles, t.answer("delete", e.Text)...)
			t.present()
		}
	case t.now.Sub(t.k.Closed) < reopenWithin:
		t.keep(e, 2000)
		t.reopen([]string{e.Message})
	default:
		t.keep(e, looseWords)
		t.c.Stage = StageResume
		t.c.Step++
		t.present()
	}
}

// reopen opens the closed case again with the resident's words, and says so.
func (t *turn) reopen(ids []string) {
	n := t.k.Reopened(t.now)
	t.k = &n
	t.c.Aside = false
	t.c.Receipted = t.now
	t.notice("reopen/"+itoa(n.Version), t.city.Texts["desk.reopened"], "duty")
	t.give(ids)
	t.fact("reopened")
	t.did(byResident, "reopen", "")
	if kind := t.c.Urgency; kind != "" { // of words since the closing
		t.raise(kind, true)
	}
	t.addText(t.masked(ids))
	t.add(Bubble{Text: t.t("reopened", "receipt", n.Receipt, "reading", t.reading()),
		Buttons: []Button{t.button("button.other.worry", "aside", "")}})
}

// resumeText reads words at the question whether the earlier case goes on.
func (t *turn) resumeText(e Event) {
	switch f := triage.Fold(e.Text); {
	case f == "1" || f == triage.Fold(t.t("button.same")) || assent(e.Text):
		t.resume(true)
		return
	case f == "2" || f == triage.Fold(t.t("button.anew")) || denial(e.Text) || another(e.Text):
		t.resume(false)
		return
	}
	t.keep(e, looseWords)
	t.present()
}

// resume goes on with the earlier case, or begins anew; only now words go to
// Slack.
func (t *turn) resume(same bool) {
	if t.c.Stage != StageResume || t.k == nil {
		t.present()
		return
	}
	if !same {
		loose := t.c.loose()
		last := ""
		if len(loose) > 0 {
			last = strings.Join(t.c.texts(loose[len(loose)-1:]), "")
		}
		// What was written at the question belongs to the new worry.
		was := *t.c
		was.Words = slices.Clone(was.Words) // beginning drops some where they stand
		t.c.begin()
		t.c.Urgency, t.c.Lighter, t.c.Shown, t.c.Words = was.Urgency, was.Lighter, was.Shown, was.Words
		if q := t.question(); q != nil && last != "" {
			t.read(q, "", last, "")
			return
		}
		t.present()
		return
	}
	t.c.Stage = StageEnded
	t.c.Step++
	t.reopen(t.c.loose())
}

// aside opens the guide beside the open case.
func (t *turn) aside() {
	t.c.begin()
	t.c.Aside = t.openCase()
	t.present()
}

// returnToCase leaves the guide; the words go to the case again.
func (t *turn) returnToCase() {
	t.end()
	if t.openCase() {
		t.sayText("case.back", "receipt", t.k.Receipt)
	}
	t.present()
}

// askStop asks once whether the open case should end.
func (t *turn) askStop(what string) {
	t.c.Stage, t.c.Asked = StageStop, what
	t.c.Step++
	t.present()
}

// stopText reads words at that question. Whoever writes on, goes on: other words
// are left to the case, with a receipt.
func (t *turn) stopText(text string) bool {
	switch f := triage.Fold(text); f {
	case "1", triage.Fold(t.t("button.end")):
		t.stop(true)
	case "2", triage.Fold(t.t("button.keep")):
		t.stop(false)
	default:
		t.c.Stage, t.c.Asked = StageEnded, ""
		t.c.Step++
		t.c.Receipted = time.Time{}
		return false
	}
	return true
}

// stop ends the case or lets it go on; さいしょから leads to the guide either way.
func (t *turn) stop(end bool) {
	c := t.c
	if c.Stage != StageStop || t.k == nil {
		t.present()
		return
	}
	toGuide := c.Asked == "start"
	c.Stage, c.Asked = StageEnded, ""
	c.Step++
	if end {
		c.calm()
		owner := t.k.Owner
		n := t.k.Ended("withdrawn", t.now)
		t.k = &n
		t.timers = append(t.timers, t.expiry())
		t.kDirty, t.card = true, true
		t.notice("ended/"+itoa(n.Version), t.city.Texts["desk.withdrawn"], owner)
		t.fact("closed|withdrawn")
		t.did(byResident, "withdraw", "")
		t.sayText("stopped", "receipt", n.Receipt)
	}
	switch {
	case toGuide:
		c.begin()
		c.Aside = !end
		t.present()
	case !end:
		t.present()
	}
}

// status tells how things stand, with or without a case.
func (t *turn) status() {
	switch {
	case t.openCase():
		t.add(t.caseStatus())
		if t.k.Pass != nil {
			t.add(t.passBubble())
		}
	case t.k != nil:
		t.sayText("status.closed", "receipt", t.k.Receipt)
	default:
		t.sayText("status.none")
		t.present()
	}
}

// addToCase lets a second handoff add its worries to the open case.
func (t *turn) addToCase(given handoff.ConsentGiven, ids []string) {
	more := t.sheet(given)
	s := &t.k.Sheet
	for _, w := range append(nonEmpty(more.Main), more.Others...) {
		if w != s.Main && !slices.Contains(s.Others, w) {
			s.Others = append(s.Others, w)
		}
	}
	s.Fields = union(s.Fields, more.Fields)
	s.Offices = union(s.Offices, more.Offices)
	s.Patterns = union(s.Patterns, more.Patterns)
	s.Wishes = union(s.Wishes, more.Wishes)
	s.Shown = union(s.Shown, more.Shown)
	if s.Why = append(s.Why, more.Why...); len(s.Why) > maxWhy {
		s.Why = s.Why[len(s.Why)-maxWhy:]
	}
	s.Consent = given
	t.notice("added/"+itoa(t.c.Step), t.city.Texts["desk.added"], "")
	t.give(ids)
	t.c.dropLoose()
	t.answerConsent("added", ids)
}

// maxWhy bounds the reasons on a card that worries were added to.
const maxWhy = 30
