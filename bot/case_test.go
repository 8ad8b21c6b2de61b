package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
)

func TestTheConsentQuestionShowsExactlyWhatWillBeSent(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	w.says("r", "職員に相談する")
	got := w.says("r", "父は太郎と申します。電話は090-1234-5678です")
	has(t, got, "[consent]", "介護のこと", "〔名前〕", "〔電話番号〕", "小町 福祉課、社会福祉協議会", "30日", "72時間")
	old := w.phone.data("r", "同意する（自分のこと）")
	has(t, w.says("r", "もう一つあります"), "[consent]", "〔電話番号〕", "もう一つあります")
	has(t, w.tapsData("r", old), "[consent]") // that question did not show the last words
	if len(w.desk.cases()) != 0 {
		t.Fatal("a case before consent")
	}
	k := w.caseAfter("r", "同意する（ほかの人のこと）")
	has(t, w.desk.card(k), "相談者の同意あり・本人は未確認", "見る人：小町 福祉課", "ことば：", "〔電話番号〕", "／もう一つあります")
	hasNot(t, w.desk.card(k), "090", "太郎", "同意する（")
}

// caseAfter taps and returns the case.
func (w *world) caseAfter(user, label string) handoff.Case {
	w.t.Helper()
	w.taps(user, label)
	return w.caseOf(user)
}

func TestAfterRefusingWordsAreDroppedAndTheOfficesStay(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	w.says("r", "ひみつの話です")
	has(t, w.taps("r", "同意しない"), "[refused]", "[outcome", "[offer]")
	hasNot(t, w.taps("r", "職員に相談する"), "ひみつ")
	k := w.caseAfter("r", "同意する（自分のこと）")
	hasNot(t, w.desk.card(k)+w.desk.thread(), "ひみつ")
}

func TestTheReplyToTheTapShowsTheReceiptNumberWhileSlackIsAway(t *testing.T) {
	w := newWorld(t)
	w.desk.away = true
	w.says("r", "職員に相談する")
	got := w.taps("r", "同意する（自分のこと）")
	has(t, got, "[consented]")
	if !receiptForm.MatchString(got) {
		t.Errorf("no 受付番号 in %s", got)
	}
}

func TestMaskedWordsAreSaidToBeMasked(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	w.says("r", "電話は090-1234-5678です")
	has(t, w.taps("r", "同意する（自分のこと）"), "[consented]", "[masked] 総合窓口 0190-00-0001")
	has(t, w.says("r", "家は1丁目2番3号です"), "[received]", "[masked]")
	has(t, w.says("r", "死にたい。090-1234-5678"), "[crisis.suicide]", "[masked]")
	w.clicks("USTAFFa", "claim", w.caseOf("r"))
	w.clicks("USTAFFa", "close", w.caseOf("r"), outcome("informed"))
	has(t, w.says("r", "まだあります。090-1234-5678"), "[masked]", "[reopened]")
	hasNot(t, w.desk.thread(), "5678")
}

func TestWordsGoToTheOpenCaseAndReceiptsAreTenMinutesApart(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	if got := w.says("r", "一つ目"); got != "" {
		t.Errorf("a receipt right after consent: %s", got)
	}
	w.pass(10 * time.Minute)
	has(t, w.says("r", "二つ目"), "[received] "+k.Receipt)
	if got := w.says("r", "三つ目"); got != "" {
		t.Errorf("a second receipt: %s", got)
	}
	has(t, w.desk.thread(), "words：一つ目", "words：二つ目", "words：三つ目")
	has(t, w.desk.card(k), "住民が返事を待っています")
}

func TestQuittingAnOpenCaseAsksOnce(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	has(t, w.says("r", "やめる"), "[stop.quit] "+k.Receipt)
	if w.phone.labels("r") != "おわりにする｜つづける" {
		t.Error(w.phone.labels("r"))
	}
	has(t, w.taps("r", "つづける"), "[status.open]")
	w.says("r", "やめる")
	has(t, w.says("r", "やっぱり聞いてください"), "[received]") // whoever writes on, goes on
	has(t, w.desk.thread(), "words：やっぱり聞いてください")
	w.says("r", "やめる")
	has(t, w.taps("r", "おわりにする"), "[stopped]")
	has(t, w.desk.card(w.caseOf("r")), "終了", "本人が中止")
	has(t, w.desk.thread(), "[desk.withdrawn]")
}

func TestWhoeverHoldsACaseIsCalledWhenTheResidentEndsIt(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.says("r", "やめる")
	w.taps("r", "おわりにする")
	has(t, w.desk.thread(), "[desk.withdrawn] @USTAFFa")
}

func TestBeginningAnewLeavesTheCaseOpenUntilThatGuideEnds(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	has(t, w.says("r", "さいしょから"), "[stop.start]")
	has(t, w.taps("r", "つづける"), "何のことですか")
	has(t, w.phone.labels("r"), "職員への相談にもどる")
	has(t, w.says("r", "お金"), "1 介護")
	hasNot(t, w.desk.thread(), "お金")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("あす来られますか"))
	has(t, w.phone.labels("r"), "職員への相談にもどる") // an answer may be meant for staff
	has(t, w.taps("r", "職員への相談にもどる"), "[case.back]", "[status.claimed]")
	w.says("r", "はい、行けます")
	has(t, w.desk.thread(), "words：はい、行けます")

	for _, end := range []string{"やめる", "行き先が分かった"} {
		w.says("r", "さいしょから")
		w.taps("r", "つづける")
		if end == "行き先が分かった" {
			for range 4 {
				w.taps("r", "分からない")
			}
		}
		has(t, w.taps("r", end), "[case.back]")
		w.says("r", "そのあと"+end)
		has(t, w.desk.thread(), "words：そのあと"+end)
	}
	w.says("r", "さいしょから")
	has(t, w.taps("r", "おわりにする"), "[stopped]", "何のことですか")
}

func TestASecondHandoffAddsItsWorriesToTheOpenCase(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	k := w.consults("r")
	w.says("r", "さいしょから")
	w.taps("r", "つづける")
	w.says("r", "お金")
	w.says("r", "職員に相談する")
	w.says("r", "家賃がはらえません")
	has(t, w.taps("r", "同意する（自分のこと）"), "[added] "+k.Receipt)
	if len(w.desk.cases()) != 1 {
		t.Fatal("a second case")
	}
	has(t, w.desk.card(k), "◎介護のこと", "○お金のこと", "住民が返事を待っています")
	has(t, w.desk.thread(), "[desk.added]", "words：家賃がはらえません")
	has(t, w.says("r", "職員に相談する"), "[status.open]") // words go to the case as it is
}

func TestAfterClosingThanksReopenNothing(t *testing.T) {
	w := newWorld(t)
	k := w.closedCase("r")
	for _, words := range []string{"ありがとうございました。", "どうもありがとう！", "本当に助かりました", "いろいろお世話になりました"} {
		has(t, w.says("r", words), "[thanks]")
	}
	has(t, w.desk.card(k), "終了")
	for _, words := range []string{"ありがとうございました。でもまだ困っています", "だんだん悪くなっています", "ありがとう、でも死にたい"} {
		k := w.closedCase("x" + words)
		has(t, w.says("x"+words, words), "[reopened]")
		has(t, w.desk.thread(), "words："+words)
		has(t, w.desk.card(k), "未対応")
	}
}

// closedCase is a case that staff took and closed.
func (w *world) closedCase(user string) handoff.Case {
	w.t.Helper()
	k := w.consults(user)
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	return k
}

func TestWithinSevenDaysWordsReopenAndSaySo(t *testing.T) {
	w := newWorld(t)
	k := w.closedCase("r")
	w.pass(7*24*time.Hour - time.Hour)
	has(t, w.says("r", "つづきがあります。死にたい"), "[crisis.suicide]", "[crisis.case]", "[reopened] "+k.Receipt)
	has(t, w.desk.thread(), "[desk.reopened]", "@duty", "words：つづきがあります", "[desk.urgent]")
	has(t, w.desk.card(k), "緊急：")
	has(t, w.taps("r", "べつの相談"), "何のことですか")
	if w.phone.labels("r") == "" || !strings.Contains(w.phone.labels("r"), "職員への相談にもどる") {
		t.Error(w.phone.labels("r"))
	}
}

func TestLaterTheBotAsksAndNothingGoesToSlackBeforeTheTap(t *testing.T) {
	w := newWorld(t)
	k := w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	before := w.desk.thread()
	has(t, w.says("r", "お久しぶりです"), "[resume] "+k.Receipt)
	has(t, w.says("r", "まだ困っています"), "[resume]")
	w.unsends("r", "まだ困っています")
	w.says("r", "殴られています")
	if w.desk.thread() != before {
		t.Fatalf("Slack was told: %s", w.desk.thread())
	}
	has(t, w.taps("r", "つづきです"), "[crisis.case]", "[reopened]")
	has(t, w.desk.thread(), "words：お久しぶりです／殴られています")
	hasNot(t, w.desk.thread(), "まだ困って")
	has(t, w.desk.card(k), "未対応", "緊急：暴力")
}

func TestLaterAnotherConsultationBeginsWithTheWords(t *testing.T) {
	w := newWorld(t)
	w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	w.says("r", "借金のことで、とても困っています")
	has(t, w.says("r", "ちがう話です"), "[read] お金のこと", "だれのことですか")
	w.says("r", "職員に相談する")
	w.taps("r", "同意する（自分のこと）")
	if n := len(w.desk.cases()); n != 2 {
		t.Errorf("%d cards", n)
	}
}

func TestACaseThatStaffReopenedMeanwhileKeepsItsOwner(t *testing.T) {
	w := newWorld(t)
	k := w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	w.says("r", "お久しぶりです")
	same := w.phone.data("r", "つづきです")
	w.clicks("USTAFFb", "reopen", k)
	w.clicks("USTAFFb", "claim", k)
	has(t, w.tapsData("r", same), "[status.claimed]")
	if got, _ := w.bot.Case(w.ctx, k.City, k.ID); got.Owner != "USTAFFb" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestAWishGoesOntoTheCard(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	wish := w.phone.data("r", "電話がよい")
	has(t, w.tapsData("r", wish), "[wish] 電話がよい")
	has(t, w.tapsData("r", wish), "[wish]")
	if got := w.desk.card(k); strings.Count(got, "電話がよい") != 1 {
		t.Error(got)
	}
}

func TestACityMayKeepTheWordsOffTheCard(t *testing.T) {
	town := smallTown("komachi")
	town.WordsOnCard = false
	w := newWorld(t, town)
	w.says("r", "職員に相談する")
	hasNot(t, w.says("r", "見せたくないことば"), "見せたく")
	k := w.caseAfter("r", "同意する（自分のこと）")
	hasNot(t, w.desk.card(k)+w.desk.thread(), "見せたく")
}
