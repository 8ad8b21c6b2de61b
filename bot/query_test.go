package bot_test

import (
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
	"tsunagu/triage"
)

func TestAQuestionAboutTheServiceIsAnsweredAndTheQuestionStays(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	got := w.says("r", "お金かかる？")
	has(t, got, "[query.cost]", "何のことですか")
	hasNot(t, got, "だれのことですか", "[again]") // お金 alone is a choice
	hasNot(t, got, "1 介護")                // which stands as a button, so that the answer is seen
	has(t, w.phone.labels("r"), "介護")
	w.says("r", "介護")
	w.taps("r", "これで全部")
	has(t, w.says("r", "家族に言わないで"), "[query.secret]", "だれのことですか")
	hasNot(t, w.phone.since("r"), "何歳くらいですか")
	// Only what staff should know goes with the rest.
	got = w.says("r", "職員に相談する")
	has(t, got, "家族に言わないで")
	hasNot(t, got, "お金かかる")
}

func TestAQuestionBesideAWorryDoesNotHideIt(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "借金があるのですが、妻に言わないでください"), "[query.secret]", "[read] お金のこと")
}

func TestAtTheConsentAQuestionBringsNotAllOfItOnceMore(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	got := w.says("r", "お金かかる？")
	has(t, got, "[query.cost]", "[consent.which]")
	hasNot(t, got, "[consent]")
	// What staff would read too must stand in the question.
	has(t, w.says("r", "親に言わないで"), "[query.secret]", "[consent]", "親に言わないで")
}

func TestWhoAsksForAnOfficeIsShownIt(t *testing.T) {
	w := newWorld(t)
	got := w.says("r", "北包括センターの電話番号は")
	has(t, got, "[query.office]", "窓口 北包括センター", "何のことですか")
	hasNot(t, got, "窓口 くらし相談室")
	has(t, w.says("s", "電話番号は"), "[query.office.general]", "窓口 総合窓口", "0190-00-0001")
}

func TestWhatWasWrittenIsDroppedWhenTheResidentAsks(t *testing.T) {
	w := newWorld(t)
	w.says("r", "毎日の介護で疲れたので、話を聞いてほしい")
	has(t, w.says("r", "やっぱり消してください"), "[query.delete]", "何のことですか")
	hasNot(t, w.says("r", "職員に相談する"), "介護")
}

// What an earlier case holds is still kept: it is not said to be gone, and it goes when
// it was said to.
func TestWhoAsksToDeleteHearsOfWhatAnEarlierCaseHolds(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.says("r", "himitsu前のこと")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	day := w.now.Add(bot.DefaultKeep.Closed).Format("1月2日")
	got := w.says("r", "消してください")
	has(t, got, k.Receipt+" "+day, "何のことですか")
	hasNot(t, got, "[query.delete]", "[reopened]")
	if n := w.caseNow(k); n.State != handoff.Closed {
		t.Errorf("it is %s", n.State)
	}
	w.pass(9 * 24 * time.Hour)
	w.says("r", "べつのことです")
	has(t, w.says("r", "さいしょから")+w.says("r", "全部消して"), k.Receipt+" "+day)
	has(t, w.desk.thread(), "himitsu前のこと")
	w.does("r", bot.Unfollow) // as the answer says
	hasNot(t, w.desk.thread(), "himitsu")
}

func TestInAnOpenCaseAQuestionIsAnsweredAndReachesStaff(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	has(t, w.says("r", "親に言わないで"), "[query.secret.case]")
	has(t, w.desk.thread(), "親に言わないで")
	// Others are staff's to answer.
	w.pass(time.Hour)
	has(t, w.says("r", "お金かかる？"), "[received]")
}

func TestAfterDangerNothingIsSaidOfHowTheMachineReads(t *testing.T) {
	w := newWorld(t)
	w.says("r", "もう死にたい")
	got := w.says("r", "ふわふわ")
	has(t, got, "[crisis.after] よりそいホットライン")
	hasNot(t, got, "[again]", "[person]")
	got = w.says("r", "ごみの日はいつですか、教えてください")
	has(t, got, "[listening]\nよりそいホットライン") // the number stays before who goes on
	hasNot(t, got, "[outofscope]", "[crisis.after]")
	has(t, w.says("r", "冗談です"), "[query.takeback]", "[query.takeback.line] よりそいホットライン")
	hasNot(t, w.says("r", "いまは大丈夫です"), "[quit]")
	w.pass(time.Hour)
	hasNot(t, w.says("r", "ふわふわ"), "[crisis.after]")
}

func TestWordsOfTheTalkAreNoDanger(t *testing.T) {
	town := smallTown("komachi")
	plain := town.Crisis
	town.Crisis = func(text string) string {
		if text == "終了" || text == "一番上" || text == "おわりにする" {
			return "suicide"
		}
		return plain(text)
	}
	w := newWorld(t, town)
	has(t, w.says("r", "一番上"), "[greeting.short]")
	hasNot(t, w.phone.since("r"), "[crisis.suicide]")
	hasNot(t, w.says("r", "終了"), "[crisis.suicide]")
	w.says("s", "死にたい")
	has(t, w.says("s", "終了"), "[crisis.again]")       // there it may mean more
	has(t, w.says("u", "おわりにする"), "[crisis.suicide]") // a farewell, where no button is called so
	w.consults("v")
	w.says("v", "やめる")
	hasNot(t, w.says("v", "おわりにする"), "[crisis.suicide]")
	has(t, w.phone.since("v"), "[stopped]")
}

// Nothing silences a rule of danger: a town may have one for a word that ends the talk.
func TestARuleFindsDangerInAWordOfTheTalk(t *testing.T) {
	town := smallTown("komachi")
	town.Crisis = func(string) string { return triage.Suicide }
	read := town.Read
	town.Read = func(text string) triage.Reading {
		r := read(text)
		r.Why = []triage.Reason{{By: triage.ByRule, Rule: "oshimai", Label: triage.Suicide}}
		return r
	}
	w := newWorld(t, town)
	has(t, w.says("r", "おしまい"), "[crisis.suicide]")
}

func TestYesAndNoPressWhatIsBeingAsked(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護のこと")
	w.taps("r", "これで全部")
	w.says("r", "借金もあって、とても困っています")
	has(t, w.phone.since("r"), "[more] お金のこと")
	has(t, w.says("r", "うん"), "だれのことですか")
	has(t, w.says("r", "ちがう"), "何のことですか") // what was understood was wrong
	has(t, w.says("r", "うん"), "[choose]", "何のことですか")
	w.says("r", "介護")
	w.taps("r", "これで全部")
	w.says("r", "自分")
	w.says("r", "分からない")
	w.says("r", "分からない")
	has(t, w.phone.since("r"), "[offer]")
	has(t, w.says("r", "お願いします"), "[consent]")
	has(t, w.says("r", "いや"), "[refused]")
}

func TestWhoWillGoOrSaysGoodNightIsNotAskedOn(t *testing.T) {
	w := newWorld(t)
	hasNot(t, w.says("r", "おやすみ"), "何のことですか")
	has(t, w.phone.since("r"), "[ended]")
	w.says("r", "介護のこと")
	for _, label := range []string{"これで全部", "自分", "分からない", "分からない"} {
		w.taps("r", label)
	}
	has(t, w.says("r", "わからない"), "[notyet]", "[consent]")
	w.says("r", "もどる")
	has(t, w.says("r", "わかった、電話してみる"), "[known]")
}

func TestWhoIsNoLongerAloneReadsLittle(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["query.hide"] = "[query.hide]"
	w := newWorld(t, town)
	hasNot(t, w.says("r", "夫が帰ってきた"), "[query.hide]") // nothing was told yet
	w.says("r", "きのう夫に殴られました")
	got := w.says("r", "夫が帰ってきた")
	has(t, got, "[query.hide]")
	hasNot(t, got, "何のことですか")
}

func TestConsentMayBeSaidInTwoSteps(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	has(t, w.says("r", "自分のこと"), "[consent.which]") // not a yes
	has(t, w.says("r", "はい"), "[consent.which]")
	has(t, w.says("r", "両方"), "[consent.which]")
	has(t, w.says("r", "自分のこと"), "[consented]")
	// Words between take the yes back: they would be sent, too.
	w.says("s", "職員に相談する")
	w.says("s", "はい")
	w.says("s", "きのうから眠れません")
	hasNot(t, w.says("s", "自分のこと"), "[consented]")
}

func TestAFurtherWorryBelowTheOfficesIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護のこと")
	for _, label := range []string{"これで全部", "自分", "分からない", "分からない"} {
		w.taps("r", label)
	}
	has(t, w.says("r", "それと、借金もあります"), "[more] お金のこと")
	has(t, w.says("r", "はい"), "窓口 くらし相談室", "[offer]")
}

func TestAnAgeIsNotAskedForTwice(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護のこと")
	w.taps("r", "これで全部")
	has(t, w.says("r", "67"), "[choose]", "だれのことですか")
	got := w.says("r", "自分")
	has(t, got, "どこに住んでいますか")
	hasNot(t, got, "何歳くらいですか")
	has(t, w.says("r", "もどる"), "何歳くらいですか") // to say another
}
