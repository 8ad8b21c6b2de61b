package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tsunagu/triage"
)

// follow begins anew: somebody added the account or came back after a block.
func (t *turn) follow() {
	t.unblock()
	t.greet("greeting")
	t.c.Aside = t.openCase()
	t.c.Asking = nil
	t.c.begin()
	t.fact("follow")
	t.countStart()
	t.present()
}

// greet says what this is: a machine, no names needed, when people read.
func (t *turn) greet(name string) {
	t.add(Bubble{Text: t.t(name, "city", t.city.Name, "reading", t.reading()) + t.alsoReads()})
}

// guideText reads words at whatever is being asked.
func (t *turn) guideText(e Event, crisis string) {
	if crisis == "" && t.nodded(e.Text) {
		return
	}
	t.keep(e, looseWords)
	if t.c.Stage == StageEnded {
		t.c.Stage, t.c.Path, t.c.Misses = StageGuide, nil, 0
		t.c.Step++
		t.fresh = true
		t.countStart()
	}
	switch {
	case t.typedButton(e, crisis):
		return
	case crisis == "" && nevermind(e.Text) && t.tellAgain() != "":
		t.bubbles = append(t.bubbles, t.answer("takeback", e.Text)...) // いまは大丈夫です
		t.present()
		return
	case crisis == "" && nevermind(e.Text):
		t.quit()
		return
	case crisis == "" && t.found(e.Text):
		t.sayText("found")
		t.brief = true
		t.present()
		return
	case crisis == "" && t.guideQuery(e):
		return
	case crisis == "" && closing(e.Text): // おやすみ is no 親
		t.c.drop(e.Message)
		if line := t.tellAgain(); line != "" { // もう寝ます after pills
			t.sayText("crisis.after", "line", line)
		}
		t.add(t.endedBubble())
		return
	}
	if crisis == "" && (feverish(e.Text) || asksDoctor(e.Text)) {
		t.sayFever()
		if t.c.Stage == StageOffer {
			t.add(t.offerBubble())
			return
		}
	}
	switch t.c.Stage {
	case StageConsent:
		if crisis == "" && holdBack(e.Text) {
			t.c.drop(e.Message)
			t.sayText("consent.part")
			t.add(t.consentWhich())
			return
		}
		// Words written here belong to what will be sent; the question shows them,
		// and a tap on the one that did not is void.
		t.c.Asked = ""
		t.c.Step++
		t.present()
		return
	case StageOffer:
		t.offerText(e, crisis)
		return
	}
	t.c.Stage = StageGuide
	if q := t.question(); q != nil {
		t.answerText(q, e, crisis)
	} else {
		t.outcome()
	}
}

// typedButton presses the button that the words name, where more than a question of
// the tree is asked; false when they name none.
func (t *turn) typedButton(e Event, crisis string) bool {
	switch t.c.Stage {
	case StageConsent:
		if verb := t.consentWord(e.Text); verb != "" {
			t.c.drop(e.Message)
			t.tap(strconv.Itoa(t.c.Step) + ":" + verb)
			return true
		}
		if crisis == "" && (assent(e.Text) || whose(e.Text) != "") {
			// はい does not say to which of two: that alone is asked, not all once more.
			t.c.drop(e.Message)
			t.agree(e.Text)
			return true
		}
	case StagePick, StageMore, StageOffer:
		if b := cmp.Or(t.byLabel(e.Text), t.agreed(e.Text)); b != nil {
			t.c.drop(e.Message)
			t.tap(b.Data)
			return true
		}
	}
	return false
}

// agreed is the button that yes or no presses where one thing is being asked, and what
// お願いします asks for below the offices; nil where they press none.
func (t *turn) agreed(text string) *Button {
	yes, no := assent(text), denial(text)
	b := Button{}
	switch s := t.c.Stage; {
	case s == StageMore && yes:
		b = t.button("button.yes", "more", "yes")
	case s == StageMore && no:
		b = t.button("button.no", "more", "no")
	case s == StagePick && yes && len(t.c.Pick) == 1:
		b = t.button("button.yes", "pick", "0")
	case s == StagePick && no:
		b = t.button("button.neither", "pick", "none")
	case s == StageOffer && please(text):
		b = t.button("button.staff", "staff", "")
	case s == StageOffer && goes(text):
		b = t.button("button.known", "known", "yes")
	case s == StageOffer && slices.Contains(unsures, triage.Fold(text)):
		b = t.button("button.notyet", "known", "no")
	default:
		return nil
	}
	return &b
}

// answerText reads words as the answer to a question of the tree.
func (t *turn) answerText(q *triage.Question, e Event, crisis string) {
	left := q.Left(t.c.Path)
	switch hits := triage.Match(left, e.Text); {
	case len(hits) == 1:
		if triage.Typed(left, e.Text) {
			// A choice that was typed is an answer, not a message.
			t.c.drop(e.Message)
		}
		t.choose(q, hits[0].ID)
	case len(hits) == 2 || len(hits) == 3:
		ids := make([]string, len(hits))
		for i := range hits {
			ids[i] = "o:" + hits[i].ID
		}
		t.ask(ids, triage.ByRule, "")
	case t.typed(e.Text, q):
		t.c.drop(e.Message)
	case yearsIn(q, e.Text) != nil:
		t.choose(q, yearsIn(q, e.Text).ID)
	case crisis == "" && t.corrects(e):
		t.present()
	case crisis == "" && triage.Nth(e.Text) != 0:
		t.choosing() // 67 is kept for the question of the age
	case crisis == "" && denial(e.Text) && len(t.c.Path) > 0:
		t.c.drop(e.Message)
		t.back() // what was understood was wrong
	case crisis == "" && (assent(e.Text) || denial(e.Text)):
		t.c.drop(e.Message)
		t.choosing()
	default:
		t.read(q, e.Message, e.Text, crisis)
	}
}

// choosing asks for one of the choices where the words were plain but named none.
func (t *turn) choosing() {
	t.notMissed()
	t.sayText("choose")
	t.present()
}

// typed matches words with the buttons that every question has.
func (t *turn) typed(text string, q *triage.Question) bool {
	switch f := triage.Fold(text); {
	case f == triage.Fold(t.t("button.unsure")) || slices.Contains(unsures, f):
		t.take(triage.Answer{Question: q.ID, Option: triage.Unsure})
	case q.Many && q.DoneLabel != "" && f == triage.Fold(q.DoneLabel):
		t.done(q)
	default:
		return false
	}
	return true
}

// take appends an answer and shows what follows.
func (t *turn) take(a triage.Answer) {
	t.c.Path = append(t.c.Path, a)
	t.countAnswer(a.Question, a.Option)
	t.c.Misses, t.c.Pick = 0, nil
	t.c.Stage = StageGuide
	t.recallAge()
	t.c.Step++
	if t.question() == nil {
		t.outcome()
		return
	}
	t.present()
}

// shortAge is up to how many characters a message is an age and little else.
const shortAge = 7

// recallAge answers the question of the age with what was written before it was asked:
// 67, 高2.
func (t *turn) recallAge() {
	q := t.question()
	if q == nil || !slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Age != "" }) {
		return
	}
	for _, text := range slices.Backward(t.c.texts(t.c.loose())) {
		if utf8.RuneCountInString(text) > shortAge || !strings.ContainsFunc(text, unicode.IsDigit) {
			continue // a baby in a story is not whose age is asked for
		}
		if o := triage.OfAge(q.Options, t.city.Read(text).Age, text); o != nil {
			t.c.Path = append(t.c.Path, triage.Answer{Question: q.ID, Option: o.ID, By: triage.ByRule})
			t.countAnswer(q.ID, o.ID)
			return
		}
	}
}

// done ends a question with several answers; with none it counts as unsure.
func (t *turn) done(q *triage.Question) {
	if len(q.Left(t.c.Path)) == len(q.Options) {
		t.take(triage.Answer{Question: q.ID, Option: triage.Unsure})
		return
	}
	t.take(triage.Answer{Question: q.ID, Option: triage.Done})
}

func (t *turn) answerTap(arg string) {
	qid, oid, _ := strings.Cut(arg, "/")
	q := t.question()
	if q == nil || q.ID != qid || t.c.Stage != StageGuide {
		t.present()
		return
	}
	switch {
	case oid == triage.Unsure:
		t.take(triage.Answer{Question: qid, Option: oid})
	case oid == triage.Done && q.Many:
		t.done(q)
	case slices.ContainsFunc(q.Left(t.c.Path), func(o triage.Option) bool { return o.ID == oid }):
		t.choose(q, oid)
	default:
		t.present()
	}
}

// choose takes a choice; the last of several ends the question.
func (t *turn) choose(q *triage.Question, id string) {
	if q.Many && len(q.Left(t.c.Path)) == 1 {
		t.c.Path = append(t.c.Path, triage.Answer{Question: q.ID, Option: id})
		t.countAnswer(q.ID, id)
		t.done(q)
		return
	}
	t.take(triage.Answer{Question: q.ID, Option: id})
}

// pickTap takes one of the candidates, or none.
func (t *turn) pickTap(arg string) {
	i := atoi(arg)
	q := t.question()
	if t.c.Stage != StagePick || q == nil {
		t.present()
		return
	}
	if i < 0 || i >= len(t.c.Pick) {
		t.c.Pick = nil
		t.c.Step++
		t.miss("")
		return
	}
	if o, ok := strings.CutPrefix(t.c.Pick[i], "o:"); ok {
		t.choose(q, o)
		return
	}
	a := triage.Answer{Question: q.ID, Option: triage.Words, Fields: []string{t.c.Pick[i]}, By: t.c.By, Why: t.c.Why}
	if i < t.c.Guessed {
		a.By, a.Why = triage.ByLLM, why(triage.Reading{By: triage.ByLLM})
	}
	t.take(a)
}

// moreTap adds a further worry, or does not.
func (t *turn) moreTap(yes bool) {
	if t.c.Stage != StageMore {
		t.present()
		return
	}
	if yes {
		t.c.Path = append(t.c.Path, triage.Answer{Question: triage.Also, Option: triage.Words, Fields: t.c.Pick, By: t.c.By, Why: t.c.Why})
	}
	t.c.Pick, t.c.Stage = nil, StageGuide
	t.c.Step++
	t.present()
}

// back undoes the last answer.
func (t *turn) back() {
	c := t.c
	switch {
	case c.Stage == StageStop:
		t.stop(false)
		return
	case t.caseListens():
		t.present()
		return
	case c.Stage == StagePick || c.Stage == StageMore:
		// The question itself is still the one that was asked.
	case c.Stage == StageConsent && c.Back == StageOffer:
		c.Stage, c.Back = StageOffer, ""
		c.Step++
		t.present()
		return
	case c.Stage == StageConsent:
	case len(c.Path) == 0:
		t.sayText("first")
	default:
		c.Path = triage.Back(c.Path)
	}
	c.Stage, c.Pick, c.Misses = StageGuide, nil, 0
	c.Step++
	t.present()
}

// restart begins the guide anew; with an open case it asks what becomes of it.
func (t *turn) restart() {
	if t.caseListens() {
		t.askStop("start")
		return
	}
	t.c.begin()
	t.countStart()
	t.present()
}

// quit ends the guide, or asks whether to end the open case.
func (t *turn) quit() {
	switch {
	case t.c.Aside && t.openCase():
		t.returnToCase()
	case t.caseListens():
		t.askStop("quit")
	default:
		if q := t.question(); q != nil && t.c.Stage == StageGuide {
			t.fact("left|" + q.ID)
		}
		t.end()
		t.add(Bubble{Text: t.t("quit"), Buttons: []Button{t.button("button.start", "start", "")}})
	}
}

// end closes the guide and forgets words that went nowhere; what is written next
// goes to the open case, if there is one.
func (t *turn) end() {
	t.c.begin()
	t.c.Stage, t.c.Aside = StageEnded, false
}

// question is the tree's next question, nil at the end.
func (t *turn) question() *triage.Question { return t.city.Tree.Walk(t.c.Path).Question }

func (t *turn) profile() triage.Profile { return t.city.Tree.Walk(t.c.Path).Profile }

// clip bounds a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
