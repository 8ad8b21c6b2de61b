package triage

import (
	"cmp"
	"slices"
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

// CrossValidate cuts the examples of the base and a town's own into folds, from 2 up,
// and reads each by the town's reader that learned all the others. A complex case
// read as one of its own components counts as lenient. step is called before each of
// the 2×folds readings begins, counted from 1; accept is the confidence from which a
// reading is taken at once.
func CrossValidate(base, town Lexicon, folds int, accept float64, step func(n int)) Cross {
	n := 0
	untaught, _ := Compile(base)
	towns, _ := untaught.Town(town)
	examples := slices.Concat(base.Examples, town.Examples)
	by := func(together func(e *Example) string) Report {
		fold := foldsOf(examples, folds, together)
		readings := make([]Reading, len(examples))
		for k := range folds {
			n++
			step(n)
			others := func(list []Example, from int) (out []Example) {
				for i, e := range list {
					if fold[from+i] != k {
						out = append(out, e)
					}
				}
				return out
			}
			r, _ := untaught.Learn(others(base.Examples, 0), 1)
			r, _ = r.Town(towns, others(town.Examples, len(base.Examples)))
			for i, e := range examples {
				if fold[i] == k {
					readings[i] = r.Explain(e.Text)
				}
			}
		}
		set := make([]Labelled, len(examples))
		for i, e := range examples {
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
