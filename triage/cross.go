package triage

import (
	"cmp"
	"strconv"
)

// Cross says how the examples themselves are read by a reader that has not
// learned them.
type Cross struct {
	Folds int
	// Lines is with the folds cut line by line, alike sentences apart: what was
	// held back still has its like among what was learned. Files is with whole
	// files held back: situations that nobody has described yet.
	Lines, Files Report
}

// CrossValidate cuts the examples into folds, from 2 up, and reads each by a
// reader that learned all the others. A complex case read as one of its own
// components counts as lenient. step is called before each of the 2×folds
// readings begins, counted from 1; accept is the confidence from which a reading
// is taken at once.
func CrossValidate(l Lexicon, folds int, accept float64, step func(n int)) Cross {
	n := 0
	untaught, _ := Compile(l)
	by := func(together func(e *Example) string) Report {
		fold := foldsOf(l.Examples, folds, together)
		readings := make([]Reading, len(l.Examples))
		for k := range folds {
			n++
			step(n)
			var others []Example
			for i, e := range l.Examples {
				if fold[i] != k {
					others = append(others, e)
				}
			}
			r, _ := untaught.Learn(others)
			for i, e := range l.Examples {
				if fold[i] == k {
					readings[i] = r.Explain(e.Text)
				}
			}
		}
		set := make([]Labelled, len(l.Examples))
		for i, e := range l.Examples {
			set[i] = e.labelled()
		}
		next := 0
		return Evaluate(set, func(string) Reading { next++; return readings[next-1] }, accept)
	}
	return Cross{
		Folds: folds,
		Lines: by(func(e *Example) string { return e.Text }),
		Files: by(func(e *Example) string { return cmp.Or(e.File, e.Text) }),
	}
}

// foldsOf deals the examples to the folds in turn, those that belong together to
// the same.
func foldsOf(examples []Example, folds int, together func(e *Example) string) []int {
	fold, dealt := make([]int, len(examples)), map[string]int{}
	for i := range examples {
		key := together(&examples[i])
		k, ok := dealt[key]
		if !ok {
			k = len(dealt) % folds
			dealt[key] = k
		}
		fold[i] = k
	}
	return fold
}

func (e *Example) labelled() Labelled {
	m := Labelled{Text: e.Text, Field: e.Field, Fields: e.Fields, Crisis: e.Crisis, Decoy: e.Decoy}
	if e.Field == Complex {
		m.AlsoOK = e.Fields
	}
	if e.File != "" {
		m.ID = e.File + ":" + strconv.Itoa(e.Line)
	}
	return m
}
