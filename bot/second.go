package bot

import (
	"context"
	"slices"
	"time"

	"tsunagu/triage"
)

// secondWait is how long the resident waits for a second opinion on words that
// the rules did not settle; askTime is how long one may take, to be counted.
const (
	secondWait = 3 * time.Second
	askTime    = 8 * time.Second
)

// Asking is a message that a second opinion is being asked about, and how the
// ladder goes on without one. It holds no words of the resident.
type Asking struct {
	Message string
	// Step is the conversation's when it was asked.
	Step int
	// Pick, By and Why are what the rules would ask; no Pick is a miss.
	Pick []string `json:",omitempty"`
	By   string   `json:",omitempty"`
	Why  string   `json:",omitempty"`
	// Before are texts of the program that the answer begins with.
	Before []Bubble `json:",omitempty"`
	Fresh  bool     `json:",omitempty"`
}

// inquiry is one question to the second opinion: the message, whose words are
// read when it is asked, and the rules' label to compare with.
type inquiry struct {
	Message string `json:"m"`
	Label   string `json:"l"`
}

// unsure goes on where a reading is not taken as it is: with a second opinion,
// where the town has one and nothing speaks of danger, else up the ladder.
func (t *turn) unsure(message string, r triage.Reading, pick []string, crisis string) {
	danger := crisis != "" || r.Crisis != "" && r.Crisis != triage.None
	if !t.second || message == "" || danger || r.Confidence >= t.city.Accept {
		t.climb(pick, r.By, why(r), crisis)
		return
	}
	t.c.Asking = &Asking{Message: message, Step: t.c.Step, Pick: pick, By: r.By, Why: why(r), Before: t.bubbles, Fresh: t.fresh}
	t.bubbles, t.silent = nil, true
	t.inquiry = &inquiry{Message: message, Label: r.Field}
	t.timers = append(t.timers, timer{Kind: timerSecond, Due: t.now.Add(secondWait), Arg: message})
}

// supersede lets a newer event of the resident answer what was being asked about.
func (t *turn) supersede() {
	if a := t.c.Asking; a != nil {
		t.bubbles, t.fresh = append(t.bubbles, a.Before...), a.Fresh
		t.c.Asking = nil
	}
}

// opinion counts what the second opinion said, and answers with it when the
// resident still waits.
func (t *turn) opinion(q inquiry, g *triage.Guess) {
	switch {
	case g == nil:
		t.fact("llm|failed")
	case g.Field == q.Label:
		t.fact("llm|agree")
	default:
		t.fact("llm|disagree|" + q.Label + "|" + g.Field)
	}
	if !t.settle(q.Message, g) && g != nil {
		t.fact("llm|late")
	}
}

// settle answers the message that was asked about, without a guess when none came in
// time; false when it was answered before or a newer event came.
func (t *turn) settle(message string, g *triage.Guess) bool {
	a := t.c.Asking
	if a == nil || a.Message != message {
		return false
	}
	t.supersede()
	t.adopt()
	m := t.c.find(message)
	switch pick := t.proposed(g); {
	case m == nil || m.Gone || t.c.Step != a.Step || t.c.Stage != StageGuide || t.caseListens() || t.question() == nil:
		t.present() // taken back, or things went on without the resident
	case len(pick) == 0:
		t.climb(a.Pick, a.By, a.Why, "")
	default:
		guessed := len(pick)
		for _, f := range a.Pick {
			if !slices.Contains(pick, f) {
				pick = append(pick, f)
			}
		}
		t.ask(pick, a.By, a.Why)
		t.c.Guessed = guessed
	}
	t.finish()
	return true
}

// proposed are the town's fields to confirm, at most two so that the rules' own
// stands beside them; none when the guess says too little.
func (t *turn) proposed(g *triage.Guess) []string {
	if g == nil || g.Confidence < t.city.Accept {
		return nil
	}
	fields := t.fieldsOf(triage.Reading{Field: g.Field, Fields: g.Fields})
	return fields[:min(len(fields), 2)]
}

// inquire asks for the second opinion, once: what comes too late is not asked any
// more, and words that are gone are not shown to anybody.
func (s *speech) inquire(ctx context.Context) error {
	c, err := s.conversation(ctx)
	if err != nil {
		return err
	}
	q := s.u.Inquiry
	if s.town.Second == nil || c == nil || c.Asking == nil || c.Asking.Message != q.Message || s.Now().Sub(s.u.Since) >= secondWait {
		return s.done(ctx, nil)
	}
	m := c.find(q.Message)
	if m == nil || m.Text == "" {
		return s.done(ctx, nil)
	}
	call, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	res := &result{What: resGuessed, Inquiry: q}
	// Why it failed is the second opinion's own matter; the service is the same.
	if g, err := s.town.Second.Classify(call, triage.MaskNames(m.Text)); err == nil && slices.Contains(labels, g.Field) {
		res.Guess = &g
	}
	return s.done(ctx, res)
}

// labels are what a guess may say; counts are named after them.
var labels = []string{triage.Elderly, triage.Disability, triage.Child, triage.Poverty, triage.Complex, triage.Unclear, triage.OutOfScope}
