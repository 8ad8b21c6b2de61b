package triage

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"
)

// Reader understands free text. It is built once and may be used by many at the
// same time.
type Reader struct {
	words    *words
	speech   *vocabulary
	groups   []wordGroup
	rules    []wordRule
	patterns []patternRule
	crisis   []crisisRule
	queries  []queryRule
	model    *model
	scratch  *sync.Pool
}

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
	r, more := u.Learn(l.Examples)
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

// Learn makes a reader from examples; it takes about a second for fifty thousand. What
// cannot be learned is reported.
func (u *Untaught) Learn(examples []Example) (*Reader, []Fault) {
	var faults []Fault
	r := *u.reader
	r.scratch, r.model = newPool(), newModel(defaults)
	samples := r.samples(examples, &faults)
	halves(samples, r.prepare)
	r.model.learn(samples)
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

// Read says what the text is about, and which rules spoke, strongest first.
func (r *Reader) Read(text string) Reading {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	v := r.view(text, s)
	return r.read(v, s, false)
}

// Explain is Read with every piece of evidence, strongest first: for those who
// write the rules.
func (r *Reader) Explain(text string) Reading {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	v := r.view(text, s)
	return r.read(v, s, true)
}

// Crisis returns the kind of danger in the text or None. It needs nothing but
// the text: rules first, then what was learned.
func (r *Reader) Crisis(text string) string {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	v := r.view(text, s)
	r.model.gather(v, s)
	if r.unheard(v, s) {
		kind, _ := r.danger(v, nil)
		return kind
	}
	h := r.hazard(v, s)
	kind, _ := r.danger(v, &h)
	return kind
}

// view is a message made ready: its plain text and what was found in it.
type view struct {
	text     []rune
	words    []token
	found    []found
	concepts []concept
	sets     [2]concept
	counts   [headParts]int // groups touched, by label
	ages     []aged
	rules    []int // word rules that hold
	patterns []int
	crisis   []int
	query    bool // asks about the service itself, and hardly more
	prior    [headParts]float32
}

func (r *Reader) view(text string, s *scratch) *view {
	v := &s.view
	v.concepts, v.ages, v.rules, v.patterns, v.crisis = v.concepts[:0], v.ages[:0], v.rules[:0], v.patterns[:0], v.crisis[:0]
	v.prior, v.counts = [headParts]float32{}, [headParts]int{}
	v.text = appendPlain(v.text[:0], text)
	if len(v.text) > maxText {
		v.text = v.text[:maxText]
	}
	v.words = r.speech.cut(v.text, s)
	v.found = r.words.scan(v.text, s)
	place := func(p int32) (from, to int32) {
		for _, f := range v.found {
			if f.phrase == p {
				return f.from, f.to
			}
		}
		return 0, 0
	}
	note := func(id int, p int32) {
		from, to := place(p)
		v.concepts = append(v.concepts, concept{int32(id), from, to})
	}
	touched := 0
	for _, g := range r.groups {
		if s.has(g.phrase) {
			note(g.concept, g.phrase)
			if n := g.label; n >= 0 {
				touched |= 1 << n
				v.counts[n]++
			}
		}
	}
	// The set of labels touched, and that of the four fields alone.
	v.sets = [2]concept{{int32(setConcept + touched), 0, 0}, {int32(setConcept + 128 + touched&15), 0, 0}}
	v.ages = ages(v.text, v.ages)
	for _, a := range v.ages {
		v.concepts = append(v.concepts, concept{int32(1 + band(a.years)), a.from, a.to})
	}
	for i := range r.rules {
		if p, ok := r.rules[i].holds(s); ok {
			v.rules = append(v.rules, i)
			note(r.rules[i].concept, p)
			if n := r.rules[i].label; n >= 0 {
				v.prior[n] += float32(r.rules[i].Weight)
			}
		}
	}
	for i := range r.patterns {
		if p, ok := r.patterns[i].holds(s); ok {
			v.patterns = append(v.patterns, i)
			note(r.patterns[i].concept, p)
			v.prior[r.patterns[i].label] += float32(r.patterns[i].Weight)
		}
	}
	for i := range r.crisis {
		// No feature of the learner: the rules were made with the examples in
		// sight, and would be believed more than they deserve.
		if _, ok := r.crisis[i].holds(s); ok {
			v.crisis = append(v.crisis, i)
		}
	}
	v.query = len(v.text) <= calmQuery && r.query(text, v.text, s) != ""
	return v
}

// read turns evidence into a reading.
func (r *Reader) read(v *view, s *scratch, why bool) Reading {
	m := r.model
	m.gather(v, s)
	if len(v.text) == 0 || len(v.rules)+len(v.patterns) == 0 && (m.docs == 0 || r.unheard(v, s)) {
		kind, _ := r.danger(v, nil)
		return Reading{Field: Unclear, Crisis: kind, By: ByRule}
	}
	values := m.opt.valuesOf(s.features)
	var out [outputs]float32
	m.scores(s, &values, &out, 0, headCrisis)
	m.opt.believe(v, &out)
	var p [headParts]float32
	softmax(out[:headParts], p[:])
	best, second := 0, -1
	for k := 1; k < headParts; k++ {
		if p[k] > p[best] {
			best = k
		}
	}
	for k := range p {
		if k != best && (second < 0 || p[k] > p[second]) {
			second = k
		}
	}
	reading := Reading{Field: labels[best], Second: labels[second], Confidence: calibrate(float64(p[best])), By: ByExample}
	for _, i := range v.rules {
		w := &r.rules[i]
		if w.label == best {
			if w.Fine != "" && reading.Fine == "" {
				reading.Fine = w.Fine
			}
			reading.By = ByRule
		}
		if w.Who != "" && reading.Who == "" {
			reading.Who = w.Who
		}
		if w.Age != "" && reading.Age == "" {
			reading.Age = w.Age
		}
	}
	for _, i := range v.patterns {
		if r.patterns[i].label == best || best == 4 {
			reading.Patterns = append(reading.Patterns, r.patterns[i].ID)
			reading.By = ByRule
		}
	}
	if reading.Age == "" && len(v.ages) > 0 {
		reading.Age = bands[band(v.ages[0].years)]
	}
	reading.Fields = r.components(v, &out, best)
	reading.Why = r.spoke(v)
	if why {
		reading.Why = append(reading.Why, r.reasons(v, s, best)...)
	}
	h := r.hazard(v, s)
	by := ""
	if reading.Crisis, by = r.danger(v, &h); why && by == ByExample {
		reading.Why = append(r.alarm(v, s, &h), reading.Why...)
	}
	sort.SliceStable(reading.Why, func(i, j int) bool { return math.Abs(reading.Why[i].Weight) > math.Abs(reading.Why[j].Weight) })
	return reading
}

// components are the fields that the text states.
func (r *Reader) components(v *view, out *[outputs]float32, best int) []string {
	switch {
	case best < 4:
		return []string{labels[best]}
	case labels[best] != Complex:
		return nil
	}
	// A faint component counts beside a clear one only.
	at := float32(0)
	if slices.Max(out[headParts:headParts+4]) > 0 {
		at = r.model.opt.partAt
	}
	var fields []string
	for k := range 4 {
		in := out[headParts+k] > at
		for _, i := range v.patterns {
			in = in || slices.Contains(r.patterns[i].Fields, labels[k])
		}
		if in {
			fields = append(fields, labels[k])
		}
	}
	return fields
}

func newPool() *sync.Pool {
	return &sync.Pool{New: func() any { return &scratch{} }}
}
