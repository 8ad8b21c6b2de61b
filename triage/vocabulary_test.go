package triage

import (
	"slices"
	"strings"
	"testing"
)

func TestTextIsCutIntoLikelyWords(t *testing.T) {
	v := newVocabulary([]Word{
		{"薬", "くすり", 50}, {"くすり", "くすり", 10}, {"並べ", "ならべる", 5}, {"ならべ", "ならべる", 2}, {"て", "て", 900}, {"べて", "べて", 1},
		{"を", "を", 900}, {"", "x", 5}, {"none", "none", 0},
	})
	for text, want := range map[string]string{
		"薬を並べて":       "薬|を|並べ|て",
		"クスリを、ならべて":   "くすり|を|ならべ|て",
		"rent を2020に": "rent|を|2020|に",
		"":            "",
	} {
		p := plain(text)
		var got []string
		for _, w := range v.cut(p, &scratch{}) {
			got = append(got, string(p[w.from:w.to]))
		}
		if so := strings.Join(got, "|"); so != want {
			t.Errorf("%s is cut %s", text, so)
		}
	}
	bases := func(text string) (out []uint64) {
		for _, w := range v.cut(plain(text), &scratch{}) {
			out = append(out, w.base)
		}
		return out
	}
	if !slices.Equal(bases("薬を並べて"), bases("くすりをならべて")) {
		t.Error("kanji and kana are not one")
	}
	if !slices.Equal(bases("を12"), bases("を34")) || slices.Equal(bases("を12"), bases("を345")) {
		t.Error("numbers of as many digits are one")
	}
}

// What nobody ever wrote matches nothing; what is short and known is read.
func TestUnheardTextMatchesNothing(t *testing.T) {
	r := reader(t)
	for _, text := range []string{"ｑｗｚ", "ぬぺぬぺ", "zxcvbnm"} {
		if got := r.Read(text); got.Field != Unclear || got.Confidence != 0 || got.By != ByRule || got.Crisis != None {
			t.Errorf("%s reads as %+v", text, got)
		}
		if kind := r.Crisis(text); kind != None {
			t.Errorf("%s raises %s", text, kind)
		}
	}
	for _, text := range []string{"介護", "年金", "しにたい", "help"} {
		if got := r.Read(text); got.Confidence == 0 {
			t.Errorf("%s reads as %+v", text, got)
		}
	}
}
