package triage

import "regexp"

// What stands in the place of what was masked.
const (
	maskURL    = "〔URL〕"
	maskMail   = "〔メール〕"
	maskNumber = "〔番号〕"
	maskPhone  = "〔電話番号〕"
	maskPlace  = "〔住所〕"
	maskName   = "〔名前〕"
)

const (
	digit  = `[0-9０-９]`
	hyphen = `[-‐‑‒–—―−ーｰ－ 　()（）]{0,2}`
)

var masks = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`(?i)(https?|ｈｔｔｐｓ?)(://|：／／)[^\s　「」、。]+|www\.[^\s　「」、。]+`), maskURL},
	{regexp.MustCompile(`[\w.+%-]+[@＠][\w-]+(?:[.．][\w-]+)+`), maskMail},
	{regexp.MustCompile(`(?:` + digit + hyphen + `){15}` + digit), maskNumber},
	{regexp.MustCompile(`(?:[+＋]` + hyphen + `[8８][1１]` + hyphen + `(?:` + digit + hyphen + `){8,9}` + digit + `|[0０]` + hyphen + `(?:` + digit + hyphen + `){8,9}` + digit + `)`), maskPhone},
	{regexp.MustCompile(`(?:` + digit + hyphen + `){11}` + digit), maskNumber},
	{regexp.MustCompile(`〒?` + digit + `{3}[-‐‑–—−ー－]` + digit + `{4}`), maskPlace},
	{regexp.MustCompile(`[0-9０-９一二三四五六七八九十]+丁目[0-9０-９一二三四五六七八九十番地のノ号\-－ー−]*|` + digit + `+番地?(?:の?` + digit + `+)?号?|` + digit + `{1,4}[-‐−ー－]` + digit + `{1,4}[-‐−ー－]` + digit + `{1,4}`), maskPlace},
}

var (
	nameAfter  = regexp.MustCompile(`((?:名前|なまえ|氏名|本名)は[、:：\s　]*)([^、。\s　\n「」！!？?]{1,12}?)(です|といいます|と言います|と申します|だよ|。|、|\n|$)`)
	nameBefore = regexp.MustCompile(`([\p{Han}\p{Hiragana}\p{Katakana}ー]{1,10}?[ 　]?[\p{Han}\p{Katakana}\p{Hiragana}ー]{1,8}?)(と申します|と申し|といいます|と言います|ともうします)`)
)

// Mask replaces what identifies a person: telephone numbers, mail addresses,
// 12- and 16-digit numbers, postal codes and 番地, names that follow 名前は or
// stand before と申します, and URLs, in half and full width. took says whether
// anything was replaced.
func Mask(text string) (masked string, took bool) {
	s := text
	for _, m := range masks {
		s = m.find.ReplaceAllString(s, m.put)
	}
	s = nameAfter.ReplaceAllString(s, "${1}"+maskName+"${3}")
	s = nameBefore.ReplaceAllString(s, maskName+"${2}")
	return s, s != text
}
