package bot

import (
	"strings"
	"time"

	"tsunagu/triage"
)

// Outcome is what a path through the tree comes to: complex, the main field, or
// unknown. ok is false when the tree no longer knows all of the path.
func (c *City) Outcome(path []triage.Answer) (label string, ok bool) {
	p := c.Tree.Walk(path)
	switch {
	case p.Profile.Complex:
		label = triage.Complex
	case len(p.Profile.Fields) > 0:
		label = p.Profile.Fields[0]
	default:
		label = "unknown"
	}
	return label, !p.Cut
}

// pathFact is the name under which a finished path is counted, by the month and
// without words, person or district: what a change of rules is rehearsed on.
const pathFact = "path|"

// anyDistrict stands for the 地区 in a counted path.
const anyDistrict = "*"

// maxPathFact bounds a counted path; longer ones are not counted.
const maxPathFact = 400

// countPath counts a finished path and what it came to.
func (t *turn) countPath(label string) {
	var steps []string
	for _, a := range t.c.Path {
		option := a.Option
		if q := t.city.Tree.Find(a.Question); q != nil && q.Districts && option != triage.Unsure {
			option = anyDistrict
		}
		step := a.Question + "/" + option
		if len(a.Fields) > 0 {
			step += "=" + strings.Join(a.Fields, "+")
		}
		steps = append(steps, step)
	}
	name := pathFact + label + "|" + strings.Join(steps, " ")
	if len(name) <= maxPathFact {
		t.fact(name)
	}
}

// ParsePath reads a counted path back. The 地区 reads as 分からない.
func ParsePath(fact string) (label string, path []triage.Answer, ok bool) {
	rest, ok := strings.CutPrefix(fact, pathFact)
	if !ok {
		return "", nil, false
	}
	label, steps, _ := strings.Cut(rest, "|")
	for _, s := range strings.Fields(steps) {
		s, fields, read := strings.Cut(s, "=")
		q, o, _ := strings.Cut(s, "/")
		a := triage.Answer{Question: q, Option: o}
		if o == anyDistrict {
			a.Option = triage.Unsure
		}
		if read {
			a.Fields = strings.Split(fields, "+")
		}
		path = append(path, a)
	}
	return label, path, true
}

// dayOf is the day that a fact is counted under: paths by the month.
func dayOf(fact string, now time.Time) string {
	if strings.HasPrefix(fact, pathFact) {
		return now.Format("2006-01")
	}
	return now.Format(time.DateOnly)
}
