package triage

import (
	"slices"
	"strings"
	"unicode"
)

// Tongue guesses what tongue a message is in that is not Japanese: en, zh, vi, ko, pt,
// tl, es or other; "" = Japanese, or too little to tell.
func Tongue(text string) string {
	var han, hangul, latins, viet, others int
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			return ""
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Latin, r):
			latins++
			if strings.ContainsRune(vietnamese, unicode.ToLower(r)) {
				viet++
			}
		case unicode.IsLetter(r):
			others++
		}
	}
	switch {
	case han >= 2 && isChinese(text):
		return "zh"
	case han > 0:
		return ""
	case hangul >= 2:
		return "ko"
	case others >= 6 && others > latins: // fewer make a face
		return "other"
	case latins < 8 || strings.Contains(text, "://") || len(strings.Fields(text)) < 2:
		return ""
	case viet*12 > latins:
		return "vi"
	}
	return bySmallWords(text)
}

// chinese are common characters that Japanese is not written with, at least without
// kana, chineseWords further signs.
const chinese = "你妳您她们們这這吗嗎么麼沒谁很哪怎请谢给說说话该对过还钱饭饿帮问题孩询业办听难妈爸岁呢吧啊"

var chineseWords = []string{"我想", "我不", "我要", "我是", "打我", "救我"}

func isChinese(text string) bool {
	return strings.ContainsAny(text, chinese) || slices.ContainsFunc(chineseWords, func(w string) bool { return strings.Contains(text, w) })
}

// vietnamese are the letters that only Vietnamese has.
const vietnamese = "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"

// bySmallWords tells tongues apart that are written in Latin letters.
func bySmallWords(text string) string {
	best, most := "en", 0
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, l := range tongues {
		n := 0
		for _, w := range words {
			if strings.Contains(l.words, " "+w+" ") {
				n++
			}
		}
		if n > most {
			best, most = l.id, n
		}
	}
	return best
}

// tongues are those that are written in Latin letters, by their small words.
var tongues = []struct{ id, words string }{
	{"en", " i my the is are to and a have do can how me you it of in for not help please need what where with "},
	{"pt", " eu meu minha não nao de que para com estou tenho você preciso uma um meus filho filha ele ela posso onde como está mas no na por sem "},
	{"es", " yo mi el la que no de para con estoy tengo necesito una un hijo hija él ella puedo donde dónde como cómo está pero en por sin los las me "},
	{"tl", " ako ko ang ng sa po na mga hindi ay si kami namin may wala paano saan anak asawa ba lang ni kung at "},
	{"vi", " toi tôi con không khong em va và la là của cua có co "},
}
