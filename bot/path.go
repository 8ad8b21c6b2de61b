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

// AnyDistrict stands for the 地区 in what is counted.
const AnyDistrict = "*"

// maxPathFact bounds a counted path; longer ones are not counted.
const maxPathFact = 400

// countPath counts a finished path and what it came to.
func (t *turn) countPath(label string) {
	name := pathFact + label + "|" + t.steps()
	if len(name) <= maxPathFact {
		t.fact(name)
	}
}

// steps is the path as it is counted.
func (t *turn) steps() string {
	var steps []string
	for _, a := range t.c.Path {
		step := a.Question + "/" + t.city.Counted(a.Question, a.Option)
		if len(a.Fields) > 0 {
			step += "=" + strings.Join(a.Fields, "+")
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, " ")
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
		if o == AnyDistrict {
			a.Option = triage.Unsure
		}
		if read {
			a.Fields = strings.Split(fields, "+")
		}
		path = append(path, a)
	}
	return label, path, true
}

// misreadFact is the name under which a path is counted that led to the wrong
// field: from where, to where, the path; by the month and without words.
const misreadFact = "misread|"

// misread counts that staff found the case in the wrong field.
func (t *turn) misread(from, to string) {
	t.fact("misroute|" + from + "|" + to)
	name := misreadFact + from + "|" + to + "|" + t.k.Path
	if len(name) <= maxPathFact {
		t.fact(name)
	}
}

// Misread is a path that led to the wrong field, for those who write the rules.
type Misread struct {
	Month    string // 2026-11
	From, To string // fields
	Path     []triage.Answer
	N        int
}

// ParseMisread reads a counted misread path back.
func ParseMisread(f Fact) (m Misread, ok bool) {
	rest, ok := strings.CutPrefix(f.Name, misreadFact)
	if !ok {
		return m, false
	}
	m.Month, m.N = f.Day, f.N
	m.From, rest, _ = strings.Cut(rest, "|")
	_, m.Path, _ = ParsePath(pathFact + rest)
	m.To, _, _ = strings.Cut(rest, "|")
	return m, true
}

// dayOf is the day that a fact is counted under: paths by the month.
func dayOf(fact string, now time.Time) string {
	if strings.HasPrefix(fact, pathFact) || strings.HasPrefix(fact, misreadFact) {
		return now.Format("2006-01")
	}
	return now.Format(time.DateOnly)
}
