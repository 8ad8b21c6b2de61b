package bot

import (
	"slices"
	"strconv"
	"strings"

	"tsunagu/triage"
)

// follow begins anew: somebody added the account or came back after a block.
func (t *turn) follow() {
	t.c.Blocked = false
	if t.openCase() && t.k.Blocked {
		t.k.Blocked = false
		t.kDirty, t.card = true, true
	}
	t.greet("greeting")
	t.c.Aside = t.openCase()
	t.c.begin()
	t.fact("start")
	t.present()
}

// greet says what this is: a machine, no names needed, when people read.
func (t *turn) greet(name string) {
	t.add(Bubble{Text: t.t(name, "city", t.city.Name, "reading", t.city.Directory.Calendar.Reading(t.now))})
}

// guideText reads words at whatever is being asked.
func (t *turn) guideText(e Event, crisis string) {
	masked, took := triage.Mask(e.Text)
	t.c.remember(Message{ID: e.Message, Text: clip(masked, 500), At: t.now, Masked: took})
	switch t.c.Stage {
	case StageEnded:
		t.c.Stage, t.c.Path, t.c.Misses = StageGuide, nil, 0
		t.c.Step++
	case StageConsent:
		if verb := t.consentWord(e.Text); verb != "" {
			t.c.drop(e.Message)
			t.tap(strconv.Itoa(t.c.Step) + ":" + verb)
			return
		}
	case StagePick, StageMore, StageOffer:
		if b := t.byLabel(e.Text); b != nil {
			t.c.drop(e.Message)
			t.tap(b.Data)
			return
		}
	}
	if t.c.Stage == StageConsent || t.c.Stage == StageOffer {
		// Words written here belong to what will be sent; the question shows them.
		if crisis == "" && t.c.Stage == StageOffer {
			t.sayText("offer.words")
		}
		t.present()
		return
	}
	t.c.Stage = StageGuide
	q := t.question()
	if q == nil {
		t.outcome()
		return
	}
	left := q.Left(t.c.Path)
	switch hits := triage.Match(left, e.Text); {
	case len(hits) == 1:
		// A choice that was typed is an answer, not a message.
		t.c.drop(e.Message)
		t.take(triage.Answer{Question: q.ID, Option: hits[0].ID})
	case len(hits) == 2 || len(hits) == 3:
		ids := make([]string, len(hits))
		for i := range hits {
			ids[i] = "o:" + hits[i].ID
		}
		t.ask(ids, triage.ByRule, "")
	case t.standing(e.Text, q):
	default:
		t.read(q, e.Text, crisis)
	}
}

// standing matches typed words with the buttons that every question has.
func (t *turn) standing(text string, q *triage.Question) bool {
	switch f := triage.Fold(text); {
	case f == triage.Fold(t.t("button.unsure")) || f == "分からない" || f == "わからない" || f == "わかりません" || f == "分かりません" || f == "答えたくない":
		t.take(triage.Answer{Question: q.ID, Option: triage.Unsure})
	case q.Many && q.DoneLabel != "" && f == triage.Fold(q.DoneLabel):
		t.done(q)
	default:
		return false
	}
	return true
}

// read climbs the asking ladder: take it, ask which of two, ask in other words,
// offer a person.
func (t *turn) read(q *triage.Question, text, crisis string) {
	r := t.city.Read(text)
	worry := slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Field != "" || o.Complex })
	fields := t.fieldsOf(r)
	if !worry {
		if o := spoken(q, r); o != nil {
			t.take(triage.Answer{Question: q.ID, Option: o.ID, By: r.By})
			return
		}
		known := t.city.Tree.Walk(t.c.Path).Profile.Fields
		if len(fields) == 1 && r.Confidence >= t.city.Accept && !slices.Contains(known, fields[0]) {
			t.c.Pick, t.c.By, t.c.Why = fields, r.By, why(r)
			t.c.Stage = StageMore
			t.c.Step++
			t.present()
			return
		}
		t.miss(crisis)
		return
	}
	switch {
	case r.Field == triage.Unclear && r.Confidence >= t.city.Accept && t.c.Misses == 0 && crisis == "":
		// "I do not know where to ask" is what this is for, not a failure.
		t.fact("unclear")
		t.sayText("unclear")
		t.present()
	case r.Field == triage.OutOfScope && r.Confidence >= t.city.Accept && crisis == "":
		t.fact("outofscope")
		t.add(Bubble{Text: t.t("outofscope", "city", t.city.Name, "phone", t.townPhone())})
		t.present()
	case (len(fields)+len(r.Patterns) > 0 || r.Field == triage.Complex) && r.Confidence >= t.city.Accept:
		if r.Field == triage.Complex {
			fields = append(fields, triage.Complex)
		}
		a := triage.Answer{Question: q.ID, Option: triage.Words, Fields: fields, Patterns: r.Patterns, By: r.By, Why: why(r)}
		t.fact("read|" + r.Field + "|" + r.By)
		t.add(Bubble{Text: t.t("read", "field", t.heard(fields, r.Patterns))})
		t.take(a)
		t.heardAlso(r)
	case len(fields) > 0 && r.Confidence >= t.city.Ask:
		pick := slices.Clone(fields)
		if s := t.city.fieldFor(r.Second, ""); s != "" && !slices.Contains(pick, s) {
			pick = append(pick, s)
		}
		t.ask(pick, r.By, why(r))
	default:
		t.miss(crisis)
	}
}

// heardAlso takes what the same words said about the person, so that it is not
// asked again.
func (t *turn) heardAlso(r triage.Reading) {
	for t.c.Stage == StageGuide {
		q := t.question()
		if q == nil {
			return
		}
		o := spoken(q, r)
		if o == nil {
			return
		}
		t.take(triage.Answer{Question: q.ID, Option: o.ID, By: r.By})
	}
}

// spoken is the option of a question about the person that a reading answers.
func spoken(q *triage.Question, r triage.Reading) *triage.Option {
	for i, o := range q.Options {
		if (o.Who != "" && o.Who == r.Who) || (o.Age != "" && o.Age == r.Age) {
			return &q.Options[i]
		}
	}
	return nil
}

// ask puts up to three candidates to the resident.
func (t *turn) ask(pick []string, by, why string) {
	if len(pick) > 3 {
		pick = pick[:3]
	}
	t.c.Pick, t.c.By, t.c.Why = pick, by, why
	t.c.Stage = StagePick
	t.c.Step++
	t.present()
}

// miss is the rest of the ladder.
func (t *turn) miss(crisis string) {
	t.c.Stage = StageGuide
	if crisis == "" {
		t.c.Misses++
		t.fact("miss")
	}
	t.present()
}

// take appends an answer and shows what follows.
func (t *turn) take(a triage.Answer) {
	t.c.Path = append(t.c.Path, a)
	t.fact("answer|" + a.Question + "/" + a.Option)
	t.c.Misses, t.c.Pick = 0, nil
	t.c.Stage = StageGuide
	t.c.Step++
	if t.question() == nil {
		t.outcome()
		return
	}
	t.present()
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
	case q.Option(oid) != nil:
		if q.Many && len(q.Left(t.c.Path)) == 1 {
			t.c.Path = append(t.c.Path, triage.Answer{Question: qid, Option: oid})
			t.done(q)
			return
		}
		t.take(triage.Answer{Question: qid, Option: oid})
	default:
		t.present()
	}
}

// pickTap takes one of the candidates, or none.
func (t *turn) pickTap(arg string) {
	i, err := strconv.Atoi(arg)
	q := t.question()
	if err != nil || t.c.Stage != StagePick || q == nil {
		t.c.Pick = nil
		t.c.Stage = StageGuide
		t.c.Misses++
		t.present()
		return
	}
	if i < 0 || i >= len(t.c.Pick) {
		t.present()
		return
	}
	if o, ok := strings.CutPrefix(t.c.Pick[i], "o:"); ok {
		t.take(triage.Answer{Question: q.ID, Option: o})
		return
	}
	t.take(triage.Answer{Question: q.ID, Option: triage.Words, Fields: []string{t.c.Pick[i]}, By: t.c.By, Why: t.c.Why})
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
	t.fact("start")
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

// end closes the guide and forgets words that went nowhere.
func (t *turn) end() {
	t.c.begin()
	t.c.Stage = StageEnded
}

// question is the tree's next question, nil at the end.
func (t *turn) question() *triage.Question { return t.city.Tree.Walk(t.c.Path).Question }

func (t *turn) profile() triage.Profile { return t.city.Tree.Walk(t.c.Path).Profile }

// fieldsOf are the town's fields that a reading names.
func (t *turn) fieldsOf(r triage.Reading) []string {
	var out []string
	labels := r.Fields
	if len(labels) == 0 && r.Field != triage.Complex {
		labels = []string{r.Field}
	}
	for i, l := range labels {
		fine := ""
		if i == 0 {
			fine = r.Fine
		}
		if f := t.city.fieldFor(l, fine); f != "" && f != triage.Complex && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// heard names what was understood, in everyday words.
func (t *turn) heard(fields, patterns []string) string {
	var names []string
	for _, f := range fields {
		if f != triage.Complex {
			names = append(names, t.city.fieldPlain(f))
		}
	}
	if len(names) == 0 {
		return t.t("several")
	}
	return strings.Join(names, "」と「")
}

// why is the clause for the card: rules and kinds of evidence, never words.
func why(r triage.Reading) string {
	switch r.By {
	case triage.ByRule:
		for _, x := range r.Why {
			if x.Rule != "" {
				return "書かれたことばから（規則 " + x.Rule + "）"
			}
		}
		return "書かれたことばから（規則）"
	case triage.ByLLM:
		return "書かれたことばから（AIの見立て・住民が確認）"
	}
	return "書かれたことばから（例文に近い）"
}

// clip bounds a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
