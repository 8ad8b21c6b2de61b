package triage

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Marks that stand in plain text for what ended a sentence or a clause.
const (
	stop  = '。'
	pause = '、'
)

// plain is the form in which words are compared: NFKC, lower case, katakana as
// hiragana, small vowels as full ones, long vowels dropped, runs of three or more
// characters cut to one, letters that a hasty hand left unconverted as kana
// (わたsi), names in katakana as somebody, spaces only between Latin words, every sentence end as 。 and every
// other mark as 、, emoji as words. Ends carry no mark.
func plain(text string) []rune {
	return appendPlain(make([]rune, 0, len(text)/2+8), text)
}

func appendPlain(out []rune, text string) []rune {
	if strings.ContainsFunc(text, unsteady) && !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	p := plainer{out: out, base: len(out)}
	named, before := 0, rune(0)
	for i, r := range text {
		if i < named {
			continue
		}
		if katakana(r) && !katakana(before) {
			if n := katakanaName(text[i:]); n > 0 {
				named, before = i+n, ' '
				p.take(somebody)
				continue
			}
		}
		p.take(fold(r))
		before = r
	}
	return romaji(unnumbered(p.out, p.base), p.base)
}

// somebody stands in plain text for a name in katakana.
const somebody = '某'

// katakanaName is how many bytes of the text's start are a person's name: katakana
// before さん and its like, unless it says who somebody is (ママさん). A name says
// nothing of what it is about, and written as kana サトウさん would hold 父さん and
// イケガミさん a wound. Foreign words for a trade are told by their long vowels.
func katakanaName(text string) int {
	letters, end := 0, len(text)
	for i, r := range text {
		if !katakana(r) {
			end = i
			break
		}
		letters++
	}
	if letters < 2 || letters > 5 || strings.ContainsAny(text[:end], "ー・") || people[text[:end]] {
		return 0
	}
	for _, title := range [...]string{"さん", "くん", "君", "ちゃん", "氏", "さま", "様"} {
		if strings.HasPrefix(text[end:], title) {
			return end
		}
	}
	return 0
}

func katakana(r rune) bool { return r >= 'ァ' && r <= 'ー' }

// people are words in katakana that stand before さん and its like and are no name.
var people = map[string]bool{
	"パパ": true, "ママ": true, "トウ": true, "カア": true, "オトウ": true, "オカア": true, "ジイ": true, "バア": true, "ジジ": true, "ババ": true, "オジイ": true, "オバア": true,
	"オジ": true, "オバ": true, "ニイ": true, "ネエ": true, "オニイ": true, "オネエ": true, "アニ": true, "アネ": true, "ヨメ": true, "オヨメ": true, "ムコ": true, "オムコ": true,
	"ダンナ": true, "オク": true, "カミ": true, "ムスコ": true, "ムスメ": true, "マゴ": true, "オマゴ": true, "イトコ": true, "オヤ": true, "カレシ": true, "カノジョ": true, "オコ": true,
	"ボク": true, "オレ": true, "ヒト": true, "コドモ": true, "アカ": true, "オトナリ": true, "トナリ": true, "ケアマネ": true, "マネ": true, "スタッフ": true, "ガイド": true, "ガイヘル": true,
	"バイト": true, "ダイク": true, "イシャ": true, "オイシャ": true, "オマワリ": true, "ケイサツ": true, "テンチョウ": true, "シャチョウ": true, "ヤクザ": true, "オキャク": true,
	"ファミサポ": true, "サンタ": true, "ネコ": true, "ニャン": true, "イヌ": true, "ワン": true, "クマ": true, "ハム": true,
}

// longNumber is how many digits a telephone or account number has at least; what is
// written between them are marks.
const longNumber = 9

// unnumbered drops long numbers: they say who somebody is, never what it is about,
// and 090 is nobody's age.
func unnumbered(out []rune, base int) []rune {
	kept := base
	for i := base; i < len(out); {
		digits, end := 0, i+1
		for j := i; j < len(out) && (isNumeral(out[j]) || digits > 0 && out[j] == pause); j++ {
			if isNumeral(out[j]) {
				digits, end = digits+1, j+1
			}
		}
		if digits < longNumber {
			kept += copy(out[kept:], out[i:end])
		}
		i = end
	}
	return out[:kept]
}

func isNumeral(r rune) bool { return r >= '0' && r <= '9' }

// plainer writes a plain text behind what stands in out before base.
type plainer struct {
	out   []rune
	base  int
	run   int  // how often the last character has come again
	space bool // stands before the next character
	mark  rune // so does this one; 0 = none
}

// take takes the next folded character of a text.
func (p *plainer) take(r rune) {
	switch {
	case isJapanese(r), r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		p.put(r)
	case strings.ContainsRune("ー〜～~―─\u200d\ufe0f「」『』\"'’“”", r):
	case strings.ContainsRune("。!?\n.！？", r):
		p.mark = stop
	case unicode.IsSpace(r):
		p.space = true
	case r < 0x3000 && (unicode.IsLetter(r) || unicode.IsMark(r)), unicode.Is(unicode.Hangul, r):
		p.put(unicode.ToLower(r))
	case emoji[r] != "":
		for _, c := range emoji[r] {
			p.put(c)
		}
	case p.mark == 0 && (unicode.IsPunct(r) || r > 0x2000):
		p.mark = pause
	}
}

// put writes a character, and before it the mark or the space that is due.
func (p *plainer) put(r rune) {
	mark, space := p.mark, p.space
	p.mark, p.space = 0, false
	if n := len(p.out); n > p.base {
		last := &p.out[n-1]
		switch {
		case mark != 0 && *last == pause:
			*last = mark
		case mark != 0 && *last != stop:
			p.out = append(p.out, mark)
		case mark == 0 && space && latin(*last) && latin(r):
			p.out = append(p.out, ' ')
		}
	}
	if n := len(p.out); n == p.base || p.out[n-1] != r || r <= '9' {
		p.run = 0
		p.out = append(p.out, r)
		return
	}
	switch p.run++; p.run {
	case 1:
		p.out = append(p.out, r)
	case 2: // the third of the same: one is enough
		p.out = p.out[:len(p.out)-1]
	}
}

// fold makes one of the letters that differ by their case, their kana or their size.
func fold(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r >= 'ァ' && r <= 'ヶ':
		r += 'ぁ' - 'ァ'
	}
	switch r {
	case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ':
		return r + 1
	}
	return r
}

func isJapanese(r rune) bool {
	return r >= 'ぁ' && r <= 'ゖ' || r >= '一' && r <= '鿿' || r == '々' || r == '〇'
}

func latin(r rune) bool {
	return r < 0x2000 && r != pause && r != stop || r >= 0xac00 && r <= 0xd7a3
}

// emoji are pictures that say something about whom or what it is about.
var emoji = map[rune]string{
	'😭': "涙", '😢': "涙", '🥲': "涙", '😰': "不安", '😨': "不安", '😱': "怖い", '😞': "つらい", '😔': "つらい", '😣': "つらい", '😖': "つらい", '😩': "つらい", '😫': "つらい",
	'😡': "怒り", '😤': "怒り", '🤬': "怒り", '👶': "赤ちゃん", '🍼': "赤ちゃん", '🤰': "妊娠", '🤱': "授乳", '👵': "祖母", '👴': "祖父", '🧓': "祖父", '👦': "子ども", '👧': "子ども",
	'🏫': "学校", '🎒': "学校", '💸': "お金", '💴': "お金", '💰': "お金", '🏥': "病院", '💊': "薬", '🚑': "救急車", '🔪': "包丁", '🩸': "血", '🦽': "車いす", '♿': "車いす", '🏠': "家", '🦻': "補聴器", '🧏': "聞こえない",
	'🗑': "ごみ", '🐕': "犬", '🐶': "犬", '🐈': "猫", '🐱': "猫", '🙇': "お願い", '🙏': "お願い",
}
