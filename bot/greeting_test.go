package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
)

func TestAGreetingOrThanksIsNeitherAMissNorOutOfScope(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.says("r", "やめる")
	got := w.says("r", "こんばんは。よろしくお願いします")
	has(t, got, "何のことですか")
	hasNot(t, got, "[again]", "[outofscope]", "[unclear]")
	has(t, w.says("r", "ありがとうございます"), "[thanks]", "何のことですか")
}

func TestWordsInOtherLettersAreAnsweredInEasyJapanese(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["easy.q.worry"] = "なにに こまって いますか"
	w := newWorld(t, town)
	has(t, w.says("r", "Please help me, I have a question"), "[easy.on]", "なにに こまって いますか")
	hasNot(t, w.says("r", "I really do not know"), "[easy.on]") // said once
	has(t, w.says("s", "OK"), "何のことですか")
}

func TestWordsWrittenBeforeTheChoiceGoWithTheNewWorry(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	w.now = w.now.AddDate(0, 0, 10)
	has(t, w.says("r", "毎日の介護で疲れたので、話を聞いてほしい"), "[resume]")
	w.taps("r", "べつの相談です")
	w.says("r", "職員に相談する")
	has(t, w.phone.since("r"), "[consent]", "[consent.words]", "「毎日の介護で疲れたので、話を聞いてほしい」")
}

func TestWhatSaysNothingIsNotSent(t *testing.T) {
	w := newWorld(t)
	for _, words := range []string{"。", "？？", "…… ", "ありがとう", "こんにちは"} {
		w.says("r", words)
	}
	hasNot(t, w.says("r", "職員に相談する"), "[consent.words]")
	w.says("s", "😭😭")
	has(t, w.says("s", "職員に相談する"), "[consent.words]", "😭😭")
}

func TestTakingBackEndsWithoutSending(t *testing.T) {
	w := newWorld(t)
	for _, words := range []string{"やっぱりいいです", "なんでもないです", "やっぱりやめておきます。すみません", "大丈夫です、ありがとうございました"} {
		w.says("r", "こんにちは")
		has(t, w.says("r", words), "[quit]")
	}
	w.says("r", "介護のこと")
	w.says("r", "職員に相談する")
	has(t, w.says("r", "やっぱりやめます"), "[refused]")
	// Despair and worries are no taking back.
	for _, words := range []string{"もういいです", "大丈夫じゃない", "いいですか、母のことなのですが"} {
		hasNot(t, w.says("r", words), "[quit]")
	}
}

func TestYesToConsentIsAskedForWhomAndNotKept(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	for _, words := range []string{"はい", "お願いします", "いいです"} {
		got := w.says("r", words)
		has(t, got, "[consent.which]", "同意する（自分のこと）")
		hasNot(t, got, "[consent]", "[consented]")
	}
	has(t, w.says("r", "2"), "[consented]")
	if k := w.caseOf("r"); len(k.Sheet.Words) != 0 {
		t.Errorf("%v stand on the card", k.Sheet.Words)
	}
}

func TestThanksInAnOpenCaseOweNobodyAnAnswer(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.says("r", "ありがとうございます")
	if k := w.caseOf("r"); k.Waiting != 0 {
		t.Errorf("%d messages wait for an answer", k.Waiting)
	}
	w.says("r", "ありがとうございます。あすは休みですか")
	if k := w.caseOf("r"); k.Waiting != 1 {
		t.Errorf("%d messages wait for an answer, want 1", k.Waiting)
	}
}

func TestEasyJapaneseIsUnderstoodInASentenceAndStandsOnTheCard(t *testing.T) {
	town := smallTown("komachi")
	town.Wishes = append(town.Wishes, "やさしい日本語がよい")
	w := newWorld(t, town)
	has(t, w.says("r", "すみません、やさしいにほんごで おねがいします。"), "[easy.on]")
	w.consults("r")
	k := w.caseOf("r")
	if !slices.Contains(k.Sheet.Wishes, "やさしい日本語がよい") {
		t.Errorf("the card holds %v", k.Sheet.Wishes)
	}
	hasNot(t, w.phone.labels("r"), "やさしい日本語がよい")
	has(t, w.says("s", "我没有钱付房租"), "[easy.on]")
	has(t, w.says("u", "도와주세요"), "[easy.on]")
	for _, words := range []string{"生活保護申請希望", "父死去。葬儀費用不足", "OK"} {
		hasNot(t, w.says("v", words), "[easy.on]")
	}
}

func TestAskingForEasyJapaneseByWishChangesTheTalk(t *testing.T) {
	town := smallTown("komachi")
	town.Wishes = []string{"電話がよい", "やさしい日本語がよい"}
	w := newWorld(t, town)
	w.consults("r")
	has(t, w.taps("r", "やさしい日本語がよい"), "[easy.on]", "[wish]")
	has(t, w.taps("r", "電話がよい"), "[wish.last]")
	if k := w.caseOf("r"); !slices.Equal(k.Sheet.Wishes, []string{"やさしい日本語がよい", "電話がよい"}) {
		t.Errorf("the card holds %v", k.Sheet.Wishes)
	}
	w.says("r", "ふつうの日本語")
	if k := w.caseOf("r"); slices.Contains(k.Sheet.Wishes, "やさしい日本語がよい") {
		t.Error("the wish stands on after it was taken back")
	}
}

func TestEasyJapaneseReachesHoursLinesAndTheConsent(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["easy.phrases"] = "開いている時間：登録なし → いつ あいて いるか わかりません\nを聞ける窓口です → を きく ところ\n24時間 → いつでも\nいまは職員が読む時間です → いま よみます\n困りごと → こまった こと"
	town.Texts["offer"] = "[offer] {reading}"
	o := &town.Directory.Offices[0]
	o.Does, o.Note, o.Easy = "介護の相談を聞きます。", "二階です。", "かいごの ことを ききます。2かいに あります。"
	o.Fax = "0190-00-0009"
	w := newWorld(t, town)
	w.says("r", "やさしい日本語")
	for _, label := range []string{"介護", "これで全部", "自分", "分からない", "分からない"} {
		w.taps("r", label)
	}
	got := w.phone.since("r")
	has(t, got, "を きく ところ", o.Easy, "[fax] 0190-00-0009", "いつ あいて いるか わかりません", "いま よみます")
	hasNot(t, got, o.Does, o.Note)
	w.says("r", "ふつうの日本語")
	has(t, w.phone.since("r"), o.Does, "[phone.none]", "[fax] 0190-00-0009", o.Note)
	w.says("r", "やさしい日本語")
	has(t, w.says("r", "死にたい"), "いつでも")
	has(t, w.says("r", "職員に相談する"), "こまった こと：「介護のこと」")
	// The card is for staff, and others read as ever.
	w.taps("r", "同意する（自分のこと）")
	hasNot(t, w.says("s", "職員に相談する"), "こまった こと")
}

func TestOtherTonguesAreHelpedWithTheButtons(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["vi.hello"], town.Texts["vi.crisis"], town.Texts["vi.consent"] = "Xin chào", "Gọi 119", "Đồng ý?"
	town.Texts["vi.labels"] = "介護 → chăm sóc\n同意しない → không\n自分 → tôi"
	w := newWorld(t, town)
	has(t, w.says("r", "Tôi cần giúp đỡ về việc này"), "[easy.on]", "Xin chào", "1 介護 = chăm sóc", "2 お金\n")
	hasNot(t, w.says("r", "Tôi không biết phải làm gì"), "Xin chào") // said once
	has(t, w.says("r", "死にたい"), "Gọi 119", "[crisis.suicide]")
	got := w.says("r", "職員に相談する")
	has(t, got, "Đồng ý?", "3 同意しない = không")
	has(t, w.phone.labels("r"), "同意しない")
	hasNot(t, w.says("r", "ふつうの日本語"), "Đồng ý?")
	for _, words := range []string{"https://example.jp/sodan/index.html", "OK", "LINE"} {
		hasNot(t, w.says("s", words), "[easy.on]")
	}
}

func TestAStoryInPiecesIsSentWholeAsFarAsItFits(t *testing.T) {
	w := newWorld(t)
	w.beat = time.Minute // nobody writes that fast
	w.says("r", "はじめの話です")
	for i := range 8 {
		w.says("r", fmt.Sprint("つづきの話", i, strings.Repeat("あ", 100)))
	}
	got := w.says("r", "職員に相談する")
	has(t, got, "はじめの話です", "つづきの話7")
	hasNot(t, got, "[consent.cut]")
	w.taps("r", "同意する（自分のこと）")
	if k := w.caseOf("r"); len(k.Sheet.Words) != 9 {
		t.Errorf("%d messages stand on the card, want 9", len(k.Sheet.Words))
	}
	// Too much is said to be too much, and the question shows what goes.
	w.says("s", strings.Repeat("い", 1500))
	has(t, w.says("s", "職員に相談する"), strings.Repeat("い", 1000)+"…", "[consent.cut]")
	for range 2 {
		w.says("s", strings.Repeat("う", 900))
	}
	got = w.says("s", "職員に相談する")
	has(t, got, strings.Repeat("う", 900), "[consent.cut]")
	hasNot(t, got, "いい")
}

func TestANodIsNotAnsweredWithEverythingAgain(t *testing.T) {
	w := newWorld(t)
	for _, label := range []string{"介護", "これで全部", "自分", "分からない", "分からない"} {
		if label == "介護" {
			w.does("r", bot.Follow)
		}
		w.taps("r", label)
	}
	has(t, w.phone.since("r"), "窓口 総合窓口")
	for words, want := range map[string]string{"ありがとうございます": "[thanks]", "わかりました": "[offer.again]", "電話はこわいです": "[offer.words]"} {
		got := w.says("r", words)
		has(t, got, want)
		has(t, w.phone.labels("r"), "職員に相談する", "行き先が分かった")
		hasNot(t, got, "窓口 ")
	}
	has(t, w.says("r", "職員に相談する"), "電話はこわいです")
	hasNot(t, w.phone.since("r"), "わかりました", "ありがとう")
	w.says("r", "やめる")
	has(t, w.says("r", "了解です"), "[ended]")
	has(t, w.says("r", "どうも、ありがとう"), "[thanks]")
	has(t, w.says("r", "こんにちは"), "何のことですか")
}

// What stands in a row of its own is no second time among the answers.
func TestTheConsentSaysEachThingOnce(t *testing.T) {
	w := newWorld(t)
	w.does("r", bot.Follow)
	for _, label := range []string{"介護", "これで全部", "家族", "65歳から", "北"} {
		w.taps("r", label)
	}
	got := w.says("r", "職員に相談する")
	has(t, got, "・あなたの立場：「家族」、その人の年代：「65歳から」、地区：「北」\n", "・えらんだ答え：「介護」\n")
	w.taps("r", "同意する（自分のこと）")
	if k := w.caseOf("r"); !slices.Equal(k.Sheet.Why[:4], []string{"「介護」", "「家族」", "「65歳から」", "「北」"}) {
		t.Errorf("staff read %q", k.Sheet.Why)
	}
}
