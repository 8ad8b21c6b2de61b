package triage

import (
	"slices"
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
	n := ordinal(f)
	if n >= 1 && n <= len(options) && digits(f) {
		return options[n-1 : n]
	}
	if o := OfAge(options, "", text); o != nil {
		return []Option{*o}
	}
	var hits []Option
	for _, o := range options {
		if f == Fold(o.Label) || oneOf(o.Words, func(w string) bool { return f == w }) {
			return []Option{o}
		}
	}
	switch n = Nth(text); {
	case n >= 1 && n <= len(options):
		return options[n-1 : n]
	case n == last && len(options) > 0:
		return options[len(options)-1:]
	}
	if len([]rune(f)) > shortWords {
		return nil
	}
	for _, o := range options {
		says := func(w string) bool { return strings.Contains(f, w) && (o.Who == "" || little(f, w)) }
		if says(Fold(o.Label)) || oneOf(o.Words, says) {
			hits = append(hits, o)
		}
	}
	if part := without(f, beside); len(hits) == 0 && len([]rune(part)) > 1 {
		for _, o := range options { // 黒沢尻 is in two areas
			if o.District != "" && (strings.Contains(Fold(o.Label), part) || oneOf(o.Words, func(w string) bool { return strings.Contains(w, part) })) {
				hits = append(hits, o)
			}
		}
	}
	return hits
}

// last is what Nth says of 一番下.
const last = -1

// Nth is the number that a text is, however it is written: 2, ②, 二, に, 2番, 2にする,
// 一番上; -1 for the last of all, 0 for what is no number.
func Nth(text string) int {
	f := Fold(text)
	switch f {
	case "一番上", "いちばん上", "いちばんうえ", "一番うえ", "上":
		return 1
	case "一番下", "いちばん下", "いちばんした", "一番した", "下":
		return last
	}
	return ordinal(f)
}

// tails are what people write behind the number of a choice.
var tails = []string{"でお願いします", "でおねがいします", "にします", "にする", "がいいです", "がいい", "です", "だよ", "番目", "ばんめ", "番", "ばん", "で"}

// ordinal reads a folded text as a number, 0 = it is none.
func ordinal(f string) int {
	for range 2 {
		for _, tail := range tails {
			if rest, ok := strings.CutSuffix(f, tail); ok && rest != "" {
				f = rest
				break
			}
		}
	}
	if n, err := strconv.Atoi(f); err == nil && n > 0 {
		return n
	}
	for n, said := range [][]string{{"一", "いち"}, {"二", "に"}, {"三", "さん"}, {"四", "よん"}, {"五", "ご"}, {"六", "ろく"}, {"七", "なな"}, {"八", "はち"}, {"九", "きゅう"}, {"十", "じゅう"}} {
		if slices.Contains(said, f) {
			return n + 1
		}
	}
	return 0
}

func digits(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// OfAge is the choice of an age band that was read, or of a text that is a number of
// years and no number of a choice; nil when there is none.
func OfAge(options []Option, band string, text string) *Option {
	if n := ordinal(Fold(text)); n > len(options) && n <= 115 && digits(Fold(text)) {
		band = BandOf(n)
	}
	for i, o := range options {
		if o.Age != "" && o.Age == band {
			return &options[i]
		}
	}
	return nil
}

// beside is what people write beside the person whom it is about.
var beside = []string{"のことです", "のことで", "のこと", "について", "うちの", "私の", "わたしの", "僕の", "俺の", "自分の", "相談", "本人", "さん", "ちゃん", "です", "だよ", "だ", "歳", "才", "さい", "代", "で", "が", "は", "の", "も", "と", "お", "よ", "ね"}

// little says whether a folded text says hardly more than a word: 父79, 母のことで; not
// 親に言わないで.
func little(f, word string) bool {
	return !strings.ContainsFunc(without(strings.Replace(f, word, "", 1), beside), unicode.IsLetter)
}

func without(s string, words []string) string {
	for _, w := range words {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// Typed says whether the text is no more than a choice: its number, its label or
// one of its words. A sentence that mentions a choice is a message as well.
func Typed(options []Option, text string) bool {
	f := Fold(text)
	if Nth(text) != 0 {
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
