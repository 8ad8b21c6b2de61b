package triage

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

const baseDir = "../config/cities/_base/"

// baseLexicon reads the base's words, rules and examples.
var baseLexicon = sync.OnceValues(func() (Lexicon, error) {
	var l Lexicon
	for _, name := range []string{"words.yaml", "crisis.yaml"} {
		data, err := os.ReadFile(baseDir + name)
		if err != nil {
			return l, err
		}
		var x Lexicon
		if err := yaml.Unmarshal(data, &x); err != nil {
			return l, fmt.Errorf("%s: %w", name, err)
		}
		l.Groups, l.Rules = append(l.Groups, x.Groups...), append(l.Rules, x.Rules...)
		l.Patterns, l.Crisis = append(l.Patterns, x.Patterns...), append(l.Crisis, x.Crisis...)
		l.Queries = append(l.Queries, x.Queries...)
	}
	data, err := os.ReadFile(baseDir + "vocabulary.txt")
	if err != nil {
		return l, err
	}
	for line := range strings.Lines(string(data)) {
		if w := strings.Split(strings.TrimSpace(line), "\t"); len(w) > 1 {
			n, _ := strconv.Atoi(w[1])
			l.Vocabulary = append(l.Vocabulary, Word{Text: w[0], Base: append(w, w[0])[2], Count: n})
		}
	}
	files, err := filepath.Glob(baseDir + "examples/*/*/*.txt")
	if err != nil || len(files) == 0 {
		return l, fmt.Errorf("no examples: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return l, err
		}
		dir := filepath.Dir(f)
		e := Example{Field: filepath.Base(dir), Crisis: filepath.Base(filepath.Dir(dir))}
		if e.Crisis == "decoy" {
			e.Crisis, e.Decoy = None, true
		}
		if field, parts, ok := strings.Cut(e.Field, "-"); ok {
			e.Field, e.Fields = field, strings.Split(parts, "+")
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				e.Text = line
				l.Examples = append(l.Examples, e)
			}
		}
	}
	return l, nil
})

var baseReader = sync.OnceValues(func() (*Reader, error) {
	l, err := baseLexicon()
	if err != nil {
		return nil, err
	}
	u, faults := Compile(l)
	if len(faults) > 0 {
		return nil, fmt.Errorf("faults: %v", faults)
	}
	data, err := os.ReadFile(baseDir + "learned.bin")
	if err != nil {
		return nil, err
	}
	_, what, _ := strings.Cut(string(data), "\n")
	return u.Recall(what)
})

func reader(t testing.TB) *Reader {
	t.Helper()
	r, err := baseReader()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every crisis rule catches what it was made for and lets its decoys pass.
func TestCrisisRulesKeepTheirExamples(t *testing.T) {
	r := reader(t)
	s := r.scratch.Get().(*scratch)
	for i := range r.crisis {
		rule := &r.crisis[i]
		caught := func(text string) bool {
			for _, k := range r.view(text, s).crisis {
				if k == i {
					return true
				}
			}
			return false
		}
		if len(rule.Examples) == 0 || len(rule.Decoys) == 0 {
			t.Errorf("%s: needs an example and a decoy", rule.ID)
		}
		for _, text := range rule.Examples {
			if !caught(text) {
				t.Errorf("%s misses %q", rule.ID, text)
			}
		}
		for _, text := range rule.Decoys {
			if caught(text) {
				t.Errorf("%s alarms at %q", rule.ID, text)
			}
		}
	}
}

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		phrase, text string
		want         bool
	}{
		{"介護", "母のカイゴと介護", true},
		{"かいご", "カイゴのこと", true},
		{"ｹｱﾏﾈ", "ケアマネさん", true},
		{"しにたい", "し に た ー い", true},
		{"死にたい", "死にたぁぁい", false},
		{"たいへん", "たいへえええん", false},
		{"殴られ", "夫に 殴ら\u200dれました", true},
		{"夫に…殴", "夫にまた昨日の夜に殴られ", true},
		{"夫に…殴", "夫にはなしました。殴られたのは昔です", false},
		{"夫に…殴", "夫に一二三四五六七八九十甲乙丙丁殴", false},
		{"(電気|ガス)が止ま", "ガスが止まりました", true},
		{"(電気|ガス)が(止(ま|め)|切)", "電気が止めら", true},
		{"(も|)う無理", "う無理", true},
		{"母", "祖母が", false},
		{"母", "母が", true},
		{"母", "八十の母です", true},
		{"夫", "夫婦げんか", false},
		{"rent", "my parents", false},
		{"rent", "pay the rent!", true},
		{"od", "and ODした", true},
		{"いきてる", "いkてるのが", true},
		{"おわらせたい", "おわらせtい", true},
		{"おわらせたい", "おわらせkい", false},
		{"@oya…倒れ", "おとうさんが急に倒れた", true},
		{"@oya", "おやじどの", true},
	} {
		w := newDraft(nil)
		if err := w.group(Group{ID: "oya", Words: []string{"お(父|とう)さん", "おやじ…どの"}}); err != nil {
			t.Fatal(err)
		}
		n, err := w.add(c.phrase)
		if err != nil {
			t.Fatal(err)
		}
		s := &scratch{}
		w.words().scan(plain(c.text), s)
		if got := s.has(n); got != c.want {
			t.Errorf("%q in %q (%q): %v", c.phrase, c.text, string(plain(c.text)), got)
		}
	}
}

func TestLexiconFaults(t *testing.T) {
	_, faults := NewReader(Lexicon{
		Groups:   []Group{{ID: "a", Words: []string{"介護"}}, {ID: "a", Words: []string{"x"}}, {ID: "b"}, {ID: "c", Field: "nowhere", Words: []string{"y"}}, {ID: "big", Words: []string{strings.Repeat("(a|b|c|d)", 9)}}},
		Rules:    []WordRule{{ID: "r", Field: "elderli", When: When{Any: []string{"x"}}}, {ID: "s", Field: Elderly}, {ID: "t", When: When{Any: []string{"(介護"}}}, {ID: "u", When: When{Any: []string{"@none"}}}, {ID: "u2", When: When{Any: []string{"介護)"}}}},
		Patterns: []PatternRule{{ID: "p", When: When{Any: []string{"。"}}}},
		Crisis:   []CrisisRule{{ID: "k", Kind: "worry", When: When{Any: []string{"x"}}}},
		Examples: []Example{{Text: "x", Field: "y", Crisis: None}},
	})
	var where []string
	for _, f := range faults {
		where = append(where, f.Where)
	}
	want := "groups.a groups.b groups.c groups.big rules.r rules.s rules.t rules.u rules.u2 patterns.p crisis.k examples"
	if got := strings.Join(where, " "); got != want {
		t.Errorf("faults at %s\nwant      %s\n%v", got, want, faults)
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"":       "",
		"ﾀｽｹﾃ！！": "たすけて",
		"たす　けて～～ ください。。。":   "たすけてください",
		"つらい😭😭😭":            "つらい涙",
		"あああああ":             "あ",
		"ああ":                "ああ",
		"Help   me, please": "help me、please",
		"え？本当！それで":          "え。本当。それで",
		"１２３歳":              "123歳",
		"「死ね」と":             "死ねと",
		"ケアマネージャー":          "けあまねじゃ",
		"しにたぃ":              "しにたい",
		"サトウさんとｻｲﾄｳ様が":      "某さんと某様が",
		"イケガミちゃん、ハラくん":      "某ちゃん、某くん",
		"ママさんのケアマネさん":       "ままさんのけあまねさん",
		"ワーカーさんとボランティアさん":   "わかさんとぼらんていあさん",
		"オトウサン、サトウさとうさん":    "おとうさん、さとうさとうさん",
	} {
		if got := string(plain(text)); got != want {
			t.Errorf("plain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]string{
		"母は72歳です": "72", "七十九になる父": "79", "80代の両親": "80", "五十二才": "52", "46さい": "46", "娘46、わたし79。": "46 79", "ひきこもりです。29女": "29", "わたしは 百二歳": "102",
		"3日前から": "", "家賃45000円": "", "110番": "", "財布が20円": "", "48": "", "2026年11月22日": "", "20さいふ": "", "24時間": "", "my dad is 81 years old": "81", "80분": "", "第三者に": "",
	} {
		var got []string
		for _, a := range ages(plain(text), nil) {
			got = append(got, fmt.Sprint(a.years))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("ages(%q) = %q, want %q", text, g, want)
		}
	}
}

// Who somebody is says nothing of what it is about: telephone numbers are not read,
// shorter numbers are.
func TestLongNumbersAreNotRead(t *testing.T) {
	for text, want := range map[string]string{
		"電話は090-1234-5678です":        "電話はです",
		"０１３８（77）1234に、かけて":         "に、かけて",
		"8050で、2026年11月22日に100000円": "8050で、2026年11月22日に100000円",
		"119":       "119",
		"123456789": "",
		"1、2、3、4、5、6、7、8、9まで数えた": "まで数えた",
	} {
		if got := string(plain(text)); got != want {
			t.Errorf("plain(%q) = %q, want %q", text, got, want)
		}
	}
}
