package triage

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// base compiles and learns the base as a program does that has several towns.
func base(t testing.TB) (Lexicon, *Untaught, *Reader) {
	t.Helper()
	l, err := baseLexicon()
	if err != nil {
		t.Fatal(err)
	}
	u, faults := Compile(l)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	r := reader(t)
	return l, u, r
}

// bus are ten lines about a town's own bus.
func bus(name string) (own []Example) {
	for _, s := range []string{"%sに乗りたい", "%sの予約", "%sはだれが使えますか", "祖母が%sを使うには", "%sの登録をしたい", "%sの回数券", "%sで病院へ", "%sは土曜も走りますか", "父の%sの申し込み", "%sの時間"} {
		own = append(own, Example{Text: fmt.Sprintf(s, name), Field: Elderly, Crisis: None})
	}
	return own
}

// Towns share what was learned of the base: nothing of it is learned again, copied or
// moved, and none hears what another was taught.
func TestTownsShareWhatWasLearned(t *testing.T) {
	l, u, r := base(t)
	weights := strings.Clone(r.model.weights)
	names := []string{"まんまる便", "ぬくもり号", "そよかぜ便"}
	var towns []*Reader
	for _, name := range names {
		own, faults := u.Town(l)
		town, more := r.Town(own, bus(name))
		if len(faults)+len(more) > 0 {
			t.Fatal(faults, more)
		}
		towns = append(towns, town)
		m := town.model
		if unsafe.StringData(m.weights) != unsafe.StringData(r.model.weights) || unsafe.StringData(string(m.rows)) != unsafe.StringData(string(r.model.rows)) || town.speech != u.reader.speech || town.words.base != u.reader.words {
			t.Error("a town has its own copy of the base")
		}
		if n := len(m.town.weights); n > 500 || len(m.town.own) > 8*n || len(town.words.nodes) > 10 {
			t.Errorf("ten lines take %d rows, %d slots and %d nodes", n, len(m.town.own), len(town.words.nodes))
		}
	}
	if weights != r.model.weights || r.model.town != nil {
		t.Error("teaching a town has changed the base")
	}
	for i, town := range towns {
		for j, name := range names {
			if got := town.Read(name + "のことです"); (got.Field == Elderly && got.Confidence > 0.6) != (i == j) {
				t.Errorf("town %d reads %s as %s (%.2f)", i, name, got.Field, got.Confidence)
			}
		}
	}
}

// What a town teaches moves how its like is read, and nothing else.
func TestATownsLinesLeaveOthersAsTheyWere(t *testing.T) {
	_, u, r := base(t)
	town, _ := r.Town(u, bus("まんまる便"))
	f, err := os.Open("testdata/others-c.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, same, moved := 0, 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); all++ {
		var m Labelled
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		a, b := r.Read(m.Text), town.Read(m.Text)
		if a.Field != b.Field || a.Crisis != b.Crisis {
			moved++
		}
		s := town.scratch.Get().(*scratch)
		town.model.gather(town.view(m.Text, s), s)
		if !slices.ContainsFunc(s.town, func(row uint32) bool { return row != 0 }) && len(m.Text) < longText {
			same++
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: %+v, in the town %+v", m.Text, a, b)
			}
		}
	}
	if all < 400 || same < 20 || moved > 2 {
		t.Errorf("of %d messages %d show nothing of the town's and %d are read differently", all, same, moved)
	}
}

// A town's lexicon compiled over the base's finds what it finds when it is compiled by
// itself, by the base's numbers where the town has changed nothing.
func TestATownsWordsOverTheBase(t *testing.T) {
	l, u, _ := base(t)
	at := func(id string) int {
		i := slices.IndexFunc(l.Groups, func(g Group) bool { return g.ID == id })
		if i < 0 {
			t.Fatal("no group", id)
		}
		return i
	}
	town := l
	town.Groups, town.Rules, town.Patterns, town.Crisis = slices.Clone(l.Groups), slices.Clone(l.Rules), slices.Clone(l.Patterns), slices.Clone(l.Crisis)
	// A group that other groups and rules take in, one with gaps, one that is faulty.
	used := at("utareta")
	town.Groups[used].Words = append(slices.Clone(l.Groups[used].Words), "おかちゃま")
	gaps := slices.IndexFunc(l.Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Words, func(w string) bool { return len(w) > 0 && slices.Contains([]rune(w), '…') })
	})
	town.Groups[gaps].Words = append(slices.Clone(l.Groups[gaps].Words), "もしもし…まんまる")
	broken := at(l.Groups[len(l.Groups)-1].ID)
	town.Groups[broken].Words = []string{"("}
	town.Groups = append(town.Groups, Group{ID: "bus", Field: Elderly, Words: []string{"まんまる便", "@utareta号", "便…まんまる"}})
	town.Rules[0].Any = append(slices.Clone(l.Rules[0].Any), "ぽかぽか教室")
	town.Rules = append(town.Rules, WordRule{ID: "own", Field: Child, When: When{Any: []string{"@bus…(乗|のり)", "ぽかぽか教室", "@utareta"}}})
	town.Patterns = append(town.Patterns, PatternRule{ID: "ownpattern", When: When{All: []string{"@utareta", "@bus"}}})
	town.Crisis = append(town.Crisis, CrisisRule{ID: "owncrisis", Kind: FireCrime, Own: true, When: When{Any: []string{"まんまる便…燃"}}})

	over, faults := u.Town(town)
	alone, want := Compile(town)
	if len(faults) != 1 || !reflect.DeepEqual(faults, want) {
		t.Fatalf("faults %v, by itself %v", faults, want)
	}
	said := func(r *Reader, text string) string {
		s := &scratch{}
		v := r.view(text, s)
		slices.SortFunc(v.concepts, func(a, b concept) int { return int(a.id - b.id) })
		return fmt.Sprint(v.concepts, v.sets, v.counts, v.rules, v.patterns, v.crisis)
	}
	texts := []string{"おかちゃまのことで", "おかちゃま号に乗りたい", "まんまる便に乗りたい母です", "便のまんまる", "もしもし、まんまるです", "ぽかぽか教室", "まんまる便が燃えています", "母がまんまる便で"}
	for _, word := range u.words.gapped[l.Groups[gaps].ID] { // as it is said, by the first of its alternatives
		texts = append(texts, strings.ReplaceAll(regexp.MustCompile(`\(([^|()]*)[^()]*\)`).ReplaceAllString(word, "$1"), "…", "あ"))
	}
	for i, e := range l.Examples {
		if i%37 == 0 {
			texts = append(texts, e.Text)
		}
	}
	for _, c := range l.Crisis {
		texts = append(append(texts, c.Examples...), c.Decoys...)
	}
	for _, text := range texts {
		if a, b := said(over.reader, text), said(alone.reader, text); a != b {
			t.Errorf("%s: over the base %s, by itself %s", text, a, b)
		}
	}
	for _, x := range []struct {
		text    string
		concept int
	}{{"おかちゃま", groupConcept + used}, {"もしもしとまんまる", groupConcept + gaps}, {"まんまる便", groupConcept + len(l.Groups)}, {"ぽかぽか教室", ruleConcept}, {"ぽかぽか教室", ruleConcept + len(l.Rules)}} {
		v := over.reader.view(x.text, &scratch{})
		if !slices.ContainsFunc(v.concepts, func(c concept) bool { return int(c.id) == x.concept }) {
			t.Errorf("%s: no concept %d among %v", x.text, x.concept, v.concepts)
		}
	}
	// What is left out keeps its number from the next.
	last := over.reader.groups[len(over.reader.groups)-1]
	if len(over.reader.groups) != len(town.Groups)-1 || last.concept != groupConcept+len(l.Groups) {
		t.Errorf("%d groups, the town's own is %d", len(over.reader.groups), last.concept)
	}
}

// What one more town costs: its words over the base's, and ten lines.
func BenchmarkTown(b *testing.B) {
	l, u, r := base(b)
	l.Groups = append(slices.Clip(l.Groups), Group{ID: "bus", Field: Elderly, Words: []string{"まんまる便"}})
	own := bus("まんまる便")
	for b.Loop() {
		t, _ := u.Town(l)
		r.Town(t, own)
	}
}

func BenchmarkReadOfATown(b *testing.B) {
	_, u, r := base(b)
	t, _ := r.Town(u, bus("まんまる便"))
	for i := 0; b.Loop(); i++ {
		t.Read(benchTexts[i%len(benchTexts)])
	}
}
