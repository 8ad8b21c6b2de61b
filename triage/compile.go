package triage

import (
	"fmt"
	"slices"
)

type wordGroup struct {
	phrase  int32
	label   int // that it belongs to, -1 = none
	concept int
}

type wordRule struct {
	WordRule
	condition
	label   int // -1 = says no field
	concept int
}

type patternRule struct {
	PatternRule
	condition
	label   int
	concept int
}

type crisisRule struct {
	CrisisRule
	condition
	rank int
}

type queryRule struct {
	QueryRule
	condition
	whole []string // folded
}

// Concept numbers: groups from 100, word rules from 10,000, patterns from
// 20,000, sets of labels from 40,000, ages from 1. Each counts on by its place in the
// lexicon, so that what a town puts in the place of another, or leaves out by a fault,
// moves no other from what was learned of it.
const (
	groupConcept   = 100
	ruleConcept    = 10_000
	patternConcept = 20_000
	setConcept     = 40_000
)

// NewReader compiles the lexicon and learns its examples. A faulty entry is
// reported and left out; the reader works with the rest.
func NewReader(l Lexicon) (*Reader, []Fault) {
	u, faults := Compile(l)
	r, more := u.Learn(l.Examples, 1)
	return r, append(faults, more...)
}

// Untaught is a reader that has learned nothing yet.
type Untaught struct {
	reader *Reader
	words  *draft // for towns over it
}

// Compile builds everything that is not learned and reports the faulty entries of
// a lexicon, which are left out. Its examples are not looked at.
func Compile(l Lexicon) (*Untaught, []Fault) {
	return compile(l, newVocabulary(l.Vocabulary), nil)
}

// Town compiles a town's lexicon in the same way: that of the base, where entries of
// the town stand in the place of those of the same ID, and after the last. What it
// need not change it shares.
func (u *Untaught) Town(l Lexicon) (*Untaught, []Fault) {
	return compile(l, u.reader.speech, u.words)
}

// Learn makes a reader from examples, as the mean of so many orders in which they are
// learned, from 1 up: more are a little surer, and each takes some two seconds for sixty
// thousand. What cannot be learned is reported.
func (u *Untaught) Learn(examples []Example, orders int) (*Reader, []Fault) {
	var faults []Fault
	r := *u.reader
	r.scratch, r.model = newPool(), newModel(defaults)
	samples := r.samples(examples, &faults)
	halves(samples, r.prepare)
	r.model.learn(samples, orders)
	return &r, faults
}

// Town makes the reader of a town from its lexicon. It knows what r has learned, which
// both share, and on top of it the town's own examples; it takes milliseconds for a
// hundred.
func (r *Reader) Town(u *Untaught, own []Example) (*Reader, []Fault) {
	var faults []Fault
	t := *u.reader
	t.scratch, t.model = r.scratch, r.model
	if len(own) > 0 {
		t.teach(own, &faults)
	}
	return &t, faults
}

// compile builds everything that is not learned.
func compile(l Lexicon, speech *vocabulary, base *draft) (*Untaught, []Fault) {
	var faults []Fault
	fault := func(where, text string) { faults = append(faults, Fault{where, text}) }
	r := &Reader{speech: speech}
	words := newDraft(base)
	for i, g := range l.Groups {
		if err := words.group(g); err != nil {
			fault("groups."+g.ID, err.Error())
			continue
		}
		n, err := words.add("@" + g.ID)
		if err != nil {
			fault("groups."+g.ID, err.Error())
			continue
		}
		label := slices.Index(labels, g.Field)
		if label < 0 && g.Field != "" {
			fault("groups."+g.ID, fmt.Sprintf("分野「%s」はありません", g.Field))
		}
		r.groups = append(r.groups, wordGroup{n, label, groupConcept + i})
	}
	known := map[string]bool{}
	check := func(where, id, label string, must bool, w When) (condition, int, bool) {
		if id == "" || known[where+"."+id] {
			fault(where+"."+id, "id がないか、二度あります")
			return condition{}, 0, false
		}
		known[where+"."+id] = true
		n := slices.Index(labels, label)
		if n < 0 && (must || label != "") {
			fault(where+"."+id, fmt.Sprintf("分野「%s」はありません", label))
			return condition{}, 0, false
		}
		c, err := words.condition(w)
		if err != nil {
			fault(where+"."+id, err.Error())
			return condition{}, 0, false
		}
		return c, n, true
	}
	for i, w := range l.Rules {
		if c, n, ok := check("rules", w.ID, w.Field, false, w.When); ok {
			if w.Weight == 0 {
				w.Weight = 1
			}
			r.rules = append(r.rules, wordRule{w, c, n, ruleConcept + i})
		}
	}
	for i, p := range l.Patterns {
		label := p.Field
		if label == "" {
			label = Complex
		}
		if c, n, ok := check("patterns", p.ID, label, true, p.When); ok {
			r.patterns = append(r.patterns, patternRule{p, c, n, patternConcept + i})
		}
	}
	for _, x := range l.Crisis {
		rank := slices.Index(dangers, x.Kind)
		if rank < 0 {
			fault("crisis."+x.ID, fmt.Sprintf("危機の種類「%s」はありません", x.Kind))
			continue
		}
		if c, _, ok := check("crisis", x.ID, "", false, x.When); ok {
			r.crisis = append(r.crisis, crisisRule{x, c, rank})
		}
	}
	for _, q := range l.Queries {
		if c, _, ok := check("queries", q.ID, "", false, q.When); ok {
			rule := queryRule{q, c, nil}
			for _, w := range q.Whole {
				rule.whole = append(rule.whole, Fold(w))
			}
			r.queries = append(r.queries, rule)
		}
	}
	r.words = words.words()
	return &Untaught{r, words}, faults
}
