package bot

import (
	"fmt"
	"strconv"
	"strings"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// present asks what is being asked now (again). It is drawn once, when the turn
// is over.
func (t *turn) present() { t.show = true }

func (t *turn) add(b Bubble) { t.bubbles = append(t.bubbles, b) }

func (t *turn) t(name string, pairs ...string) string {
	return t.city.Texts.say(t.c.Easy, name, pairs...)
}

// reading says when staff read.
func (t *turn) reading() string { return t.easily(t.city.Directory.Calendar.Reading(t.now)) }

// easily says what the program put together itself (hours, reasons, lines) in
// やさしい日本語 for those who read that; words of people and offices stay.
func (t *turn) easily(s string) string {
	if !t.c.Easy {
		return s
	}
	return t.city.Texts.phrases().Replace(s)
}

// help is a text in the resident's own tongue, "" where the town has none.
func (t *turn) help(name string) string {
	if t.c.Tongue == "" {
		return ""
	}
	return strings.TrimSpace(t.city.Texts[t.c.Tongue+"."+name])
}

// explain puts what the choices mean behind them, in the resident's own tongue.
// The buttons stay as they are: they are what is tapped and typed.
func (t *turn) explain(b *Bubble) {
	for line := range strings.Lines(t.help("labels")) {
		label, means, ok := strings.Cut(strings.TrimSpace(line), " → ")
		for i, x := range b.Buttons {
			if row := "\n" + itoa(i+1) + " " + label; ok && x.Label == label {
				b.Text = strings.Replace(b.Text+"\n", row+"\n", row+" = "+means+"\n", 1)
				b.Text = strings.TrimSuffix(b.Text, "\n")
			}
		}
	}
}

func (t *turn) sayText(name string, pairs ...string) { t.add(Bubble{Text: t.t(name, pairs...)}) }

func (t *turn) fact(name string) { t.facts = append(t.facts, name) }

func (t *turn) button(name, verb, arg string) Button {
	return Button{Label: t.t(name), Data: t.data(verb, arg)}
}

// data is what a tap sends back: its step, a verb, an argument; no words.
func (t *turn) data(verb, arg string) string {
	d := strconv.Itoa(t.c.Step) + ":" + verb
	if arg != "" {
		d += ":" + arg
	}
	return d
}

// addText adds a text, if there is one.
func (t *turn) addText(s string) {
	if s != "" {
		t.add(Bubble{Text: s})
	}
}

// callSize is how many bubbles LINE takes in one call.
const callSize = 5

// finish turns the bubbles into the answer, and lets go along what was not taken
// before. What is not silent by design is answered, if only by the question.
func (t *turn) finish() {
	if len(t.bubbles) == 0 && !t.silent {
		t.show = true
	}
	if t.show {
		t.bubbles = append(t.bubbles, t.asked()...)
	}
	if len(t.bubbles) == 0 {
		return
	}
	for i := range t.bubbles {
		t.explain(&t.bubbles[i])
	}
	kind := t.kind
	if kind == "" {
		kind = SpeechNotice
		if t.show {
			kind = SpeechQuestion
		}
	}
	s := Speech{Kind: kind, Bubbles: t.bubbles}
	s.With = t.takeUnsent(callSize - min(callSize, len(t.bubbles)))
	t.say(s)
}

// say puts a speech on its way: by the reply token, where one was not used yet.
func (t *turn) say(s Speech) {
	s.Step, s.Made = t.c.Step, orTime(s.Made, t.now)
	s.Token = ""
	if t.c.Token != "" && t.now.Sub(t.c.TokenAt) < tokenLife {
		s.Token, s.TokenAt = t.c.Token, t.c.TokenAt
	}
	t.c.Token = ""
	t.speeches = append(t.speeches, s)
}

// takeUnsent takes what waits for the next reply, oldest first, as far as it fits
// into room bubbles; the rest goes on waiting. An old question does not count any
// more: a new answer stands in its place.
func (t *turn) takeUnsent(room int) (with []Speech) {
	var rest []Speech
	for _, s := range t.c.Unsent {
		switch n := len(s.Bubbles); {
		case s.Kind == SpeechQuestion:
		case n <= room && len(rest) == 0:
			with = append(with, s)
			room -= n
		default:
			rest = append(rest, s)
		}
	}
	t.c.Unsent = rest
	return with
}

// squeeze joins plain texts, their words filled, until at most n bubbles are left.
func squeeze(b []Bubble, n int) []Bubble {
	for len(b) > n {
		joined := false
		for i := 0; i+1 < len(b); i++ {
			if len(b[i].Offices)+len(b[i+1].Offices) == 0 && b[i].Text != "" && b[i+1].Text != "" {
				m := Bubble{Text: b[i].Text + "\n\n" + b[i+1].Text, Buttons: b[i+1].Buttons}
				b = append(append(append([]Bubble(nil), b[:i]...), m), b[i+2:]...)
				joined = true
				break
			}
		}
		if !joined {
			return b[:n]
		}
	}
	return b
}

// endedBubble says that more may be written at any time.
func (t *turn) endedBubble() Bubble {
	return Bubble{Text: t.t("ended"), Buttons: []Button{t.button("button.start", "start", "")}}
}

// asked draws what the stage asks.
func (t *turn) asked() []Bubble {
	c := t.c
	switch {
	case c.Stage == StageStop:
		name := "stop.quit"
		if c.Asked == "start" {
			name = "stop.start"
		}
		return []Bubble{numbered(t.t(name, "receipt", t.receipt()), t.button("button.end", "end", ""), t.button("button.keep", "keep", ""))}
	case t.caseListens() && t.k.Pass != nil:
		return []Bubble{t.passBubble()}
	case t.caseListens():
		return []Bubble{t.caseStatus()}
	}
	switch c.Stage {
	case StagePick:
		return []Bubble{t.pickBubble()}
	case StageMore:
		return []Bubble{t.withStanding(numbered(t.t("more", "field", t.heard(c.Pick, nil)),
			t.button("button.yes", "more", "yes"), t.button("button.no", "more", "no")))}
	case StageOffer:
		if t.kind == SpeechCrisis {
			return []Bubble{t.offerBubble()} // the numbers must stay on the screen
		}
		return t.outcomeBubbles()
	case StageConsent:
		return []Bubble{t.consentBubble()}
	case StageResume:
		return []Bubble{numbered(t.t("resume", "receipt", t.receipt()), t.button("button.same", "same", ""), t.button("button.anew", "anew", ""))}
	case StageEnded:
		return []Bubble{t.endedBubble()}
	}
	if q := t.question(); q != nil {
		return []Bubble{t.questionBubble(q)}
	}
	c.Stage = StageOffer
	return t.asked()
}

// questionBubble draws a question of the tree: the choices numbered in the text
// too, since quick replies vanish and do not show on a PC.
func (t *turn) questionBubble(q *triage.Question) Bubble {
	c := t.c
	text, again := q.Text, q.Again
	if t.c.Easy && t.city.Texts["easy.q."+q.ID] != "" {
		text, again = t.city.Texts["easy.q."+q.ID], ""
	}
	if s := t.help("q." + q.ID); s != "" {
		text += "\n" + s
	}
	switch {
	case c.Misses == 1 && t.knowsWorry(q):
		text = t.t("heard") + "\n\n" + orElse(again, text)
	case c.Misses == 1:
		text = t.t("again") + "\n" + orElse(again, text)
	case c.Misses >= listened:
		t.brief = true
		told := t.t("listening")
		if c.Misses > listened {
			told = t.t("listening.again")
		}
		if line := t.tellAgain(); line != "" { // whoever goes on writing has the number before them
			told += "\n" + line
		}
		text = told + "\n\n" + orElse(again, text)
	case c.Misses > 1:
		text = t.t("person", "phone", t.generalPhone(), "office", t.generalName()) + "\n\n" + orElse(again, text)
	}
	left := q.Left(c.Path)
	var b Bubble
	lines := []string{text, ""}
	for i, o := range left {
		if t.kind != SpeechCrisis && !t.brief { // a list would push the numbers off a small screen
			lines = append(lines, fmt.Sprintf("%d %s", i+1, o.Label))
		}
		b.Buttons = append(b.Buttons, Button{Label: o.Label, Data: t.data("a", q.ID+"/"+o.ID)})
	}
	b.Text = strings.TrimSpace(strings.Join(lines, "\n"))
	if q.Many && len(left) < len(q.Options) {
		b.Buttons = append(b.Buttons, Button{Label: q.DoneLabel, Data: t.data("a", q.ID+"/"+triage.Done)})
	} else {
		b.Buttons = append(b.Buttons, t.button("button.unsure", "a", q.ID+"/"+triage.Unsure))
	}
	if c.Misses > 1 || c.Misses == 1 && t.knowsWorry(q) {
		b.Buttons = append(b.Buttons, t.button("button.staff", "staff", ""))
	}
	return t.withStanding(b)
}

// numbered lists the choices in the text too: buttons vanish, and do not show on
// a PC.
func numbered(text string, choices ...Button) Bubble {
	for i, b := range choices {
		if i == 0 {
			text += "\n"
		}
		text += "\n" + itoa(i+1) + " " + b.Label
	}
	return Bubble{Text: text, Buttons: choices}
}

// withStanding adds もどる and やめる, and beside an open case the way back to it,
// as far as thirteen buttons allow.
func (t *turn) withStanding(b Bubble) Bubble {
	if t.c.Aside && t.openCase() && len(b.Buttons) < 13 {
		b.Buttons = append(b.Buttons, t.button("button.case", "case", ""))
	}
	for _, s := range [][2]string{{"button.back", "back"}, {"button.quit", "quit"}} {
		if len(b.Buttons) < 13 {
			b.Buttons = append(b.Buttons, t.button(s[0], s[1], ""))
		}
	}
	return b
}

func (t *turn) pickBubble() Bubble {
	q := t.question()
	var choices []Button
	for i, p := range t.c.Pick {
		label := ""
		if id, ok := strings.CutPrefix(p, "o:"); ok {
			if q != nil && q.Option(id) != nil {
				label = q.Option(id).Label
			}
		} else {
			label = t.city.fieldPlain(p)
		}
		choices = append(choices, Button{Label: label, Data: t.data("pick", itoa(i))})
	}
	if len(choices) == 1 {
		return t.withStanding(numbered(t.t("pick.one", "field", choices[0].Label), t.button("button.yes", "pick", "0"), t.button("button.no", "pick", "none")))
	}
	return t.withStanding(numbered(t.t("pick"), append(choices, t.button("button.neither", "pick", "none"))...))
}

// byLabel finds the button of the present question that the words name, by
// number or label.
func (t *turn) byLabel(text string) *Button {
	bubbles := t.asked()
	if len(bubbles) == 0 {
		return nil
	}
	buttons := bubbles[len(bubbles)-1].Buttons
	options := make([]triage.Option, len(buttons))
	for i, b := range buttons {
		options[i] = triage.Option{ID: strconv.Itoa(i), Label: b.Label}
	}
	if hits := triage.Match(options, text); len(hits) == 1 {
		i, _ := strconv.Atoi(hits[0].ID)
		if buttons[i].Data != "" {
			return &buttons[i]
		}
	}
	return nil
}

// caseStatus tells how the open case stands.
func (t *turn) caseStatus() Bubble {
	k := t.k
	name := "status.open"
	if k.State == handoff.Claimed {
		name = "status.claimed"
	}
	promise := ""
	if !k.Promised.IsZero() && k.Promised.After(t.now) {
		promise = t.t("promise", "by", directory.Moment(k.Promised, t.now))
	}
	return Bubble{Text: t.t(name, "receipt", k.Receipt, "reading", t.reading(), "promise", promise),
		Buttons: []Button{t.button("button.quit", "quit", "")}}
}

func (t *turn) receipt() string {
	if t.k == nil {
		return ""
	}
	return t.k.Receipt
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func prefixed(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}
