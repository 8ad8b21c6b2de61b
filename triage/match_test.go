package triage

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestSteadyCharactersNeedNoNormalising: none is changed, and none joins the one
// before it.
func TestSteadyCharactersNeedNoNormalising(t *testing.T) {
	n := 0
	for r := range rune(0x30000) {
		if !steady(r) {
			continue
		}
		n++
		s := string(r)
		if strings.ToLower(norm.NFKC.String(s)) != s || !norm.NFKC.PropertiesString(s).BoundaryBefore() {
			t.Errorf("%q (%U) is not steady", r, r)
		}
	}
	if n < 20_000 {
		t.Errorf("only %d characters are steady", n)
	}
}

// TestFoldedCharactersStayAsTheyAre: a katakana beside them makes Fold look closely.
func TestFoldedCharactersStayAsTheyAre(t *testing.T) {
	for r := range rune(0x30000) {
		if s := string(r); folded(s) && (Fold(s+"ア") != s+"あ" || Fold("ア"+s) != "あ"+s) {
			t.Errorf("%q (%U) is not folded", r, r)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"カイゴ":        "かいご",
		"ｶｲｺﾞ":       "かいご",
		"か\u3099":    "が",
		"  ＤＶ の こと。": "dvのこと",
		"「介護・看護」":    "介護・看護",
		"8050":       "8050",
		"。、":         "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
