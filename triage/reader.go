package triage

import (
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

// Read says what the text is about, and which rules spoke, strongest first.
func (r *Reader) Read(text string) Reading {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	return r.read(r.look(text, s), s, false)
}

// Explain is Read with every piece of evidence, strongest first: for those who
// write the rules.
func (r *Reader) Explain(text string) Reading {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	return r.read(r.look(text, s), s, true)
}

// Crisis returns the kind of danger in the text or None. It needs nothing but
// the text: rules first, then what was learned.
func (r *Reader) Crisis(text string) string {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	v := r.look(text, s)
	if r.unheard(v, s) {
		kind, _ := r.danger(v, nil)
		return kind
	}
	h := r.hazard(v, s)
	kind, _ := r.danger(v, &h)
	return kind
}

// look is the view of a text with its features gathered. Of one text several things
// are asked, one after the other: what the scratch saw last it need not see again.
func (r *Reader) look(text string, s *scratch) *view {
	v := &s.view
	if s.of != r || s.text != text {
		r.view(text, s)
		s.of, s.text = r, text
	}
	if !s.gathered {
		r.model.gather(v, s)
		s.gathered = true
	}
	return v
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
	query    string // the rule of the question about the service itself that it asks
	prior    [headParts]float32
}

func (r *Reader) view(text string, s *scratch) *view {
	v := &s.view
	s.of, s.gathered = nil, false
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
	v.query = r.query(text, v.text, s)
	return v
}

// read turns evidence into a reading.
func (r *Reader) read(v *view, s *scratch, why bool) Reading {
	m := r.model
	if len(v.text) == 0 || len(v.rules)+len(v.patterns) == 0 && (m.docs == 0 || r.unheard(v, s)) {
		kind, _ := r.danger(v, nil)
		return Reading{Field: Unclear, Crisis: kind, By: ByRule, Why: r.spoke(v)}
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
