package bot

import (
	"regexp"
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
		"感謝しています", "感謝いたします", "感謝します", "感謝です", "感謝", "サンキュー", "thank you very much", "thank you", "thanks", "おおきに",
		"cảm ơn", "cám ơn", "谢谢", "多谢", "감사합니다", "고맙습니다", "고마워요", "muito obrigado", "muito obrigada", "obrigado", "obrigada", "salamat po", "salamat", "muchas gracias", "gracias")
	thankAround = folded("どうも", "本当に", "ほんとうに", "ほんとに", "とても", "すごく", "大変", "たいへん", "いろいろと", "いろいろ", "色々と", "色々",
		"職員さん", "職員の皆さん", "皆さま", "皆様", "皆さん", "みなさま", "みなさん", "先日は", "今日は", "きょうは", "この度は", "このたびは",
		"丁寧に", "親切に", "はい", "了解です", "了解しました", "わかりました", "分かりました", "相談できて", "話を聞いてくれて", "教えてくれて", "と言いたくて", "って言いたくて", "と伝えたくて", "って伝えたくて",
		"よかったです", "良かったです", "おかげさまで", "少し楽になりました", "楽になりました", "気持ちが", "ほっとしました", "お陰様で")
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
	"よろしくお願いします", "よろしくおねがいします", "もしもし", "すみません", "hello", "hi", "good morning", "good afternoon", "good evening",
	"xin chào", "chào bạn", "chào", "你好", "您好", "早上好", "안녕하세요", "안녕하십니까", "안녕", "bom dia", "boa tarde", "boa noite", "olá", "hola", "buenos días", "buenas tardes",
	"magandang araw po", "magandang araw", "magandang umaga po", "magandang gabi po", "kumusta po", "kumusta")

// greeting says whether words are no more than a greeting.
func greeting(text string) bool {
	f := triage.Fold(text)
	return f != "" && empty(without(f, greetings))
}

// closings are words that only end a talk.
var closings = folded("またね", "またあした", "また明日", "おやすみ", "おやすみなさい", "寝ます", "もう寝ます", "もう寝る", "今日は寝ます", "じゃあね", "ではまた", "じゃあまた", "また来ます", "また書きます", "また連絡します", "失礼します", "bye", "good night")

func closing(text string) bool { return slices.Contains(closings, triage.Fold(text)) }

// marks says whether a text is punctuation alone.
func marks(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPunct(r) && !unicode.IsSpace(r) })
}

// Taking back is said in a few words; longer ones stand before those that they
// hold. もういいです is not among them: it may be despair.
var (
	backWords = folded("もう大丈夫です", "もう大丈夫", "もうだいじょうぶです", "もうだいじょうぶ", "やめておきます", "やめときます", "やめます", "いいです", "結構です", "けっこうです", "大丈夫です", "だいじょうぶです", "大丈夫",
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
	"はい、お願いします", "はい、おねがいします", "はいおねがいします", "送ってください", "おくってください", "送って", "OK", "オッケー",
	"そう", "そうです", "そうだよ", "そうそう", "んだ", "んだよ", "うんうん", "はーい", "それ", "それです", "それでいい", "それでいいです", "それで", "お願い", "頼む", "頼みます", "たのむ",
	"yes", "yes please", "i agree", "agree", "concordo", "de acuerdo", "我同意", "동의", "동의함", "동의합니다", "sim", "sí", "có", "vâng", "đồng ý", "是", "对", "好", "네", "예", "opo", "oo")

// pleas are words that ask, below the offices, for the one thing that can be asked for.
var pleas = folded("お願いします", "おねがいします", "お願い", "はいお願いします", "はい、お願いします", "はいおねがいします", "はい、おねがいします", "頼む", "頼みます", "たのむ", "相談したい", "相談したいです",
	"相談します", "相談する", "やっぱり相談したい", "やっぱり相談したいです", "送ってください", "送って", "同意します", "聞いてほしい", "聞いてほしいです", "話を聞いてほしい", "話を聞いてほしいです", "聞きたいです")

// please says whether words ask to go on with staff, and no more.
func please(text string) bool { return slices.Contains(pleas, triage.Fold(text)) }

// goings are words of who will call or go by themselves, below the offices.
var goings = folded("電話してみる", "電話してみます", "電話します", "電話する", "かけてみます", "かけてみる", "行ってみる", "行ってみます", "行きます", "聞いてみる", "聞いてみます", "相談してみます", "自分で電話します", "自分で電話する", "自分で行きます")

// goes says whether words only say that the resident will call or go.
func goes(text string) bool {
	return slices.Contains(goings, strings.TrimRight(triage.Fold(without(triage.Fold(text), nodsFirst)), "わよねな"))
}

var nodsFirst = folded("わかりました", "分かりました", "わかった", "分かった", "じゃあ", "では", "明日", "あした", "ありがとうございます", "ありがとう")

// denials are words that say no, and no more.
var denials = folded("ちがう", "違う", "ちがいます", "違います", "ちがうよ", "違うよ", "ちがうんです", "違うんです", "いいえ", "いいえ、ちがいます", "いえ", "いや", "いやです", "ううん", "そうじゃない", "そうじゃないです", "そうではありません", "no", "não", "không", "아니요", "不是", "hindi")

// anotherWords say that it is about something else, and no more.
var anotherWords = folded("別の話", "べつの話", "ちがう話", "違う話", "別のこと", "べつのこと", "ちがうこと", "違うこと", "別の相談", "べつの相談", "ちがう相談", "違う相談", "新しい相談", "新しいこと")

// another says whether words say that it is about something else.
func another(text string) bool {
	return slices.Contains(anotherWords, strings.TrimSuffix(triage.Fold(text), triage.Fold("です")))
}

func denial(text string) bool { return slices.Contains(denials, triage.Fold(text)) }

// refusals are words that say no to the consent, and no more.
var refusals = folded("いいえ", "いや", "いやです", "嫌", "嫌です", "だめ", "だめです", "同意しません", "送りたくない", "送らない", "no", "não", "không", "không đồng ý", "不同意", "아니요", "hindi")

func refusal(text string) bool { return slices.Contains(refusals, triage.Fold(text)) }

// At the consent these words say whom it is about, but not yes.
var (
	selves = regexp.MustCompile(`^(自分|私|わたし|あたし|僕|ぼく|俺|おれ|わし|本人)(自身|)(のこと|の話|の相談|の|)(です|だ|だよ|よ|)$`)
	others = regexp.MustCompile(`^(ほかの人|他の人|別の人|家族|母|父|親|夫|妻|主人|子ども|息子|娘|孫|祖母|祖父|兄|弟|姉|妹|友達|友だち|知り合い|近所の人)(のこと|の話|の相談|の|)(です|だ|だよ|よ|)$`)
	boths  = folded("両方", "どっちも", "どちらも", "りょうほう")
)

// whose is the verb of the button for whom it is: yes (self), other, both for neither of
// the two; "" where the words do not say.
func whose(text string) string {
	switch f := triage.Fold(text); {
	case selves.MatchString(f):
		return "yes"
	case others.MatchString(f):
		return "other"
	case slices.Contains(boths, f):
		return "both"
	}
	return ""
}

// unsures are words for 分からない at a question of the tree.
var unsures = folded("分からない", "わからない", "わかりません", "分かりません", "わからん", "分からん", "わかんない", "分かんない", "わからないです", "分からないです", "知らない", "しらない", "知らん", "しらん",
	"答えたくない", "答えたくないです", "言いたくない", "いいたくない", "言いたくないです", "言えない", "i don't know", "don't know", "i dont know", "không biết", "tôi không biết", "不知道", "não sei", "모르겠어요", "몰라요", "hindi ko alam")

// assent says whether words say yes, and no more.
func assent(text string) bool { return slices.Contains(assents, triage.Fold(text)) }

// nods are words that only say that something was heard.
var nods = folded("わかりました", "分かりました", "わかった", "分かった", "了解です", "了解しました", "了解", "りょうかいです", "りょうかい", "承知しました", "なるほど", "そうなんですね", "はい", "うん", "ええ", "んだ", "そうですか", "そっか", "よかった", "よかったです", "OK")

// nod says whether words say that something was heard, and no more.
func nod(text string) bool { return slices.Contains(nods, triage.Fold(text)) }

// In these words people ask for やさしい日本語, or say that they need it.
var (
	easyWords = folded("やさしい日本語", "やさしいにほんご", "優しい日本語", "易しい日本語", "かんたんな日本語", "簡単な日本語", "かんたんなにほんご",
		"日本語が分かりません", "日本語がわかりません", "日本語わかりません", "にほんごがわかりません", "にほんごわかりません", "日本語がむずかしい", "にほんごがむずかしい",
		"日本語すこし", "にほんごすこし", "日本語少し", "日本語が苦手", "日本語苦手", "日本語へた", "にほんごへた", "にほんごがへた", "日本語むずかしい", "にほんごむずかしい", "日本語が難しい", "日本語難しい", "漢字が読めません", "漢字がよめません", "かんじがよめません", "かんじがわかりません", "漢字がわかりません")
	easyAround = folded("お願いいたします", "お願いします", "おねがいします", "お願い", "おねがい", "にしてください", "してください", "書いてください", "かいてください", "話してください", "はなしてください",
		"ください", "だけわかります", "わかります", "できます", "だけ", "がいいです", "がよい", "がいい", "です", "すみません", "私は", "わたしは", "で", "を")
)

// wantsEasy says whether words ask for やさしい日本語, and whether they say no more
// than that.
func wantsEasy(text string) (asked, only bool) {
	f := triage.Fold(text)
	rest := without(f, easyWords)
	return rest != f, rest != f && empty(without(rest, easyAround))
}
