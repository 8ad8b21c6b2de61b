package triage

import (
	"math"
	"slices"
)

// A message of this many characters is read sentence by sentence too, and a
// sentence of fewer than minSentence characters says nothing alone.
const (
	longText    = 60
	minSentence = 10
	// Of a message of fewer than shortText characters, or one of names and words that
	// they do not know, the examples must be surer: few pieces say much about anything.
	shortText = 9
	shortMore = 0.25
	// What stands behind a turn to calm says something from this many characters.
	minRest = 3
)

// hazard is a learned estimate of danger and the part of the text it is of.
type hazard struct {
	p        [outputs - headCrisis]float32 // by kind, None first
	from, to int
	strange  bool // hardly anything of that part was ever learned
}

// score is how sure danger is. One that could be of any kind is less sure than
// one that is plainly of one: the kinds count together as the root of their squares.
func (h *hazard) score() float32 {
	var squares float32
	for _, p := range h.p[1:] {
		squares += p * p
	}
	kinds := float32(math.Sqrt(float64(squares)))
	return kinds / (kinds + h.p[0])
}

// top is the likeliest kind of danger.
func (h *hazard) top() int {
	top := 1
	for k := 2; k < len(h.p); k++ {
		if h.p[k] > h.p[top] {
			top = k
		}
	}
	return top
}

// hazard estimates the danger of a message. A danger told in one sentence must
// not be thinned out by the calm of the others: of a long message every sentence
// and every two beside each other are estimated as well, and the worst counts,
// lessened by clauseOff, since it was torn from its context. The message's
// features must have been gathered; those of the last part stand there afterwards.
// What a turn to calm follows is lessened by turnOff.
func (r *Reader) hazard(v *view, s *scratch) hazard {
	turns := r.turns(v, s)
	// off is turnOff when one of them begins in a stretch or in the sentence behind it.
	off := func(from, to int) float32 {
		for to++; to < len(v.text) && v.text[to] != stop; to++ {
		}
		if slices.ContainsFunc(turns, func(t span) bool { return from <= int(t.from) && int(t.from) < to }) {
			return r.model.opt.turnOff
		}
		return 0
	}
	worst := r.estimate(s, off(0, len(v.text)))
	worst.to = len(v.text)
	if len(v.text) < longText {
		return worst
	}
	before, last := 0, 0 // where the sentence before the last began, and the last
	for i := 0; i <= len(v.text); i++ {
		if i < len(v.text) && v.text[i] != stop {
			continue
		}
		for _, from := range [2]int{before, last} {
			if i-from < minSentence || i-from == len(v.text) {
				continue
			}
			part := v.part(from, i)
			r.model.gather(&part, s)
			if h := r.estimate(s, r.model.opt.clauseOff+off(from, i)); h.score() > worst.score() {
				worst = h
				worst.from, worst.to = from, i
			}
			if before == last {
				break
			}
		}
		before, last = last, i+1
	}
	return worst
}

// turns are where the message turns to calm: the phrases of the rules of kind None,
// but those that more danger follows. The features are the message's afterwards.
func (r *Reader) turns(v *view, s *scratch) (calm []span) {
	read := false
	for _, i := range v.crisis {
		for _, f := range v.found {
			if r.crisis[i].Kind != None || !slices.Contains(r.crisis[i].any, f.phrase) {
				continue
			}
			danger := false
			if rest := v.part(int(f.to), len(v.text)); len(rest.text) >= minRest {
				r.model.gather(&rest, s)
				h := r.hazard(&rest, s)
				read, danger = true, h.score() >= r.model.opt.weakAt
			}
			if !danger {
				calm = append(calm, span{f.from, f.to})
			}
		}
	}
	if read {
		r.model.gather(v, s)
	}
	return calm
}

// estimate is the learned estimate of what was gathered, with calm favoured by off
// nats.
func (r *Reader) estimate(s *scratch, off float32) (h hazard) {
	values := r.model.opt.valuesOf(s.features)
	var out [outputs]float32
	r.model.scores(s, &values, &out, headCrisis, outputs)
	out[headCrisis] += off
	softmax(out[headCrisis:outputs], h.p[:])
	h.strange = s.hardlyKnown()
	return h
}

// part is the view of a stretch of the text.
func (v *view) part(from, to int) view {
	p := view{text: v.text[from:to], sets: v.sets, counts: v.counts}
	for _, w := range v.words {
		if int(w.from) >= from && int(w.to) <= to {
			p.words = append(p.words, token{w.base, w.from - int32(from), w.to - int32(from), w.known})
		}
	}
	for _, c := range v.concepts {
		if int(c.from) >= from && int(c.to) <= to {
			p.concepts = append(p.concepts, concept{c.id, c.from - int32(from), c.to - int32(from)})
		}
	}
	return p
}

// danger returns the kind of crisis and what spoke for it; h may be nil. A rule
// comes first, then a weak one that the examples do not contradict, then the
// examples alone. A rule of the base yields where the examples are all but certain
// of calm; a town's own never does. Whether others get to know of it is asked in
// fear, and is no danger by itself: there the examples alone do not count.
func (r *Reader) danger(v *view, h *hazard) (kind, by string) {
	learned := h != nil && len(v.text) > 0 && r.model.docs > 0
	best, weak := -1, -1
	for _, i := range v.crisis {
		at := &best
		switch c := &r.crisis[i]; {
		case c.Kind == None:
			continue
		case c.Weak:
			at = &weak
		case learned && !c.Own && h.score() < r.model.opt.calmAt:
			continue
		}
		if *at < 0 || r.crisis[i].rank < r.crisis[*at].rank {
			*at = i
		}
	}
	if best < 0 && !learned {
		best = weak
	}
	if best >= 0 {
		return r.crisis[best].Kind, ByRule
	}
	if !learned {
		return None, ""
	}
	top := dangers[h.top()]
	at := r.model.opt.crisisAt
	if len(v.text) < shortText || h.strange {
		at += shortMore
	}
	switch score := h.score(); {
	case weak >= 0 && score >= r.model.opt.weakAt:
		// The same blow has another name by who is struck, which the examples
		// tell better than one rule.
		if harms(r.crisis[weak].Kind) && harms(top) {
			return top, ByRule
		}
		return r.crisis[weak].Kind, ByRule
	case score > at && (v.query == "" || len(v.text) > calmQuery):
		return top, ByExample
	}
	return None, ""
}

// harms says whether a kind is harm done by one person to another at home or in
// care.
func harms(kind string) bool {
	return kind == Violence || kind == ChildAbuse || kind == ElderAbuse || kind == DisabilityAbuse
}

// alarm lists why the examples alone find danger: the sentence, with how sure
// they are, and the three pieces of it that speak loudest.
func (r *Reader) alarm(v *view, s *scratch, h *hazard) []Reason {
	label := headCrisis + h.top()
	kind := dangers[h.top()]
	out := []Reason{{By: ByExample, Text: string(v.text[h.from:h.to]), Label: kind, Weight: float64(h.score())}}
	part := v.part(h.from, h.to)
	r.model.gather(&part, s)
	values := r.model.opt.valuesOf(s.features)
	for _, x := range loudest(s, 3, func(i int) float32 {
		return r.model.weight(s, i, &values, label) - r.model.weight(s, i, &values, headCrisis)
	}) {
		out = append(out, Reason{By: ByExample, Text: string(part.text[x.from:x.to]), Label: kind, Weight: x.weight})
	}
	return out
}
