package bot_test

import (
	"regexp"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/triage"
)

var receiptForm = regexp.MustCompile(`[ぁ-ん]{2,4}-[0-9]{4}`)

func TestTheGuideLeadsFromFriendToOffice(t *testing.T) {
	w := newWorld(t)
	has(t, w.does("r", bot.Follow), "[greeting]", "何のことですか", "1 介護", "2 お金")
	has(t, w.taps("r", "介護"), "何のことですか", "1 お金")
	has(t, w.taps("r", "これで全部"), "だれのことですか")
	has(t, w.taps("r", "家族"), "何歳くらいですか")
	has(t, w.says("r", "65歳から"), "どこに住んでいますか")
	has(t, w.says("r", "１"), "[outcome]", "窓口 北包括センター", "電話番号：登録なし", "窓口 総合窓口", "[offer]", "1 職員に相談する")
	if n := w.phone.pushes("r"); n != 0 {
		t.Errorf("%d pushes in a guide", n)
	}
}

func TestATypedNumberOrNameSelectsEverywhere(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	has(t, w.says("r", "もやもや"), "[pick]", "1 介護のこと", "2 お金のこと", "3 どれでもない")
	has(t, w.says("r", "2"), "だれのことですか")
	has(t, w.says("r", "もどる"), "何のことですか")
	w.says("r", "もやもや")
	has(t, w.says("r", "3"), "[again]")
	w.says("r", "職員に相談する")
	has(t, w.says("r", "同意しない"), "[refused]", "[offer]", "1 職員に相談する")
	has(t, w.says("r", "1"), "[consent]", "1 同意する（自分のこと）", "3 同意しない")
	has(t, w.says("r", "2"), "[consented]")
	w.says("r", "やめる")
	has(t, w.says("r", "2"), "[status.open]")
	w.says("r", "やめる")
	has(t, w.says("r", "おわりにする"), "[stopped]")
}

func TestATapOnAnOldMessageShowsThePresentQuestion(t *testing.T) {
	w := newWorld(t)
	w.does("r", bot.Follow)
	old := w.phone.data("r", "介護")
	w.taps("r", "介護")
	w.taps("r", "これで全部")
	has(t, w.tapsData("r", old), "だれのことですか")
	w.taps("r", "もどる")
	has(t, w.tapsData("r", old), "1 お金") // still chosen once
}

func TestASecondIdenticalTapMakesNoSecondStepOrCase(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.says("r", "もやもや")
	none := w.phone.data("r", "どれでもない")
	has(t, w.tapsData("r", none), "[again]")
	has(t, w.tapsData("r", none), "[again]") // shown again, not asked once more
	w.says("r", "職員に相談する")
	yes := w.phone.data("r", "同意する（自分のこと）")
	has(t, w.tapsData("r", yes), "[consented]")
	hasNot(t, w.tapsData("r", yes), "[consented]")
	if n := len(w.desk.cases()); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func TestAButtonOfAnEarlierConversationFitsNothing(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.says("r", "職員に相談する")
	yes := w.phone.data("r", "同意する（自分のこと）")
	w.does("r", bot.Unfollow)
	w.now = w.now.Add(bot.DefaultKeep.Idle)
	w.does("r", bot.Follow)
	w.says("r", "職員に相談する")
	has(t, w.tapsData("r", yes), "[consent]")
	if n := len(w.desk.cases()); n != 0 {
		t.Errorf("an old button made %d cases", n)
	}
}

func TestBackUndoesOneStepFromEverywhere(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "もどる"), "[first]", "何のことですか")
	w.taps("r", "介護")
	w.says("r", "お金")
	has(t, w.says("r", "もどる"), "1 お金", "2 気持ち") // 介護 stays chosen
	has(t, w.says("r", "もどる"), "1 介護", "2 お金", "3 気持ち")
	w.says("r", "もやもや")
	has(t, w.says("r", "もどる"), "何のことですか")
	w.says("r", "毎日の介護で疲れたので、話を聞いてほしい")
	w.says("r", "借金もあって、とても困っています") // at a question about the person
	has(t, w.phone.since("r"), "[more] お金のこと")
	has(t, w.says("r", "もどる"), "だれのことですか")
	w.says("r", "職員に相談する")
	has(t, w.says("r", "もどる"), "だれのことですか")
	w.says("r", "自分")
	w.says("r", "64歳まで")
	w.says("r", "南")
	w.taps("r", "職員に相談する")
	has(t, w.taps("r", "もどる"), "[offer]")
	has(t, w.says("r", "戻る"), "どこに住んでいますか")
}

func TestConfirmThenRephraseThenButtonsThenAPerson(t *testing.T) {
	w := newWorld(t)
	hasNot(t, w.says("r", "こんにちは"), "[again]")
	has(t, w.says("r", "もやもや"), "[pick]")
	has(t, w.says("r", "ふわふわ"), "[again]", "言いかえると")
	has(t, w.says("r", "ふわふわ"), "[person]", "総合窓口（福祉課）", "0190-00-0001", "言いかえると")
	has(t, w.phone.labels("r"), "職員に相談する")
	has(t, w.taps("r", "職員に相談する"), "[consent]")
}

func TestNotKnowingWhereToAskIsNoFailureButDoesNotGoRound(t *testing.T) {
	w := newWorld(t)
	w.says("r", "もどる")
	hasNot(t, w.says("r", "どこに聞けばいいですか、教えてください"), "[again]")
	has(t, w.phone.since("r"), "[unclear]", "何のことですか")
	has(t, w.says("r", "どこに聞けばいいですか、教えてください"), "[again]", "言いかえると")
	has(t, w.says("r", "どこに聞けばいいですか、教えてください"), "[person]")
}

func TestAFirstQuestionThatOnlyLeadsOnReadsWordsAsTheWorry(t *testing.T) {
	town := smallTown("kotone")
	town.Tree.Start = "top"
	town.Tree.Questions = append([]triage.Question{{ID: "top", Text: "どの話ですか", Options: []triage.Option{
		{ID: "worry", Label: "くらしのこと", Goto: "worry"}, {ID: "who", Label: "ひとのこと", Goto: "who"}}}}, town.Tree.Questions...)
	w := newWorld(t, town)
	w.says("r", "こんにちは")
	got := w.says("r", "毎日の介護で疲れたので、話を聞いてほしい")
	has(t, got, "[read] 介護のこと", "だれのことですか")
	hasNot(t, got, "[more]")
	// At a question about the person the field is known: another worry is asked about.
	has(t, w.says("r", "借金もあって、とても困っています"), "[more] お金のこと")
}

func TestWordsSayAboutWhomSoThatItIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "父の介護で疲れた毎日です。どうしたらいいですか"), "[greeting.short]", "[read] 介護のこと", "何歳くらいですか")
}

func TestOutOfScopeIsToldAndTheQuestionStays(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "ごみの日はいつですか、教えてください"), "[outofscope]", "何のことですか")
}

func TestPicturesAndTheLikeGetOneReplyWithThePresentQuestion(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	has(t, w.does("r", bot.Other), "[media]", "何のことですか")
	w.consults("r")
	has(t, w.does("r", bot.Other), "[media.case]", "[status.open]")
}

func TestGroupsAreLeftAndNothingIsProcessed(t *testing.T) {
	w := newWorld(t)
	e := bot.Event{ID: "g", City: "komachi", Kind: bot.Join, Room: "Cgroup", Group: true, At: w.now}
	w.accept(e)
	if len(w.phone.left) != 1 || len(w.phone.sent) != 0 {
		t.Errorf("left %v, sent %d", w.phone.left, len(w.phone.sent))
	}
}

func TestAnswersThatTheRulesNoLongerKnowAreDroppedAndSaidSo(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	w.taps("r", "これで全部")
	w.taps("r", "家族")
	w.towns[0].Tree.Questions[1].Options = w.towns[0].Tree.Questions[1].Options[:1] // 家族 is gone
	old := w.phone.data("r", "65歳から")
	has(t, w.tapsData("r", old), "[cut]", "だれのことですか")
}

func TestStatusTellsHowThingsStand(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "状況"), "[status.none]", "何のことですか")
	k := w.consults("r")
	has(t, w.says("r", "状況"), "[status.open] "+k.Receipt)
	w.clicks("USTAFFa", "claim", k)
	has(t, w.says("r", "状況"), "[status.claimed]")
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	has(t, w.says("r", "状況"), "[status.closed]")
}

func TestEasyJapaneseIsAWordAway(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["easy.q.worry"] = "なにに こまって いますか"
	w := newWorld(t, town)
	has(t, w.says("r", "やさしいにほんご"), "[easy.on]", "なにに こまって いますか")
	has(t, w.says("r", "ふつうの日本語"), "[easy.off]", "何のことですか")
}

func TestEveryOutcomeShowsAnOfficeAndTheGeneralDesk(t *testing.T) {
	for _, path := range [][]string{{"介護", "これで全部"}, {"お金", "これで全部"}, {"介護", "お金", "これで全部"}, {"分からない"}, {"気持ち", "これで全部"}} {
		w := newWorld(t)
		w.does("r", bot.Follow)
		for _, label := range append(path, "分からない", "分からない", "分からない") {
			w.taps("r", label)
		}
		got := w.phone.since("r")
		has(t, got, "窓口 総合窓口", "[offer]")
		hasNot(t, got, "110", "0120")
		if strings.Count(got, "窓口 ") > 3 {
			t.Errorf("%v: more than three offices:\n%s", path, got)
		}
	}
}
