package triage

import "strings"

// romaji turns up to three Latin letters that stand beside kana and can be read
// as kana into these, from rune base on: わたsi, びょういnに, にんちshょう. What no
// hand left unconverted stays: LINEで, AIですか, DVの.
func romaji(text []rune, base int) []rune {
	if !slipped(text, base) {
		return text
	}
	out := append(make([]rune, 0, len(text)+4), text[:base]...)
	for i := base; i < len(text); {
		j := i
		for j < len(text) && text[j] >= 'a' && text[j] <= 'z' {
			j++
		}
		if j == i {
			out = append(out, text[i])
			i++
			continue
		}
		after := i > base && hiragana(text[i-1])
		before := j < len(text) && hiragana(text[j])
		if kana, ok := syllables(string(text[i:j]), after, before && strings.ContainsRune("ゃゅょ", text[j])); ok && (after || before) && j-i <= 3 {
			out = append(out, kana...)
		} else {
			out = append(out, text[i:j]...)
		}
		i = j
	}
	return append(text[:0], out...)
}

// slipped says whether a letter stands beside kana at all.
func slipped(text []rune, base int) bool {
	for i := base + 1; i < len(text); i++ {
		a, b := text[i-1], text[i]
		if hiragana(a) && b >= 'a' && b <= 'z' || hiragana(b) && a >= 'a' && a <= 'z' {
			return true
		}
	}
	return false
}

// syllables reads letters as kana. A vowel begins only behind kana, an n may end
// behind a vowel, and sh, ch and the like may end where ゃ, ゅ or ょ follows.
func syllables(s string, afterKana, beforeSmall bool) (kana []rune, ok bool) {
	for s != "" {
		head := strings.IndexAny(s, "aiueo")
		if head < 0 {
			switch row := columns[s]; {
			case s == "n" && len(kana) > 0:
				return append(kana, 'ん'), true
			case row != "" && beforeSmall:
				return append(kana, []rune(row)[1]), true
			}
			return nil, false
		}
		row := []rune(columns[s[:head]])
		if len(row) == 0 || head == 0 && !afterKana && len(kana) == 0 {
			return nil, false
		}
		k := strings.IndexByte("aiueo", s[head])
		kana = append(kana, row[k])
		if head == 2 && k != 1 && s[:head] != "ts" { // sha is しゃ
			kana[len(kana)-1] = row[1]
			kana = append(kana, []rune("ゃいゅぇょ")[k])
		}
		s = s[head+1:]
	}
	return kana, true
}

var columns = map[string]string{
	"": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも", "y": "やいゆえよ",
	"r": "らりるれろ", "w": "わいうえを", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
	"sh": "ししすしし", "ch": "ちちちちち", "ts": "つつつつつ", "ky": "ききききき", "ny": "ににににに", "hy": "ひひひひひ", "my": "みみみみみ", "ry": "りりりりり", "gy": "ぎぎぎぎぎ", "by": "びびびびび", "py": "ぴぴぴぴぴ",
}
