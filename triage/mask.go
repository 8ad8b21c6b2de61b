package triage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What stands in the place of what was masked.
const (
	maskURL    = "〔URL〕"
	maskMail   = "〔メール〕"
	maskNumber = "〔番号〕"
	maskPhone  = "〔電話番号〕"
	maskPlace  = "〔住所〕"
	maskName   = "〔名前〕"
)

// Mask replaces what identifies a person: telephone numbers, mail addresses,
// numbers of twelve to sixteen digits, postal codes and 番地, names that follow
// 名前は or stand before と申します, and URLs, in half and full width. Dates,
// ages, amounts and short numbers such as 110 stay. took says whether anything
// was replaced.
func Mask(text string) (masked string, took bool) {
	masked = text
	// What was taken stood beside something that now stands alone and shows itself.
	for range maskRounds {
		next := maskOnce(masked)
		if next == masked {
			break
		}
		masked = next
	}
	return masked, masked != text
}

// maskRounds bounds how often a masked text is masked again.
const maskRounds = 9

// maskOnce spares the expressions what cannot hold a match: they are slow, and
// most messages have neither URL nor number.
func maskOnce(s string) string {
	if strings.ContainsAny(s, ":：wWｗＷ") {
		s = findURL.ReplaceAllString(s, maskURL)
	}
	if strings.ContainsAny(s, "@＠") {
		s = findMail.ReplaceAllString(s, maskMail)
	}
	digits := strings.ContainsAny(s, "0123456789０１２３４５６７８９")
	if digits {
		s = maskNumbers(s)
	}
	if digits || strings.Contains(s, "丁目") {
		s = maskPlaces(s)
	}
	if containsOne(s, "名", "なまえ", "フルネーム") {
		s = nameAfter.ReplaceAllStringFunc(s, func(hit string) string {
			m := nameAfter.FindStringSubmatch(hit)
			if slices.ContainsFunc(aboutNames, func(w string) bool { return strings.HasPrefix(m[2], w) }) {
				return hit
			}
			return m[1] + maskName + m[3]
		})
	}
	if containsOne(s, "申し", "もうし", "います") {
		s = maskBefore(s)
	}
	return s
}

func containsOne(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// MaskNames is Mask for machines outside: it also takes the names before さん,
// くん, ちゃん and 氏, which staff may read.
func MaskNames(text string) string {
	s, _ := Mask(text)
	return nameTitle.ReplaceAllStringFunc(s, func(hit string) string {
		m := nameTitle.FindStringSubmatch(hit)
		if slices.ContainsFunc(titled, func(w string) bool { return strings.HasSuffix(m[1], w) }) {
			return hit
		}
		return maskName + m[2]
	})
}

// maskPlaces masks the number of a house behind 丁目, 町 and the like, and 番地. What
// counts (番目, 組, 号車) is no house.
func maskPlaces(s string) string {
	var b strings.Builder
	from := 0
	for _, at := range findPlace.FindAllStringSubmatchIndex(s, -1) {
		if counted([]rune(s[at[1]:min(at[1]+8, len(s))]), 0) {
			continue
		}
		keep := max(at[0], at[3], at[5]) // behind what the place is called
		b.WriteString(s[from:keep] + maskPlace)
		from = at[1]
	}
	return b.String() + s[from:]
}

const (
	numerals = `[0-9０-９]`
	dash     = `[-‐‑‒–—―−ーｰ－]`
)

var (
	findURL  = regexp.MustCompile(`(?i)(?:https?|ｈｔｔｐｓ?)(?:://|：／／)[^\s　「」、。）)]+|(?:www|ｗｗｗ)[.．][^\s　「」、。）)]+`)
	findMail = regexp.MustCompile(`[\w.+%\-Ａ-Ｚａ-ｚ０-９．＿－＋]+[@＠][\w\-Ａ-Ｚａ-ｚ０-９－]+(?:[.．][\w\-Ａ-Ｚａ-ｚ０-９－]+)+`)
	// What a place is called stays (町 and 丁目 say no more than a 地区); its number goes.
	findPlace = regexp.MustCompile(`((?:丁目|町|字|条|区))(?:` + numerals + `{1,4}(?:番地?の?|` + dash + `|の)` + numerals + `{1,4}(?:号|(?:` + dash + `|の)` + numerals + `{1,4})*(?:号室)?)|(?:` + numerals + `{1,5}番地(?:の?` + numerals + `{1,4})?|` + numerals + `{1,4}番` + numerals + `{1,4}号)|(丁目)[一二三四五六七八九十百]{1,4}番(?:地|[一二三四五六七八九十百]{1,4}号)?`)
	nameAfter = regexp.MustCompile(`((?:名前|なまえ|氏名|本名|フルネーム)(?:は|：|:)[、:：\s　]*)([^、。\s　\n「」！!？?]{1,12}?(?:[\s　][^、。\s　\n「」！!？?ですといだ]{1,6}?)?)([\s　]*(?:です|でーす|といいます|と言います|と申します|ともうします|だよ|。|、|！|!|\n|$))`)
	saysName  = regexp.MustCompile(`(と申します|と申し|ともうします|といいます|と言います|っていいます|って言います)`)
	nameTitle = regexp.MustCompile(`([\p{Han}々]{1,4}|[\p{Katakana}ー]{2,8})(さん|くん|君|ちゃん|氏)`)
)

// aboutNames begin what is said about a name instead of naming it: 名前は言えません.
var aboutNames = []string{"伝え", "つたえられ", "言わ", "言い", "言え", "言う", "いわな", "いいたく", "いえな", "いりま", "いらな", "必要", "書か", "書き", "書け", "出ま", "出な", "出る", "聞か", "聞き", "教え", "知ら", "見え", "見ら", "ばれ", "忘れ", "思い出", "わからな", "分から", "匿名", "秘密"}

// titled are words that take さん without being a name.
var titled = []string{"母", "父", "奥", "兄", "姉", "娘", "息子", "孫", "嫁", "婿", "祖父", "祖母", "叔父", "叔母", "伯父", "伯母", "弟", "妹", "皆", "客", "職員", "委員", "先生", "看護師", "保健師", "保育士", "警察", "大家", "店員", "旦那", "隣", "ヘルパー", "ケアマネ", "ケアマネジャー", "ケアマネージャー", "スタッフ", "ママ", "パパ", "社長", "店長", "会長", "班長", "患者", "利用者", "赤", "業者", "役所", "市役所", "坊", "婆", "爺", "屋", "員", "士", "師", "者", "長", "主"}

// maskBefore masks a name before と申します. といいます also means "says that",
// so there the word must look like a name and stand by itself.
func maskBefore(s string) string {
	var b strings.Builder
	for {
		at := saysName.FindStringIndex(s)
		if at == nil {
			break
		}
		humble := strings.Contains(s[at[0]:at[1]], "申") || strings.Contains(s[at[0]:at[1]], "もう")
		from := nameStart(s[:at[0]])
		if word := s[from:at[0]]; looksLikeName(word, humble) {
			b.WriteString(s[:from] + maskName + s[from+len(strings.TrimRight(word, " 　")):at[0]])
		} else {
			b.WriteString(s[:at[0]])
		}
		b.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return b.String() + s
}

// nameStart is where the word that ends s begins: after a mark, a は or の.
func nameStart(s string) int {
	r := []rune(s)
	i := len(r)
	for i > 0 && (r[i-1] == ' ' || r[i-1] == '　') {
		i--
	}
	for i > 0 && len(r)-i < 12 {
		c := r[i-1]
		if c == 'は' || c == 'の' || unicode.IsPunct(c) || unicode.IsSymbol(c) || c == '\n' {
			break
		}
		if (c == ' ' || c == '　') && (i < 2 || !unicode.Is(unicode.Han, r[i-2])) {
			break
		}
		i--
	}
	return len(string(r[:i]))
}

func looksLikeName(word string, humble bool) bool {
	word = strings.TrimSpace(word)
	n := len([]rune(word))
	if n < 1 || n > 11 || strings.Contains(word, "〔") {
		return false
	}
	if humble {
		return !strings.HasSuffix(word, "お願い")
	}
	if n < 2 || n > 8 || slices.ContainsFunc(noNames, func(w string) bool { return strings.HasSuffix(word, w) }) {
		return false
	}
	kanji, hira := 0, 0
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Han, r) || r == '々':
			kanji++
		case unicode.Is(unicode.Hiragana, r):
			hira++
		case unicode.Is(unicode.Katakana, r) || r == 'ー' || r == ' ' || r == '　' || r == '・' || letter(r):
		default:
			return false
		}
	}
	// A sentence ("死ぬ と言います") ends in kana; a name is kanji, katakana or kana alone.
	return hira == 0 || kanji == 0 && hira == n && !slices.ContainsFunc(kanaEnds, func(w string) bool { return strings.HasSuffix(word, w) })
}

var (
	noNames  = []string{"症", "病", "障害", "障がい", "会", "者", "員", "料", "法", "費", "金", "町", "市", "村", "区", "園", "校", "所", "業", "年", "月", "日", "嫌", "駄目", "無理", "大丈夫", "何", "結構", "不要", "必要", "面倒", "馬鹿", "邪魔", "心配", "不安", "怖", "痛", "帰宅", "退院", "自殺"}
	kanaEnds = []string{"い", "る", "う", "く", "す", "つ", "ぬ", "む", "ぶ", "ぐ", "た", "だ", "て", "な", "ね", "よ", "ん", "か", "も", "を", "が", "に", "で", "と", "ない", "ろ", "れ", "げ", "ば"}
)
