package triage

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A danger told in one sentence is seen though the others are calm, and the
// reason is that sentence.
func TestDangerInOneSentence(t *testing.T) {
	calm := "図書館の読み聞かせの会についてうかがいます。上の子は絵本が好きで、去年も二度ほど参加させていただきました。申し込みの用紙は窓口にありますか。"
	danger := "夜になると薬をぜんぶ並べて、今夜こそ飲んで終わりにしようと考えています。"
	text := calm + danger + "下の子はまだ一歳ですが、いっしょに入ってもよろしいでしょうか。駐車場のことも教えてください。"
	r := reader(t)
	if got := r.Read(calm); got.Crisis != None {
		t.Fatalf("the calm part reads as %s", got.Crisis)
	}
	got := r.Explain(text)
	if got.Crisis != Suicide {
		t.Fatalf("%s: %+v", got.Crisis, got.Why)
	}
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	v := r.view(text, s)
	r.model.gather(v, s)
	whole := r.estimate(s, 0)
	h := r.hazard(v, s)
	if part := string(v.text[h.from:h.to]); !strings.Contains(part, "終わりにしよう") || h.to-h.from == len(v.text) {
		t.Errorf("the worst part is %q", part)
	}
	if whole.score() >= h.score() {
		t.Errorf("the whole scores %.2f, its worst sentence %.2f", whole.score(), h.score())
	}
}

// What the examples alone found is said: the sentence first, then its pieces.
func TestExplainSaysWhatAlarmed(t *testing.T) {
	r := reader(t)
	text := "ベランダの花を下の階の人にゆずって、鍵も返しました。もうだれも水をやらないので"
	got := r.Explain(text)
	if got.Crisis == None {
		t.Fatalf("not seen: %+v", got)
	}
	if slices.ContainsFunc(got.Why, func(w Reason) bool { return w.Rule != "" && w.Label == got.Crisis }) {
		t.Fatalf("a rule spoke, choose another text: %+v", got.Why)
	}
	if !slices.ContainsFunc(got.Why, func(w Reason) bool { return w.Label == got.Crisis && strings.Contains(w.Text, "ゆずって") }) {
		t.Errorf("nothing says why: %+v", got.Why)
	}
}

// What was asked of a text before, and of which, changes no answer.
func TestAskedOneAfterTheOther(t *testing.T) {
	own := *reader(t) // the others keep their scratch
	r := &own
	long := strings.Repeat("図書館の読み聞かせの会についてうかがいます。", 3) + "夜になると薬をぜんぶ並べて、今夜こそ飲んで終わりにしようと考えています。"
	texts := append([]string{"", "だれが読みますか", long, "三年前に薬をたくさん飲みましたが、いまは元気です。" + long}, benchTexts...)
	ask := map[string]func(string) string{
		"Read":    func(text string) string { return fmt.Sprintf("%+v", r.Read(text)) },
		"Explain": func(text string) string { return fmt.Sprintf("%+v", r.Explain(text)) },
		"Crisis":  r.Crisis, "Query": r.Query,
	}
	fresh := map[string]string{}
	for _, text := range texts {
		for name, f := range ask {
			r.scratch = newPool()
			fresh[name+text] = f(text)
		}
	}
	if fresh["Crisis"+long] != Suicide || fresh["Query"+texts[1]] == "" {
		t.Fatalf("choose other texts: %v", fresh)
	}
	one := &scratch{} // for all, whatever a pool would give
	r.scratch = &sync.Pool{New: func() any { return one }}
	for _, before := range texts {
		for _, text := range texts {
			for first, f := range ask {
				for name, then := range ask {
					f(before)
					f(text)
					if got := then(text); got != fresh[name+text] {
						t.Fatalf("after %s of %q, %s of %q is %s; alone it is %s", first, before, name, text, got, fresh[name+text])
					}
				}
			}
		}
	}
}

func BenchmarkReadLong(b *testing.B) {
	r := reader(b)
	text := strings.Repeat("母のことで相談です。近ごろ物忘れがあり、薬を飲んだか分かりません。", 12)
	for b.Loop() {
		r.Read(text)
	}
}

func BenchmarkReadShort(b *testing.B) {
	r := reader(b)
	for b.Loop() {
		r.Read("八十の母が要介護2になり、デイサービスを探しています")
	}
}

// A rule of the base yields where the examples are all but certain of calm; a
// town's own rule never does.
func TestARuleYieldsToCertainCalm(t *testing.T) {
	lexicon := Lexicon{Crisis: []CrisisRule{{ID: "x", Kind: Suicide, When: When{Any: []string{"終わりにしたい"}}}}}
	for range 40 {
		lexicon.Examples = append(lexicon.Examples,
			Example{Text: "スマホの契約を終わりにしたいです", Field: OutOfScope, Crisis: None},
			Example{Text: "もう人生を終わりにしたい", Field: Unclear, Crisis: Suicide})
	}
	for _, c := range []struct {
		text string
		own  bool
		want string
	}{
		{"スマホの契約を終わりにしたいです", false, None},
		{"スマホの契約を終わりにしたいです", true, Suicide},
		{"もう人生を終わりにしたい", false, Suicide},
		{"なんだか終わりにしたい", false, Suicide}, // what nobody knows is no certainty
	} {
		lexicon.Crisis[0].Own = c.own
		r, faults := NewReader(lexicon)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if got := r.Crisis(c.text); got != c.want {
			t.Errorf("%s (a town's own: %t): %s, want %s", c.text, c.own, got, c.want)
		}
	}
}

// A turn to calm lessens the alarm before it, unless danger stands behind it.
func TestATurnToCalm(t *testing.T) {
	lexicon := Lexicon{}
	for range 40 {
		lexicon.Examples = append(lexicon.Examples,
			Example{Text: "隣の家から煙が出ています", Field: OutOfScope, Crisis: FireCrime},
			Example{Text: "となりの煙の出ないストーブ", Field: OutOfScope, Crisis: None},
			Example{Text: "庭でさんまを焼いていました", Field: OutOfScope, Crisis: None},
			Example{Text: "さんまの季節です", Field: OutOfScope, Crisis: None})
	}
	turn := CrisisRule{ID: "turn", Kind: None, When: When{Any: []string{"と思ったら"}, Not: []string{"急に"}}}
	for _, c := range []struct {
		text       string
		bare, want string // without the rule, and with it
	}{
		{"隣の家から煙が出ていると思ったら、さんまを焼いていました", FireCrime, None},
		{"さんまを焼いていると思ったら、隣の家から煙が出ています", FireCrime, FireCrime},
		{"隣の家から煙が出ていると思ったら、急に", FireCrime, FireCrime},
		{"隣の家から煙が出ています", FireCrime, FireCrime},
	} {
		for _, x := range []struct {
			rules []CrisisRule
			want  string
		}{{nil, c.bare}, {[]CrisisRule{turn}, c.want}} {
			lexicon.Crisis = x.rules
			r, faults := NewReader(lexicon)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if got := r.Crisis(c.text); got != x.want {
				t.Errorf("%s (rules: %d): %s, want %s", c.text, len(x.rules), got, x.want)
			}
			if got := r.Read(c.text).Crisis; got != x.want {
				t.Errorf("%s (rules: %d) is read as %s, want %s", c.text, len(x.rules), got, x.want)
			}
		}
	}
}

// Near-accidents and harms long past are calm; a calm word among danger is not.
func TestCalmTurnsOfTheBase(t *testing.T) {
	r := reader(t)
	for _, text := range []string{
		"ガスのにおいがすると思ったら、隣の工事でした",
		"祖母が呼んでも返事しないから慌てたら、補聴器を外していただけでした",
		"息子にお金を取られたと母が言って警察を呼びましたが、勘違いでした",
		"弟が施設で食事を抜かれたと聞きましたが、検査の前の絶食でした",
		"前の夫に殴られていましたが、離婚して五年、今は穏やかです。仕事を探したいです",
		"夫が壁を殴った、という話をテレビで見ました",
	} {
		if got := r.Crisis(text); got != None {
			t.Errorf("%s raises %s", text, got)
		}
	}
	for _, text := range []string{
		"もう大丈夫と言われたけど、また殴られた",
		"病院では何ともないと言われたけど、また胸が締めつけられて汗が止まらない",
		"落ち着いたふりをしているけど、今夜薬を飲みます",
		"昔から殴られてて、今も",
		"警察に相談して落ち着いていたのに、また家の前に元彼がいます",
		"寝ていると思ったら、息をしていません",
		// The turn stands elsewhere, about something else.
		"作業所で、できない日は立たされていると弟が言います。さて、町内の草むしりの日程についてうかがいます。わたしの班は第二日曜と聞いておりますが、雨の日は次の週でしょうか。ごみ袋が足りないと思ったら、物置に去年のものがありました。",
	} {
		if r.Crisis(text) == None {
			t.Errorf("%s raises nothing", text)
		}
	}
}
