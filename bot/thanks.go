package bot

import (
	"strings"
	"unicode"

	"tsunagu/triage"
)

// Thanks are words of thanks and what people say around them. Longer ones stand
// before those that they hold.
var (
	thankWords = folded("ありがとうございました", "ありがとうございます", "ありがとうです", "ありがとう", "ありがたいです", "ありがと",
		"有難うございました", "有難うございます", "有難う", "有り難うございました", "有り難うございます", "有り難う",
		"助かりました", "助かります", "たすかりました", "お世話になりました", "おせわになりました",
		"感謝しています", "感謝いたします", "感謝します", "感謝です", "感謝", "サンキュー", "thank you", "thanks", "おおきに")
	thankAround = folded("どうも", "本当に", "ほんとうに", "ほんとに", "とても", "すごく", "大変", "たいへん", "いろいろと", "いろいろ", "色々と", "色々",
		"職員さん", "職員の皆さん", "皆さま", "皆様", "皆さん", "みなさま", "みなさん", "先日は", "今日は", "きょうは", "この度は", "このたびは",
		"丁寧に", "親切に", "はい", "了解です", "了解しました", "わかりました", "分かりました", "相談できて", "話を聞いてくれて", "教えてくれて",
		"よかったです", "良かったです", "おかげさまで", "お陰様で")
)

func folded(words ...string) []string {
	for i, w := range words {
		words[i] = triage.Fold(w)
	}
	return words
}

// thanks says whether words are no more than thanks: where anything else is
// left, somebody has to read it.
func thanks(text string) bool {
	f := triage.Fold(text)
	rest := f
	for _, w := range thankWords {
		rest = strings.ReplaceAll(rest, w, "")
	}
	if rest == f {
		return f == "だんだん" // thanks in San'in, "more and more" within a sentence
	}
	for _, w := range thankAround {
		rest = strings.ReplaceAll(rest, w, "")
	}
	return !strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) && r != 'ー' || unicode.IsDigit(r) })
}

// greetings are words that only open a talk.
var greetings = folded("こんにちは", "こんにちわ", "おはようございます", "おはよう", "こんばんは", "はじめまして", "初めまして", "お世話になります",
	"よろしくお願いします", "よろしくおねがいします", "もしもし", "すみません", "hello", "hi")

// greeting says whether words are no more than a greeting.
func greeting(text string) bool {
	rest := triage.Fold(text)
	if rest == "" {
		return false
	}
	for _, w := range greetings {
		rest = strings.ReplaceAll(rest, w, "")
	}
	return !strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) && r != 'ー' || unicode.IsDigit(r) })
}

// foreign says whether words are in letters that Japanese is not written in.
func foreign(text string) bool {
	letters := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han):
			return false
		case unicode.IsLetter(r):
			letters++
		}
	}
	return letters >= 8
}
