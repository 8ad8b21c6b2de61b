package triage

import "slices"

// Move is a message that two readers read differently.
type Move struct {
	Message  Labelled
	From, To Reading
	// Better and Worse say which reading the label prefers; neither when both
	// are right or both wrong.
	Better, Worse bool
}

// Compare lists the messages that a change of rules would move.
func Compare(set []Labelled, from, to func(string) Reading) []Move {
	var out []Move
	for _, m := range set {
		a, b := from(m.Text), to(m.Text)
		if a.Field == b.Field && a.Crisis == b.Crisis {
			continue
		}
		was, is := m.right(a), m.right(b)
		out = append(out, Move{Message: m, From: a, To: b, Better: is > was, Worse: is < was})
	}
	return out
}

// right counts what a reading got right: the field, and whether guidance was
// shown when it should be.
func (l *Labelled) right(r Reading) int {
	n := 0
	if r.Field == l.Field || slices.Contains(l.AlsoOK, r.Field) {
		n++
	}
	if danger := l.Crisis != "" && l.Crisis != None; danger == (r.Crisis != None && r.Crisis != "") {
		n += 2
	}
	return n
}
