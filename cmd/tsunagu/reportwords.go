package main

import (
	"strings"

	"tsunagu/bot"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// counter is one row, or one row a label, of the report: a fact's name and how a
// section chief reads it, who has never seen the program.
type counter struct {
	name, says string
	label      func(c *bot.City, label string) string // nil = the fact has none
	sum        bool                                   // its labels are parts of one whole
	order      []string                               // of its labels; nil = the greatest number first
}

// counters are in the order of the report: the way of a consultation from the first
// word to its end, then what staff and the rules need.
var counters = []counter{
	{name: "follow", says: "友だち追加"},
	{name: "start", says: "案内をはじめた（友だち追加のあいさつも、やりなおしもふくむ）"},
	{name: "offhours", says: "そのうち、職員が読む時間の外", label: words("start", "案内のはじまり", "case", "新しい相談", "crisis", "危険のことば")},
	{name: "crisis", says: "危険のことばに、電話番号を案内した", label: dangerOf, sum: true},
	{name: "crisis_again", says: "同じ危険のことばが、30分のうちにまた来た", label: dangerOf, sum: true},
	{name: "outcome", says: "窓口を案内した", label: outcomeName, sum: true},
	{name: "known", says: "案内を読んで", label: words("yes", "「行き先が分かった」を押した", "no", "「まだ分からない」を押した")},
	{name: "left", says: "質問の途中で「やめる」", label: question, sum: true},
	{name: "offer", says: "職員へつなぐ前に、同意をたずねた"},
	{name: "consent", says: "同意の答え", label: words("self", "同意する（自分のこと）", "other", "同意する（ほかの人のこと）", "no", "同意しない")},
	{name: "case", says: "新しい相談（受付番号を出した）", label: fieldOf, sum: true},
	{name: "taken", says: "受付から、職員がはじめて引き受けるまで（夜と休みの日もふくむ時間）", label: span, sum: true, order: spans()},
	{name: "answered", says: "受付から、職員がはじめて返事を送るまで（夜と休みの日もふくむ時間）", label: span, sum: true, order: spans()},
	{name: "promise", says: "職員の返事は、約束の時刻に", label: words("kept", "間に合った", "late", "おくれた"), sum: true},
	{name: "reminded", says: "待たせている相談の知らせ", label: words("unclaimed", "だれも引き受けていない（スレッドに1行）", "mention", "だれも引き受けていない（当番を呼んだ）",
		"general", "だれも引き受けていない（総合のチャンネルに出した）", "stale", "担当に「まだ対応中ですか」と聞いた", "back", "担当の返事がなく、未対応にもどした",
		"alarm", "約束の時刻が近い", "broken", "約束の時刻をすぎた")},
	{name: "staff", says: "職員がしたこと", label: deed},
	{name: "refused", says: "職員がしようとして、断られたこと", label: deed},
	{name: "handedon", says: "ほかの分野へつなぎ直した"},
	{name: "misroute", says: "「担当がちがう」の知らせ", label: fromTo, sum: true},
	{name: "escalated", says: "多機関協働へ", label: words("with", "本人の同意あり", "without", "本人の同意なし（記録だけ）")},
	{name: "pass", says: "ほかの窓口も読んでよいかと、住民にたずねた", label: words("yes", "はい", "no", "いいえ")},
	{name: "closed", says: "終了", label: func(_ *bot.City, id string) string { return handoff.OutcomeLabel(id) }, sum: true},
	{name: "reopened", says: "終わったあとに、住民がまた書いて開いた"},
	{name: "expired", says: "保管の期間がすぎて、ことばを消した相談"},
	{name: "forgotten", says: "forget で消した"},
	{name: "file", says: "住民からの写真とPDF", label: came},
	{name: "picture", says: "職員からの写真", label: came},
	{name: "read", says: "書かれたことばから読んだ分野", label: readAs, sum: true},
	{name: "miss", says: "書かれたことばを、読みとれなかった"},
	{name: "unclear", says: "「どこに聞けばよいか分からない」と書かれた"},
	{name: "outofscope", says: "相談の外のこと（ごみ、手続きなど）が書かれた"},
	{name: "query", says: "このしくみについての質問に答えた", label: words("what", "これは何か", "machine", "機械か人か", "secret", "秘密か", "reader", "だれが読むか", "cost", "お金", "name", "名前",
		"when", "いつ返事が来るか", "keep", "いつまで残るか", "delete", "消したい", "office", "窓口の電話や場所", "night", "夜に話せるところ", "hide", "画面を見られたくない", "call", "電話がほしい",
		"person", "人と話したい", "language", "ことば（外国語）", "detail", "くわしく話したい", "elsewhere", "よその町のこと", "missing", "いなくなった人", "angry", "怒り・不満", "takeback", "言ったことの取り消し")},
	{name: "llm", says: "AIの読み方", label: func(_ *bot.City, label string) string {
		if pair, ok := strings.CutPrefix(label, "disagree|"); ok {
			return "決まりとちがった：" + fromTo(nil, pair)
		}
		return words("agree", "決まりと同じだった", "late", "間に合わなかった", "failed", "答えがなかった")(nil, label)
	}},
	{name: "unposted", says: "出せなかった：Slackのカードや文"},
	{name: "unsaid", says: "出せなかった：LINEへの文"},
	{name: "unerased", says: "消せなかった：Slackの写し"},
	{name: "unsought", says: "探せなかった：Slackの投稿"},
	{name: "unfiled", says: "出せなかった：住民からの写真"},
	{name: "unfetched", says: "取り出せなかった：職員からの写真"},
	{name: "answer", says: "選ばれた答え", label: answered},
}

// words names labels: pairs of a label and what is read for it.
func words(pairs ...string) func(*bot.City, string) string {
	return func(_ *bot.City, label string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == label {
				return pairs[i+1]
			}
		}
		return label
	}
}

func dangerOf(c *bot.City, kind string) string {
	if says := c.Texts["kind."+kind]; says != "" {
		return says
	}
	return kind
}

// fieldOf names a town's field, a basic one where the town has none of that name.
func fieldOf(c *bot.City, id string) string {
	if c != nil {
		for _, f := range c.Directory.Fields {
			if f.ID == id {
				return f.Name
			}
		}
	}
	return words(triage.Elderly, "高齢", triage.Disability, "障がい", triage.Child, "子ども", triage.Poverty, "生活困窮", triage.Complex, "いくつも重なる", "unknown", "分野が決まらない",
		triage.Unclear, "分からない", triage.OutOfScope, "相談の外のこと", handoff.Coordinator, "多機関協働", "", "分野が決まらない")(c, id)
}

// outcomeName is what a guide came to; that no district was told stands beside it.
func outcomeName(c *bot.City, id string) string {
	if id == noDistrict {
		return "地区は分からないまま（ほかの行にもふくまれています）"
	}
	return fieldOf(c, id)
}

const noDistrict = "nodistrict"

func fromTo(c *bot.City, pair string) string {
	from, to, _ := strings.Cut(pair, "|")
	return fieldOf(c, from) + " → " + fieldOf(c, to)
}

func readAs(c *bot.City, label string) string {
	field, by, _ := strings.Cut(label, "|")
	return fieldOf(c, field) + "（" + words(triage.ByRule, "規則で", triage.ByExample, "例文で", triage.ByLLM, "AIで")(c, by) + "）"
}

// spans are the labels of a wait, the shortest first.
func spans() (all []string) {
	for _, w := range bot.Waits {
		all = append(all, w.Label)
	}
	return append(all, bot.WaitedLonger)
}

func span(_ *bot.City, label string) string {
	return words("10m", "10分以内", "1h", "10分をこえ、1時間以内", "4h", "1時間をこえ、4時間以内", "1d", "4時間をこえ、1日以内", "3d", "1日をこえ、3日以内", bot.WaitedLonger, "3日をこえた")(nil, label)
}

func deed(_ *bot.City, kind string) string {
	return words("helpclaim", "応援に入る", "helprelease", "応援から抜ける", "correct", "訂正を送る", "lost", "古いカードのボタン")(nil, handoff.Kind(kind).Label())
}

func came(_ *bot.City, label string) string {
	return words("shown", "届けた", "big", "大きすぎた", "kind", "受け取らない種類だった", "failed", "取り出せなかった", "back", "取り下げた", "late", "間に合わなかった", "moved", "つなぎ直し先に出しなおす", "way", "届けている途中")(nil, label)
}

// question is the beginning of a question's text, its ID where the tree has it no more.
func question(c *bot.City, id string) string {
	q := c.Tree.Find(id)
	if q == nil {
		return id
	}
	first, _, _ := strings.Cut(q.Text, "。")
	return first
}

func answered(c *bot.City, label string) string {
	id, option, _ := strings.Cut(label, "/")
	q := c.Tree.Find(id)
	says := words(bot.AnyDistrict, "地区を答えた", triage.Unsure, "分からない", triage.Words, "ことばで書いた", triage.Done, "これで全部")(c, option)
	if q != nil && !q.Districts {
		for _, o := range q.Options {
			if o.ID == option {
				says = o.Label
			}
		}
	}
	return question(c, id) + "：" + says
}
