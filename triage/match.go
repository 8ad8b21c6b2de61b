package triage

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes equal what readers take for equal: NFKC, lower case, katakana as
// hiragana, no spaces and no punctuation at the ends.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	if strings.ContainsFunc(s, unsteady) {
		s = strings.ToLower(norm.NFKC.String(s))
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= 'ァ' && r <= 'ヶ':
			return r - ('ァ' - 'ぁ')
		}
		return r
	}, s)
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsControl(r) })
}

// folded says of most words that are folded already that they are.
func folded(s string) bool {
	for _, r := range s {
		if !(r >= '一' && r <= '龥' || r >= 'ぁ' && r <= 'ゖ' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
			return false
		}
	}
	return true
}

// steady says whether NFKC and lower case leave a character as it is, whatever
// stands beside it: true of nearly all that a town's words are made of.
func steady(r rune) bool {
	return r >= '一' && r <= '龥' || r >= 'ぁ' && r <= 'ゖ' || r >= 'ァ' && r <= 'ー' || r == '、' || r == '。' || r >= ' ' && r <= '~' && (r < 'A' || r > 'Z')
}

func unsteady(r rune) bool { return !steady(r) }

// shortWords is up to how many characters a message may only mention a choice's
// words instead of being them: 「介護のことで」 chooses 介護, a story does not.
const shortWords = 12

// Match returns the choices that the text selects: by its number (as listed,
// from 1), its label, or one of its words. Several mean that the text fits
// several; none that it is free text.
func Match(options []Option, text string) []Option {
	f := Fold(text)
	if f == "" {
		return nil
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(f, "番")); err == nil && n >= 1 && n <= len(options) {
		return options[n-1 : n]
	}
	var hits []Option
	for _, o := range options {
		if f == Fold(o.Label) || oneOf(o.Words, func(w string) bool { return f == w }) {
			return []Option{o}
		}
	}
	if len([]rune(f)) > shortWords {
		return nil
	}
	for _, o := range options {
		if strings.Contains(f, Fold(o.Label)) || oneOf(o.Words, func(w string) bool { return strings.Contains(f, w) }) {
			hits = append(hits, o)
		}
	}
	return hits
}

// Typed says whether the text is no more than a choice: its number, its label or
// one of its words. A sentence that mentions a choice is a message as well.
func Typed(options []Option, text string) bool {
	f := Fold(text)
	if _, err := strconv.Atoi(strings.TrimSuffix(f, "番")); err == nil {
		return true
	}
	for _, o := range options {
		if f == Fold(o.Label) || oneOf(o.Words, func(w string) bool { return f == w }) {
			return true
		}
	}
	return false
}

func oneOf(words []string, ok func(string) bool) bool {
	for _, w := range words {
		if w = Fold(w); w != "" && ok(w) {
			return true
		}
	}
	return false
}
