package triage

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// Situations that every town must read right; none stands among the examples.
func TestRead(t *testing.T) {
	r := reader(t)
	for _, c := range []struct{ text, field, crisis string }{
		{"八十の母が要介護2になり、デイサービスを探しています", Elderly, None},
		{"精神障害者保健福祉手帳の更新はどこでしますか", Disability, None},
		{"2歳の娘の夜泣きで眠れません。育児の相談がしたい", Child, None},
		{"派遣の仕事が切れて家賃が払えません", Poverty, None},
		{"燃えるごみの日はいつですか", OutOfScope, None},
		{"相談したいことがあります", Unclear, None},
		{"50歳の息子が20年ひきこもり、80の私の年金で暮らしています", Complex, None},
		{"もう死にたい", Unclear, Suicide},
		{"夫に殴られて家から逃げてきました", Complex, Violence},
		{"隣の家で子どもが毎晩たたかれて泣き叫んでいます", Child, ChildAbuse},
		{"施設の職員が祖母を叩いていました", Elderly, ElderAbuse},
		{"今夜寝るところがなくて、三日何も食べていません", Poverty, NoFoodOrShelter},
		{"父が倒れて息をしていません", Elderly, MedicalEmergency},
		{"隣の家が燃えています", OutOfScope, FireCrime},
	} {
		got := r.Read(c.text)
		if got.Field != c.field || got.Crisis != c.crisis {
			t.Errorf("%q: %s, %s (%.2f); want %s, %s", c.text, got.Field, got.Crisis, got.Confidence, c.field, c.crisis)
		}
		if kind := r.Crisis(c.text); kind != got.Crisis {
			t.Errorf("%q: Crisis says %s, Read %s", c.text, kind, got.Crisis)
		}
	}
}

func TestReadWhoAndAge(t *testing.T) {
	r := reader(t)
	for _, c := range []struct{ text, who, age string }{
		{"72歳の母の介護のことです", "family", "elderly"},
		{"隣のおじいさんの姿を見ません", "neighbour", "elderly"},
		{"ケアマネです。担当の方の件で", "professional", "elderly"},
		{"うちの子、小3なんですが学校に行きたがりません", "family", "child"},
		{"わたしは四十五歳、仕事がありません", "self", "middle"},
		{"家賃が払えません", "", ""},
	} {
		if got := r.Read(c.text); got.Who != c.who || got.Age != c.age {
			t.Errorf("%q: who %q age %q; want %q, %q", c.text, got.Who, got.Age, c.who, c.age)
		}
	}
}

func TestReadPatterns(t *testing.T) {
	r := reader(t)
	for text, want := range map[string]string{
		"八十の母の年金で五十の無職の息子が暮らす8050の家です": "8050",
		"育児と介護が重なって倒れそうです":             "doublecare",
		"隣がごみ屋敷になっています":                "gomi",
		"弟が十年部屋から出ません。ひきこもりです":         "hikikomori",
		"児童養護施設を出て、頼れる人がいない二十歳です":      "wakamono",
	} {
		if got := r.Read(text); !slices.Contains(got.Patterns, want) || got.Field != Complex {
			t.Errorf("%q: %s %v; want complex with %s", text, got.Field, got.Patterns, want)
		}
	}
	got := r.Read("母の介護と二歳の娘の育児で、ダブルケアです")
	if !slices.Contains(got.Fields, Elderly) || !slices.Contains(got.Fields, Child) {
		t.Errorf("components of ダブルケア: %v", got.Fields)
	}
}

// A town's own ten lines and its own rule count.
func TestTownsOwnWords(t *testing.T) {
	l, u, shared := base(t)
	l.Rules = append(slices.Clip(l.Rules), WordRule{ID: "own", Field: Child, Fine: "hattatsu", When: When{Any: []string{"ぽかぽか教室"}}})
	own, faults := u.Town(l)
	r, more := shared.Town(own, bus("まんまる便"))
	if len(faults)+len(more) > 0 {
		t.Fatal(faults, more)
	}
	if got := r.Read("まんまる便のことです"); got.Field != Elderly {
		t.Errorf("the town's word reads %s (%.2f)", got.Field, got.Confidence)
	}
	if got := reader(t).Read("まんまる便のことです"); got.Field == Elderly && got.Confidence > 0.6 {
		t.Errorf("the base knows the town's word already: %+v", got)
	}
	if got := r.Read("2歳の子のことばが遅い。ぽかぽか教室に入れますか"); got.Field != Child || got.Fine != "hattatsu" || got.By != ByRule {
		t.Errorf("the town's rule gives %+v", got)
	}
}

func TestReadIsTheSameEveryTime(t *testing.T) {
	l, err := baseLexicon()
	if err != nil {
		t.Fatal(err)
	}
	l.Examples = l.Examples[:5000]
	r, _ := NewReader(l)
	again, _ := NewReader(l)
	var wait sync.WaitGroup
	for _, text := range []string{"母の物忘れが心配", "しごとがない", "もう消えたい", "🐈", "x"} {
		wait.Go(func() {
			for range 50 {
				if a, b := r.Read(text), again.Read(text); !reflect.DeepEqual(a, b) {
					t.Errorf("%q reads %+v and %+v", text, a, b)
					return
				}
			}
		})
	}
	wait.Wait()
}

func TestReadNothing(t *testing.T) {
	empty, faults := NewReader(Lexicon{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, r := range []*Reader{empty, reader(t)} {
		for _, text := range []string{"", " ", "。", "\xff\xfe", "\u200d"} {
			if got := r.Read(text); got.Field != Unclear || got.Confidence != 0 || got.By != ByRule || got.Crisis != None {
				t.Errorf("%q: %+v", text, got)
			}
		}
	}
	if got := empty.Read("母の介護"); got.Field != Unclear || got.Crisis != None {
		t.Errorf("an empty lexicon reads %+v", got)
	}
}

func TestExplain(t *testing.T) {
	r := reader(t)
	got := r.Explain("認知症の母が8050で")
	if len(got.Why) == 0 {
		t.Fatal("nothing spoke for it")
	}
	for i, w := range got.Why {
		if i > 0 && math.Abs(w.Weight) > math.Abs(got.Why[i-1].Weight) {
			t.Errorf("reason %d is stronger than the one before", i)
		}
	}
	if !slices.ContainsFunc(got.Why, func(w Reason) bool { return strings.Contains(w.Text, "認知症") }) {
		t.Errorf("認知症 is not among %v", got.Why)
	}
	plainly := r.Read("認知症の母が8050で")
	rules := slices.DeleteFunc(slices.Clone(got.Why), func(w Reason) bool { return w.Rule == "" })
	if plainly.Field != got.Field || len(rules) == 0 || !slices.Equal(plainly.Why, rules) {
		t.Errorf("Read names %+v, of the rules spoke %+v", plainly, rules)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"しにたい", "k", "tkんkた", "1234歳", strings.Repeat("けkせtなn", 200), "〇〇〇〇〇〇〇〇歳"} {
		f.Add(s)
	}
	r := reader(f)
	f.Fuzz(func(t *testing.T, s string) {
		got := r.Explain(s)
		if !slices.Contains(labels, got.Field) || !slices.Contains(dangers, got.Crisis) || !(got.Confidence >= 0 && got.Confidence <= 1) {
			t.Fatalf("%q: %+v", s, got)
		}
		for _, w := range got.Why {
			if utf8.ValidString(s) && !utf8.ValidString(w.Text) {
				t.Fatalf("%q: broken reason %q", s, w.Text)
			}
		}
	})
}

func TestEvaluate(t *testing.T) {
	set := []Labelled{
		{Text: "a", Field: Elderly, Crisis: None},
		{Text: "b", Field: Child, AlsoOK: []string{Complex}, Crisis: ChildAbuse, Note: "soft"},
		{Text: "c", Field: Complex, Fields: []string{Child, Poverty}, Crisis: None},
		{Text: "d", Field: Complex, Crisis: Suicide},
		{Text: "e", Field: OutOfScope, Crisis: None, Decoy: true},
		{Text: "f", Field: Unclear, Crisis: None, Note: "soft"},
	}
	answers := map[string]Reading{
		"a": {Field: Elderly, Crisis: Suicide, Confidence: 0.9},
		"b": {Field: Complex, Crisis: None, Confidence: 0.8},
		"c": {Field: Complex, Fields: []string{Poverty, Child}, Crisis: None, Confidence: 0.7},
		"d": {Field: Complex, Fields: []string{Child}, Crisis: Violence, Confidence: 0.6},
		"e": {Field: Elderly, Crisis: FireCrime, Confidence: 0.5},
		"f": {Field: Unclear, Crisis: Suicide, Confidence: 0.4},
	}
	got := Evaluate(set, func(s string) Reading { return answers[s] }, 0.7)
	for name, pair := range map[string][2]Share{
		"strict": {got.Strict, {4, 6}}, "lenient": {got.Lenient, {5, 6}}, "components": {got.Components, {1, 1}},
		"crisis": {got.CrisisAny, {1, 2}}, "without soft": {got.CrisisHard, {1, 1}}, "kind": {got.CrisisKind, {0, 2}},
		"calm": {got.CalmAlarm, {1, 2}}, "decoy": {got.DecoyAlarm, {1, 1}}, "at 70": {got.At70, {4, 5}}, "answered": {got.Answered, {4, 6}}, "accepted": {got.Accepted, {3, 6}}, "rightly": {got.AcceptedRight, {3, 3}},
		"recall of elderly": {got.Recall[Elderly], {1, 1}}, "precision of elderly": {got.Precision[Elderly], {1, 2}},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	if got.Threshold != 0.6 {
		t.Errorf("threshold %v", got.Threshold)
	}
	if got.Confusion[OutOfScope][Elderly] != 1 || len(got.Mistakes) != 4 {
		t.Errorf("confusion %v, mistakes %+v", got.Confusion, got.Mistakes)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

var benchTexts = []string{"母の物忘れがひどく、デイサービスを嫌がります。どこに相談すればよいですか", "家賃を二か月滞納しています。仕事も決まりません", "子どもが学校に行きたがらず、朝になるとおなかが痛いと言います", "燃えるごみの日を教えて", "もう消えてしまいたい"}

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	for i := 0; b.Loop(); i++ {
		r.Read(benchTexts[i%len(benchTexts)])
	}
}

func BenchmarkCrisis(b *testing.B) {
	r := reader(b)
	for i := 0; b.Loop(); i++ {
		r.Crisis(benchTexts[i%len(benchTexts)])
	}
}

// The same search for every literal, one after the other: what the trie saves.
func BenchmarkNaiveScan(b *testing.B) {
	r := reader(b)
	var literals []string
	var down func(node int32, so string)
	down = func(node int32, so string) {
		if from, to := r.words.ending(node); from < to {
			literals = append(literals, so)
		}
		for next := r.words.nodes[node].below; next < r.words.nodes[node+1].below; next++ {
			down(next, so+string(r.words.nodes[next].letter))
		}
	}
	down(0, "")
	hits := 0
	for i := 0; b.Loop(); i++ {
		text := string(plain(benchTexts[i%len(benchTexts)]))
		for _, l := range literals {
			if strings.Contains(text, l) {
				hits++
			}
		}
	}
	b.ReportMetric(float64(len(literals)), "literals")
}

func BenchmarkScan(b *testing.B) {
	r := reader(b)
	s := r.scratch.Get().(*scratch)
	for i := 0; b.Loop(); i++ {
		r.words.scan(plain(benchTexts[i%len(benchTexts)]), s)
	}
}

func BenchmarkNewReader(b *testing.B) {
	l, err := baseLexicon()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		NewReader(l)
	}
}
