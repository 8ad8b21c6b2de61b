package triage

import (
	"reflect"
	"testing"
)

// What is written down of what was learned reads as what was learned, and a town can
// be taught on top of either.
func TestRecall(t *testing.T) {
	l, err := baseLexicon()
	if err != nil {
		t.Fatal(err)
	}
	u, _ := Compile(l)
	r, _ := u.Learn(l.Examples[:5000], 2)
	recalled, err := u.Recall(string(r.Learned()))
	if err != nil {
		t.Fatal(err)
	}
	town, _ := r.Town(u, bus("まんまる便"))
	recalledTown, _ := recalled.Town(u, bus("まんまる便"))
	for _, e := range l.Examples[4000:6000] {
		if a, b := r.Explain(e.Text), recalled.Explain(e.Text); !reflect.DeepEqual(a, b) {
			t.Fatalf("%s reads %+v, and recalled %+v", e.Text, a, b)
		}
		if a, b := town.Explain(e.Text), recalledTown.Explain(e.Text); !reflect.DeepEqual(a, b) {
			t.Fatalf("%s reads in a town %+v, and recalled %+v", e.Text, a, b)
		}
	}
}

// What is not whole, or contradicts itself, is refused.
func TestRecallWhatIsNotWhole(t *testing.T) {
	u, _ := Compile(Lexicon{})
	var examples []Example
	for range 3 {
		examples = append(examples, Example{Text: "家賃が払えない", Field: Poverty, Crisis: None})
	}
	r, _ := u.Learn(examples, 1)
	whole := string(r.Learned())
	if _, err := u.Recall(whole); err != nil {
		t.Fatal(err)
	}
	weights := len(r.model.weights)
	changed := func(at int) string {
		data := []byte(whole)
		data[at] ^= 1
		return string(data)
	}
	for name, data := range map[string]string{
		"empty":          "",
		"the head alone": whole[:100],
		"cut":            whole[:len(whole)-1],
		"too long":       whole + "x",
		"one more row":   changed(4),
		"a bit more":     changed(len(whole) - weights - indexSize),
		"a wrong count":  changed(len(whole) - weights - 4),
	} {
		if _, err := u.Recall(data); err == nil {
			t.Errorf("%s: recalled", name)
		}
	}
}
