package handoff

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/width"
)

// receiptWords are sayable on the telephone and not mistaken for one another.
var receiptWords = []string{
	"みかん", "さくら", "つばめ", "すずめ", "れもん", "いちご", "ぶどう", "もみじ", "すみれ", "つくし",
	"わかば", "ひばり", "こすもす", "ひまわり", "たんぽぽ", "あさがお", "くるみ", "かえで", "いちょう", "なのはな",
	"ほたる", "とんぼ", "うさぎ", "こぐま", "りす", "かもめ", "いるか", "めだか", "あじさい", "すいせん",
	"ゆず", "もも", "なし", "かき", "くり", "うめ", "まつ", "たけ", "はと", "つる",
	"にじ", "そら", "ゆき", "つき", "ほし", "かぜ", "なみ", "もり", "やま", "かわ",
	"とまと", "かぼす", "すだち", "びわ", "あんず", "ざくろ", "れんげ", "はぎ", "ふじ", "きく",
}

// Receipt makes a 受付番号 of a random number: a hiragana word of two to four
// letters, a hyphen, four digits.
func Receipt(n uint32) string {
	words := uint32(len(receiptWords))
	return fmt.Sprintf("%s-%04d", receiptWords[n%words], n/words%10000)
}

var receiptForm = regexp.MustCompile(`^(\p{Hiragana}{2,4})-?([0-9]{4})$`)

// ReadReceipt reads a 受付番号 as people type it: in katakana, with wide digits,
// another hyphen or none, with spaces. ok is false when it is none.
func ReadReceipt(s string) (receipt string, ok bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("‐‑–—―−ーｰ－", r):
			return '-'
		case r >= 'ァ' && r <= 'ヶ':
			return r - 'ァ' + 'ぁ'
		case r == ' ' || r == '　':
			return -1
		}
		return r
	}, width.Fold.String(s))
	m := receiptForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return "", false
	}
	return m[1] + "-" + m[2], true
}
