package bot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tsunagu/triage"
)

// read climbs the asking ladder: take it, ask which of two, ask in other words,
// offer a person. message is the ID under which the words are kept; without one
// no second opinion is asked.
func (t *turn) read(q *triage.Question, message, text, crisis string) {
	if marks(text) {
		t.c.drop(message) // 。 or ？ is nothing to send
	}
	if crisis == "" && (thanks(text) || greeting(text)) {
		if thanks(text) {
			t.sayText("thanks")
		}
		t.c.drop(message)
		t.present()
		return
	}
	r := t.city.Read(text)
	if !t.tells(r) && message != "" {
		if whole := t.city.Read(t.story()); t.tells(whole) {
			r = whole // told in pieces
		}
	}
	fields := t.fieldsOf(r)
	for _, id := range r.Patterns {
		if o := t.patternOption(id); len(fields) == 0 && o != nil && o.Field != "" {
			fields = append(fields, o.Field)
		}
	}
	if t.asksWorry(q) {
		t.readWorry(q, message, r, fields, crisis)
	} else {
		t.readPerson(q, text, r, fields, crisis)
	}
}

// asksWorry says whether words at a question are read as the worry: where a choice
// names one, and, as a town's first question may only lead to others, where none is
// known yet and the question is neither about the person nor behind those.
func (t *turn) asksWorry(q *triage.Question) bool {
	if slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Field != "" || o.Complex }) {
		return true
	}
	after := t.city.Tree.AfterWords
	person := q.Districts || q.ID == after || slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Who != "" || o.Age != "" })
	passed := slices.ContainsFunc(t.c.Path, func(a triage.Answer) bool { return a.Question == after })
	p := t.profile()
	return !person && !passed && len(p.Fields) == 0 && !p.Complex
}

// knowsWorry says whether a question is about the person and the worry is known: words
// that are no answer there are more of the story.
func (t *turn) knowsWorry(q *triage.Question) bool {
	p := t.profile()
	return !t.asksWorry(q) && (len(p.Fields) > 0 || p.Complex)
}

// tells says whether a reading is taken as a worry.
func (t *turn) tells(r triage.Reading) bool {
	return r.Confidence >= t.city.Accept && r.Field != triage.Unclear && r.Field != triage.OutOfScope
}

// storyMost is how many of the last messages make one story.
const storyMost = 6

// story is what was written since the guide began, as one text.
func (t *turn) story() string {
	texts := t.c.texts(t.c.loose())
	return strings.Join(texts[max(0, len(texts)-storyMost):], "。")
}

// readPerson goes on where the person was asked about: what was said of them is the
// answer, a worry that is not known yet is asked about.
func (t *turn) readPerson(q *triage.Question, text string, r triage.Reading, fields []string, crisis string) {
	if o := t.spoken(q, r); o != nil && (o.Who != "self" || utf8.RuneCountInString(text) <= shortSelf) {
		t.take(triage.Answer{Question: q.ID, Option: o.ID, By: r.By})
		return
	}
	if len(fields) == 1 && r.Confidence >= t.city.Accept && !slices.Contains(t.profile().Fields, fields[0]) {
		t.askMore(fields, r)
		return
	}
	if crisis == "" && t.tells(t.city.Read(text)) {
		t.listen() // more of what is known already: heard, if no answer
		t.present()
		return
	}
	t.miss(crisis)
}

// askMore asks whether a further worry belongs to it.
func (t *turn) askMore(fields []string, r triage.Reading) {
	t.c.Pick, t.c.By, t.c.Why = fields, r.By, why(r)
	t.c.Stage = StageMore
	t.c.Step++
	t.present()
}

// shortSelf is up to how many characters 私 in the answer to "about whom" is the
// answer: お風呂も私がいれて is about somebody else, 自分がこわい may be a parent's.
const shortSelf = 5

// readWorry goes on where the worry was asked about, by how sure the reading is.
func (t *turn) readWorry(q *triage.Question, message string, r triage.Reading, fields []string, crisis string) {
	sure := r.Confidence >= t.city.Accept
	switch {
	case crisis == "" && t.tellAgain() != "" && !t.tells(r):
		t.miss(crisis) // ごみ and 手続き are no answer there
	case sure && r.Field == triage.Unclear && t.c.Misses == 0 && crisis == "":
		// "I do not know where to ask" is what this is for, not a failure.
		t.fact("unclear")
		t.c.Misses = heardUnclear
		t.sayText("unclear")
		t.present()
	case sure && r.Field == triage.OutOfScope && crisis == "":
		t.fact("outofscope")
		t.c.Misses = 0
		t.add(Bubble{Text: t.t("outofscope", "city", t.city.Name, "phone", t.hallPhone())})
		t.present()
	case sure && (len(fields)+len(r.Patterns) > 0 || r.Field == triage.Complex):
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
		t.unsure(message, r, pick, crisis)
	default:
		t.unsure(message, r, nil, crisis)
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
		o := t.spoken(q, r)
		if o == nil {
			return
		}
		t.take(triage.Answer{Question: q.ID, Option: o.ID, By: r.By})
	}
}

// corrects takes a choice of an earlier question about the person that the words name
// now (自分です): it was gathered from what was told before.
func (t *turn) corrects(e Event) bool {
	if triage.Nth(e.Text) != 0 {
		return false // a choice of what is asked now
	}
	for i, a := range t.c.Path {
		q := t.city.Tree.Find(a.Question)
		if q == nil || a.By == "" || !slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Who != "" }) {
			continue
		}
		hits := triage.Match(q.Options, e.Text)
		if len(hits) != 1 || hits[0].ID == a.Option || whose(e.Text) == "" && !triage.Typed(q.Options, e.Text) {
			continue
		}
		t.c.drop(e.Message)
		t.c.Path[i] = triage.Answer{Question: q.ID, Option: hits[0].ID}
		t.c.Path = t.city.Tree.Walk(t.c.Path).Path
		t.c.Step++
		t.notMissed()
		t.add(Bubble{Text: t.t("read", "field", hits[0].Label)})
		return true
	}
	return false
}

// nodded answers thanks and わかりました in a few words where nothing is being asked
// or the offices were just shown: not with all of it once more.
func (t *turn) nodded(text string) bool {
	thank := thanks(text)
	if !thank && !nod(text) {
		return false
	}
	name := "ended"
	if thank {
		name = "thanks"
	}
	switch t.c.Stage {
	case StageEnded:
		t.add(Bubble{Text: t.t(name), Buttons: []Button{t.button("button.start", "start", "")}})
	case StageOffer:
		if thank {
			t.sayText(name)
		}
		t.add(t.offerBubble())
	default:
		return false
	}
	return true
}

// spoken is the option of a question about the person that a reading answers. Words
// about danger name the family that does it, and in violence a friend who takes them
// in, not whom it is about.
func (t *turn) spoken(q *triage.Question, r triage.Reading) *triage.Option {
	if k := t.c.Urgency; t.kind == SpeechCrisis && (k == triage.Violence || k == triage.ChildAbuse && r.Who == "family") {
		r.Who = ""
	}
	for i, o := range q.Options {
		if (o.Who != "" && o.Who == r.Who) || (o.Age != "" && o.Age == r.Age) {
			return &q.Options[i]
		}
	}
	return nil
}

// climb asks which of the candidates was meant, or says that nothing was
// understood.
func (t *turn) climb(pick []string, by, why, crisis string) {
	if len(pick) == 0 {
		t.miss(crisis)
		return
	}
	t.ask(pick, by, why)
}

// ask puts up to three candidates to the resident.
func (t *turn) ask(pick []string, by, why string) {
	if len(pick) > 3 {
		pick = pick[:3]
	}
	t.c.Pick, t.c.By, t.c.Why, t.c.Guessed = pick, by, why, 0
	t.c.Stage = StagePick
	t.c.Step++
	t.present()
}

// miss is the rest of the ladder.
func (t *turn) miss(crisis string) {
	t.c.Stage = StageGuide
	switch {
	case crisis != "":
		t.c.Misses = 0
	case t.heardInDanger():
		t.brief = true
	case t.tellAgain() != "":
		t.listen() // not how badly this machine reads
	case t.fresh: // the first words are no failure: they are heard
		t.c.Misses = heardUnclear
		t.sayText("unclear")
	default:
		t.c.Misses = max(t.c.Misses, 0) + 1
		t.fact("miss")
	}
	t.present()
}

// listen only says that more may be written, briefly from the second time on.
func (t *turn) listen() { t.c.Misses = max(listened, t.c.Misses+1) }

// heardInDanger answers the first words after a danger that nobody but a person can
// answer: once, with the number that can be called.
func (t *turn) heardInDanger() bool {
	line := t.tellAgain()
	if line == "" || t.c.Misses == heardDanger || t.c.Misses >= listened {
		return false
	}
	t.c.Misses = heardDanger
	t.sayText("crisis.after", "line", line)
	return true
}

// What stands in Misses besides a count: that words after a danger were heard once, and
// the count from which it is only said that more may be written.
const (
	heardDanger = -2
	listened    = 3
)

// heardUnclear stands in Misses after "I do not know where to ask": said once
// more, it climbs the ladder.
const heardUnclear = -1

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

// patternOption is the tree's first choice that stands for a named pattern: what
// it says holds for words that show the pattern too.
func (t *turn) patternOption(id string) *triage.Option {
	for _, q := range t.city.Tree.Questions {
		if i := slices.IndexFunc(q.Options, func(o triage.Option) bool { return o.Pattern == id }); i >= 0 {
			return &q.Options[i]
		}
	}
	return nil
}

// heard names what was understood, in everyday words.
func (t *turn) heard(fields, patterns []string) string {
	var names []string
	for _, f := range fields {
		if f != triage.Complex {
			names = append(names, t.city.fieldPlain(f))
		}
	}
	for _, id := range patterns {
		if o := t.patternOption(id); len(names) == 0 && o != nil && o.Worry != "" {
			names = append(names, o.Worry)
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
