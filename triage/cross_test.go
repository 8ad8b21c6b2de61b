package triage

import (
	"slices"
	"testing"
)

// TestCrossValidate: what a fold holds back is read from the others alone.
func TestCrossValidate(t *testing.T) {
	var l Lexicon
	add := func(file, field string, texts ...string) {
		for i, text := range texts {
			l.Examples = append(l.Examples, Example{Text: text, Field: field, Crisis: None, File: file, Line: i + 1})
		}
	}
	add("a", Elderly, "雪かきの当番がつらい", "雪かきの当番に出られない", "雪かきの当番を休みたい", "雪かきの当番が重い", "雪かきの当番を代わる", "雪かきの当番は朝だ", "雪かきの当番を頼む", "雪かきの当番が続く")
	add("b", Child, "学校の給食を残す", "学校の給食を食べない", "学校の給食がいやだ", "学校の給食で泣く", "学校の給食に困る", "学校の給食を待つ", "学校の給食が好きだ", "学校の給食に遅れる")
	var steps []int
	got := CrossValidate(l, Lexicon{}, 2, 0.5, func(n int) { steps = append(steps, n) })
	if !slices.Equal(steps, []int{1, 2, 3, 4}) {
		t.Errorf("steps %v", steps)
	}
	if got.Lines.Strict.Hit < 12 || got.Lines.Strict.Of != 16 {
		t.Errorf("by line %v: each line has its like in the other fold", got.Lines.Strict)
	}
	if got.Files.Strict != (Share{0, 16}) {
		t.Errorf("by file %v: the one file that speaks of it is held back", got.Files.Strict)
	}
	if m := got.Files.Mistakes; len(m) != 16 || !slices.ContainsFunc(m, func(m Mistake) bool { return m.Message.ID == "b:4" }) {
		t.Errorf("mistakes %+v", m)
	}
}

// TestFoldsKeepWhatBelongsTogether: two lines of the same words never stand on
// both sides.
func TestFoldsKeepWhatBelongsTogether(t *testing.T) {
	examples := []Example{{Text: "a"}, {Text: "b"}, {Text: "a"}, {Text: "c"}}
	if got := foldsOf(examples, 2, func(e *Example) string { return e.Text }); !slices.Equal(got, []int{0, 1, 0, 0}) {
		t.Errorf("folds %v", got)
	}
}
