package config

import (
	"runtime"
	"strings"
	"testing"

	"tsunagu/triage"
)

// The file of what was learned is of today's words, examples and learner.
func TestLearnedIsOfTodaysExamples(t *testing.T) {
	b := ReadBase()
	from, what, _ := strings.Cut(learned, "\n")
	if from != learnedFrom(b.printed) {
		t.Fatal("words or examples have changed: make learn")
	}
	if _, err := b.untaught.Recall(what); err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH == "amd64" && learned != string(b.Learned()) { // others may fuse a product with a sum
		t.Error("the learner has changed: make learn")
	}
}

// A file of other examples, or one that is not whole, is learned anew.
func TestLearnedOfOtherExamples(t *testing.T) {
	var examples []triage.Example
	for range 20 {
		examples = append(examples,
			triage.Example{Text: "まんまる便に乗りたい", Field: triage.Elderly, Crisis: triage.None},
			triage.Example{Text: "家賃が払えない", Field: triage.Poverty, Crisis: triage.None})
	}
	u, _ := triage.Compile(triage.Lexicon{})
	r, _ := u.Learn(examples[1:2], 1)
	all := func() taught { return taught{examples: examples} }
	printed := examplesDir + "/none/elderly/a.txt 1\n"
	for name, file := range map[string]string{
		"none":     "",
		"of other": learnedFrom("") + "\n" + string(r.Learned()),
		"cut":      learnedFrom(printed) + "\n" + string(r.Learned()[:10]),
	} {
		again := recall(file, u, printed, all)()
		if got := again.Read("まんまる便").Field; got != triage.Elderly {
			t.Errorf("%s: まんまる便 is read as %s", name, got)
		}
	}
	if got := recall(learnedFrom(printed)+"\n"+string(r.Learned()), u, printed, all)().Read("まんまる便").Field; got == triage.Elderly {
		t.Error("what was learned already is learned anew")
	}
}
