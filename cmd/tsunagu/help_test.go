package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
)

// Those who call the commands read Japanese: all that help says is in it.
func TestHelpIsInJapanese(t *testing.T) {
	said := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := run(t.Context(), streams{strings.NewReader(""), &out, &out}, args); code != want {
			t.Errorf("%v ends with %d, not %d", args, code, want)
		}
		return out.String()
	}
	kana := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) })
	}
	all := said(0, "help")
	for _, c := range commands() {
		help := said(0, c.name, "--help")
		if !strings.HasPrefix(help, "使い方：tsunagu "+c.name+" ") || !strings.Contains(all, c.short) || !kana(c.short) {
			t.Errorf("of %s is said %q and\n%s", c.name, c.short, help)
		}
		for _, part := range strings.Split(c.long, "\n\n") {
			if !kana(part) {
				t.Errorf("%s: %s", c.name, part)
			}
		}
		for line := range strings.Lines(help) {
			if strings.HasPrefix(line, "  --") && !strings.ContainsFunc(line, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana) }) {
				t.Errorf("%s: %s", c.name, line)
			}
		}
	}
	for _, x := range [][]string{{"nothing", "はありません。tsunagu help"}, {"dem", "もしかして「demo」ですか"}, {"check", "どちらか一方"}, {"check", "--what", "--what はありません"},
		{"check", "--city", "--city のうしろに、値が要ります"}, {"try", "--city がありません"}, {"backup", "書くものが足りません"}, {"backup", "a", "b", "「b」が余っています"}} {
		args, want := x[:len(x)-1], x[len(x)-1]
		if got := said(2, args...); !strings.Contains(got, want) {
			t.Errorf("%v: %s", args, got)
		}
	}
}
