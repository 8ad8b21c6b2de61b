package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"tsunagu/bot"
	"tsunagu/triage"
)

// However many towns with words of their own one program serves, the base is read once
// and learned once, and no town changes it for another.
func TestTownsStandOverOneBase(t *testing.T) {
	b := ReadBase()
	learned, learn := 0, b.reader
	b.reader = func() *triage.Reader { learned++; return learn() }
	before := b.lexicon
	before.Groups, before.Rules = slices.Clone(before.Groups), slices.Clone(before.Rules)
	var towns []*bot.City
	for i := range 3 {
		c, faults := b.City(village(t, map[string]string{
			wordsFile:                        fmt.Sprintf("groups:\n  - {id: %s, field: child, words: [まんまる%d便]}\nrules:\n  - {id: own, field: elderly, weight: 5, any: [ぬくもり%d号]}\n", before.Groups[0].ID, i, i),
			"examples/none/poverty/mine.txt": fmt.Sprintf("ぽかぽか%d券がほしい\nぽかぽか%d券の申し込み\n", i, i),
		}))
		if len(faults) > 0 {
			t.Fatal(Report(faults))
		}
		towns = append(towns, c)
	}
	plain, faults := b.City("hokuto")
	if len(faults) > 0 {
		t.Fatal(Report(faults))
	}
	documents := len(b.docs)
	if _, faults := b.City("kitakami"); len(faults) > 0 || len(b.docs) != documents || learned > 0 {
		t.Errorf("%d documents, then %d; asked to learn %d times; %s", documents, len(b.docs), learned, Report(faults))
	}
	for i, c := range towns {
		for j := range towns {
			if got := c.Read(fmt.Sprintf("ぬくもり%d号のこと", j)); (got.By == triage.ByRule && got.Field == triage.Elderly) != (i == j) {
				t.Errorf("town %d reads the rule of town %d as %+v", i, j, got)
			}
		}
		if got := c.Read("ぽかぽか券の申し込み").Field; got != triage.Poverty {
			t.Errorf("town %d reads its example as %s", i, got)
		}
	}
	if plain.Read("ぬくもり1号のこと").By == triage.ByRule {
		t.Error("a rule of a town speaks elsewhere")
	}
	if learned != len(towns)+1 { // each asks once, and is told what is known
		t.Errorf("%d towns asked %d times for what was learned", len(towns)+1, learned)
	}
	if !reflect.DeepEqual(before.Groups, b.lexicon.Groups) || !reflect.DeepEqual(before.Rules, b.lexicon.Rules) {
		t.Error("a town has changed the base's words")
	}
}

// What is doubtful in the base is said of every town that stands over it, at its place.
func TestFaultsOfTheBaseAreSaidOfEveryTown(t *testing.T) {
	b := ReadBase()
	b.faults = append(b.faults, Fault{File: baseDir + "/" + vocabulary, Line: 3, Col: 1, Text: "ためし", Warning: true})
	b.wrong = append(b.wrong, triage.Fault{Where: "groups." + b.lexicon.Groups[1].ID, Text: "ためし"})
	for range 2 {
		at := b.places["base-words.groups[1]"]
		said := b.Check("hokuto", noon)
		for _, want := range []string{baseDir + "/vocabulary.txt:3:1: 注意：ためし", fmt.Sprintf("%s/words.yaml:%d:%d: 注意：groups.%s：ためし（この行は使われません）", baseDir, at.line, at.col, b.lexicon.Groups[1].ID)} {
			if !slices.ContainsFunc(said, func(f Fault) bool { return f.String() == want }) {
				t.Errorf("%s is not said: %s", want, Report(said))
			}
		}
	}
}

// A fault of a town stands at its own line, though the base is not read again for it.
func TestAFaultOfATownStandsInItsFile(t *testing.T) {
	b := ReadBase()
	for range 2 {
		dir := village(t, map[string]string{wordsFile: "rules:\n  - {id: a, field: elderly, any: [雪かき]}\n  - {id: b, field: elderly, any: [\"(雪\"]}\n"})
		if err := os.Remove(filepath.Join(dir, cityFile)); err != nil {
			t.Fatal(err)
		}
		_, faults := b.City(dir)
		want := filepath.ToSlash(dir) + `/words.yaml:3:5: rules.b：「(雪」の ( に、閉じる ) がありません`
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.String() == want }) {
			t.Errorf("%s is not among\n%s", want, Report(faults))
		}
	}
}
