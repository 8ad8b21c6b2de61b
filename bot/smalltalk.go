package bot

import (
	"slices"
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
	rest := without(f, thankWords)
	if rest == f {
		return f == "だんだん" // thanks in San'in, "more and more" within a sentence
	}
	return empty(without(rest, thankAround))
}

// without takes folded words out of a folded text.
func without(folded string, words []string) string {
	for _, w := range words {
		folded = strings.ReplaceAll(folded, w, "")
	}
	return folded
}

// empty says whether nothing is left that could be read.
func empty(rest string) bool {
	return !strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) && r != 'ー' || unicode.IsDigit(r) })
}

// greetings are words that only open a talk.
var greetings = folded("こんにちは", "こんにちわ", "おはようございます", "おはよう", "こんばんは", "はじめまして", "初めまして", "お世話になります",
	"よろしくお願いします", "よろしくおねがいします", "もしもし", "すみません", "hello", "hi")

// greeting says whether words are no more than a greeting.
func greeting(text string) bool {
	f := triage.Fold(text)
	return f != "" && empty(without(f, greetings))
}

// marks says whether a text is punctuation alone.
func marks(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPunct(r) && !unicode.IsSpace(r) })
}

// Taking back is said in a few words; longer ones stand before those that they
// hold. もういいです is not among them: it may be despair.
var (
	backWords = folded("やめておきます", "やめときます", "やめます", "いいです", "結構です", "けっこうです", "大丈夫です", "だいじょうぶです", "大丈夫",
		"なんでもないです", "なんでもありません", "なんでもない", "何でもないです", "何でもありません", "何でもない", "送らないでください", "送らないで", "キャンセルします", "キャンセル")
	backAround = folded("やっぱりいい", "やっぱり", "やはり", "すみません", "ごめんなさい", "今日は", "きょうは", "いまは", "今は", "ちょっと", "もう少し考えます", "ありがとうございました", "ありがとうございます", "ありがとう")
)

// nevermind says whether words take back what was begun, and no more. いいです
// alone does not say which way.
func nevermind(text string) bool {
	f := triage.Fold(text)
	if f == triage.Fold("いいです") {
		return false
	}
	return f == triage.Fold("やっぱりいい") || without(f, backWords) != f && empty(without(without(f, backWords), backAround))
}

// assents are words that agree without saying to which of two.
var assents = folded("はい", "うん", "ええ", "いいです", "いいですよ", "いいよ", "いい", "よいです", "同意", "同意する", "同意します", "お願いします", "おねがいします", "はいお願いします",
	"はい、お願いします", "はい、おねがいします", "送ってください", "おくってください", "送って", "OK", "ok", "オッケー", "yes")

// assent says whether words say yes, and no more.
func assent(text string) bool { return slices.Contains(assents, triage.Fold(text)) }

// nods are words that only say that something was heard.
var nods = folded("わかりました", "分かりました", "わかった", "分かった", "了解です", "了解しました", "了解", "りょうかいです", "りょうかい", "承知しました", "なるほど", "そうなんですね", "はい", "OK")

// nod says whether words say that something was heard, and no more.
func nod(text string) bool { return slices.Contains(nods, triage.Fold(text)) }

// In these words people ask for やさしい日本語, or say that they need it.
var (
	easyWords = folded("やさしい日本語", "やさしいにほんご", "優しい日本語", "易しい日本語", "かんたんな日本語", "簡単な日本語", "かんたんなにほんご",
		"日本語が分かりません", "日本語がわかりません", "日本語わかりません", "にほんごがわかりません", "にほんごわかりません", "日本語がむずかしい", "にほんごがむずかしい",
		"漢字が読めません", "漢字がよめません", "かんじがよめません", "かんじがわかりません", "漢字がわかりません")
	easyAround = folded("お願いいたします", "お願いします", "おねがいします", "お願い", "おねがい", "にしてください", "してください", "書いてください", "かいてください", "話してください", "はなしてください",
		"ください", "がいいです", "がよい", "がいい", "です", "すみません", "私は", "わたしは", "で", "を")
)

// wantsEasy says whether words ask for やさしい日本語, and whether they say no more
// than that.
func wantsEasy(text string) (asked, only bool) {
	f := triage.Fold(text)
	rest := without(f, easyWords)
	return rest != f, rest != f && empty(without(rest, easyAround))
}
