package triage

// danger returns the kind of crisis and what spoke for it; out may be nil. A
// rule comes first, then a weak one that the examples do not contradict, then
// the examples alone.
func (r *Reader) danger(v *view, out *[outputs]float32) (kind, by string) {
	best, weak := -1, -1
	for _, i := range v.crisis {
		at := &best
		if r.crisis[i].Weak {
			at = &weak
		}
		if *at < 0 || r.crisis[i].rank < r.crisis[*at].rank {
			*at = i
		}
	}
	learned := out != nil && len(v.text) > 0 && r.model.docs > 0
	if best < 0 && !learned {
		best = weak
	}
	if best >= 0 {
		return r.crisis[best].Kind, ByRule
	}
	if !learned {
		return None, ""
	}
	var p [outputs - headCrisis]float32
	softmax(out[headCrisis:], p[:])
	top := 1
	for k := 2; k < len(p); k++ {
		if p[k] > p[top] {
			top = k
		}
	}
	switch score := 1 - p[0]; {
	case weak >= 0 && score >= r.model.opt.weakAt:
		// The same blow has another name by who is struck, which the examples
		// tell better than one rule.
		if harms(r.crisis[weak].Kind) && harms(dangers[top]) {
			return dangers[top], ByRule
		}
		return r.crisis[weak].Kind, ByRule
	case score > r.model.opt.crisisAt:
		return dangers[top], ByExample
	}
	return None, ""
}

// harms says whether a kind is harm done by one person to another at home or in
// care.
func harms(kind string) bool {
	return kind == Violence || kind == ChildAbuse || kind == ElderAbuse || kind == DisabilityAbuse
}
