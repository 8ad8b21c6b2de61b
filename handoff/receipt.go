package handoff

import "fmt"

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
