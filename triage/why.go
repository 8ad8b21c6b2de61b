package triage

import (
	"math"
	"slices"
	"sort"
)

// spoke lists the rules that hold.
func (r *Reader) spoke(v *view) []Reason {
	var out []Reason
	for _, i := range v.crisis {
		c, weight := &r.crisis[i], 10.
		if c.Kind == None {
			weight = 0 // it speaks for no danger and no field
		}
		out = append(out, Reason{By: ByRule, Rule: c.ID, Text: c.Kind, Label: c.Kind, Weight: weight})
	}
	for _, i := range v.patterns {
		out = append(out, Reason{By: ByRule, Rule: r.patterns[i].ID, Text: r.patterns[i].Name, Label: labels[r.patterns[i].label], Weight: r.patterns[i].Weight})
	}
	for _, i := range v.rules {
		if n := r.rules[i].label; n >= 0 {
			out = append(out, Reason{By: ByRule, Rule: r.rules[i].ID, Text: r.rules[i].ID, Label: labels[n], Weight: r.rules[i].Weight})
		}
	}
	return out
}

// loudest lists what of the gathered features speaks most for something: at most
// most of them, none of which overlaps a louder one.
func loudest(s *scratch, most int, weight func(i int) float32) []spoken {
	order := make([]int, 0, len(s.features))
	for i, at := range s.spans {
		if at.from >= 0 && weight(i) >= faint {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return weight(order[a]) > weight(order[b]) })
	var out []spoken
	for _, i := range order {
		at := s.spans[i]
		if len(out) < most && !slices.ContainsFunc(out, func(o spoken) bool { return at.from < o.to && o.from < at.to }) {
			out = append(out, spoken{at, float64(weight(i))})
		}
	}
	return out
}

// faint is the least weight that is worth telling.
const faint = 0.02

// spoken is a stretch of the text with what it adds, in nats.
type spoken struct {
	span
	weight float64
}

// reasons lists what spoke for a label of what was learned.
func (r *Reader) reasons(v *view, s *scratch, label int) []Reason {
	values := r.model.opt.valuesOf(s.features)
	weight := func(i int) float32 { return r.model.weight(s, i, &values, label) }
	var out []Reason
	for _, x := range loudest(s, 8, weight) {
		out = append(out, Reason{By: ByExample, Text: string(v.text[x.from:x.to]), Label: labels[label], Weight: x.weight})
	}
	var whole [2]float64
	for i, at := range s.spans {
		if at.from < 0 {
			whole[at.to] += float64(weight(i))
		}
	}
	for kind, w := range whole {
		if math.Abs(w) >= faint {
			out = append(out, Reason{By: ByExample, Text: wholes[kind], Label: labels[label], Weight: w})
		}
	}
	return out
}

// wholes name what the message as a whole says.
var wholes = [...]string{ofGroups: "（ことばの組の数と組みあわせ）", ofShape: "（長さと文字の種類）"}
