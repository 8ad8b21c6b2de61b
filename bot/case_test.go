package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
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
	has(t, w.desk.thread(), "words：お久しぶりです", "words：殴られています")
	hasNot(t, w.desk.thread(), "まだ困って")
	has(t, w.desk.card(k), "未対応", "緊急：暴力")
}

func TestLaterAnotherConsultationBeginsWithTheWords(t *testing.T) {
	w := newWorld(t)
	w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	w.says("r", "借金のことで、とても困っています")
	has(t, w.says("r", "2"), "[read] お金のこと", "だれのことですか")
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

func TestUnsendReplacesTheCopyAndSaysNothing(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	w.says("r", "カードに出ることば")
	w.says("r", "まだ送っていないことば")
	if got := w.unsends("r", "まだ送っていないことば"); got != "" {
		t.Errorf("said %s", got)
	}
	k := w.caseAfter("r", "同意する（自分のこと）")
	has(t, w.desk.card(k), "ことば：カードに出ることば")
	w.says("r", "スレッドのことば")
	for _, words := range []string{"カードに出ることば", "スレッドのことば"} {
		if got := w.unsends("r", words); got != "" {
			t.Errorf("said %s", got)
		}
		hasNot(t, w.desk.card(k)+w.desk.thread(), words)
	}
	has(t, w.desk.card(k), "ことば：（取り消されました）")
	has(t, w.desk.thread(), "words：（取り消されました）")
}

func TestAnUnsendThatComesBeforeItsMessageLeavesATombstone(t *testing.T) {
	for _, open := range []bool{false, true} {
		w := newWorld(t)
		w.says("r", "こんにちは")
		if open {
			w.consults("r")
		}
		late := w.words("r", "なかったことにしたい")
		w.unsends("r", "なかったことにしたい")
		w.accept(late)
		if got := w.phone.since("r"); got == "" {
			t.Error("a message without an answer")
		}
		if !open {
			w.consults("r")
		}
		hasNot(t, w.desk.card(w.caseOf("r"))+w.desk.thread(), "なかったこと")
	}
}

func TestAnUnsendWhileTheCopyIsOnItsWay(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.desk.away = true
	w.says("r", "すぐ取り消す")
	w.unsends("r", "すぐ取り消す")
	w.desk.away = false
	w.pass(3 * time.Minute)
	hasNot(t, w.desk.thread(), "すぐ取り消す")
	has(t, w.desk.thread(), "（取り消されました）")
}

func TestBlockingWipesWhatIsHeld(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	w.says("r", "カードのことば")
	k := w.caseAfter("r", "同意する（自分のこと）")
	w.says("r", "スレッドのことば")
	if got := w.does("r", bot.Unfollow); got != "" {
		t.Errorf("said %s", got)
	}
	hasNot(t, w.desk.card(k)+w.desk.thread(), "カードのことば", "スレッドのことば")
	has(t, w.desk.card(k), "ブロックされました")
	has(t, w.desk.thread(), "[desk.blocked]")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("お元気ですか"))
	has(t, w.desk.whispersTo("USTAFFa"), "ブロックしている")
	has(t, w.does("r", bot.Follow), "[greeting]", "何のことですか")
	w.taps("r", "職員への相談にもどる")
	w.clicks("USTAFFa", "reply", k, text("またどうぞ"))
	has(t, w.phone.since("r"), "またどうぞ")
}

func TestUrgentWordsStayForAWhileAfterABlockAndAreThenWiped(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.says("r", "死にたい、駅にいます")
	w.does("r", bot.Unfollow)
	w.clicks("USTAFFa", "claim", k)
	has(t, w.desk.thread(), "words：死にたい、駅にいます")
	w.pass(bot.DefaultKeep.Emergency - time.Hour)
	w.clicks("USTAFFa", "release", k) // work on the case does not keep them longer
	has(t, w.desk.thread(), "駅にいます")
	w.pass(2 * time.Hour)
	hasNot(t, w.desk.thread(), "駅にいます")
}

func TestUrgentWordsStayWithWhoeverCameBack(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.says("r", "死にたい、駅にいます")
	w.does("r", bot.Unfollow)
	w.pass(time.Hour)
	w.does("r", bot.Follow)
	w.pass(bot.DefaultKeep.Emergency)
	has(t, w.desk.thread(), "駅にいます")
}

func TestComingBackAfterABlockBeginsAnew(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	w.says("r", "死にたい")
	w.does("r", bot.Unfollow)
	late := w.words("r", "遅れて届いたことば")
	has(t, w.does("r", bot.Follow), "[greeting]", "1 介護")
	has(t, w.says("r", "死にたい"), "[crisis.suicide]")
	_ = late
}

func TestWordsFromBeforeABlockThatComeLateAreDropped(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	late := w.words("r", "遅れて届いたことば")
	w.does("r", bot.Unfollow)
	w.accept(late)
	hasNot(t, w.desk.thread(), "遅れて")
	has(t, w.says("r", "もどりました"), "[greeting.short]", "何のことですか")
}

func TestMoreThanTwoHundredMessagesKeepTheirCopiesWithinReach(t *testing.T) {
	town := smallTown("komachi")
	town.Limit = 0
	w := newWorld(t, town)
	w.says("r", "職員に相談する")
	w.says("r", "カードのことば")
	k := w.caseAfter("r", "同意する（自分のこと）")
	for i := range 230 {
		w.says("r", strings.Repeat("あ", i+1)+"番")
	}
	has(t, w.desk.card(k), "カードのことば")
	w.unsends("r", "ああああ番")
	hasNot(t, w.desk.thread(), "words：ああああ番")
	has(t, w.desk.thread(), "words：あああ番")
	w.forget(k.Receipt)
	hasNot(t, w.desk.thread(), "あ番")
}

func (w *world) forget(receipt string) {
	w.t.Helper()
	if _, err := w.bot.Forget(w.ctx, w.towns[0].ID, receipt); err != nil {
		w.t.Fatal(err)
	}
	w.drain()
}

func TestForgettingReachesEveryCaseOfTheResident(t *testing.T) {
	w := newWorld(t)
	first := w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	w.says("r", "また来ました")
	w.taps("r", "べつの相談です")
	second := w.consults("r")
	w.says("r", "二度目のことば")
	w.forget(first.Receipt)
	for _, k := range []handoff.Case{first, second} {
		if _, err := w.bot.Case(w.ctx, k.City, k.ID); err == nil {
			t.Errorf("case %s stands", k.Receipt)
		}
	}
	hasNot(t, w.desk.thread(), "二度目")
	if gone, err := w.bot.Gone(w.ctx, first.Conversation); !gone || err != nil {
		t.Error("the conversation stands", err)
	}
	if len(w.desk.deleted) < 3 {
		t.Errorf("deleted in Slack: %v", w.desk.deleted)
	}
}

func TestForgettingWhileTheCardIsOnItsWay(t *testing.T) {
	w := newWorld(t)
	w.desk.away = true
	w.says("r", "職員に相談する")
	w.taps("r", "同意する（自分のこと）")
	receipt := w.phone.receipt("r")
	w.desk.away = false
	w.desk.lose = 1 // stored, but the answer is lost: what came of it is not known
	w.pass(2 * time.Minute)
	w.forget(receipt)
	w.pass(time.Hour)
	if len(w.desk.deleted) != 1 {
		t.Errorf("deleted %v", w.desk.deleted)
	}
}

func TestAClosedCaseIsWipedWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.says("r", "のこしたくないことば")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	w.pass(bot.DefaultKeep.Closed - time.Hour)
	has(t, w.desk.thread(), "のこしたくないことば")
	w.pass(2 * time.Hour)
	hasNot(t, w.desk.thread(), "のこしたくない")
	if _, err := w.bot.Case(w.ctx, k.City, k.ID); err == nil {
		t.Error("the case stands")
	}
}

func TestAnEarlierCaseThatExpiresLeavesTheOpenOneAlone(t *testing.T) {
	w := newWorld(t)
	w.closedCase("r")
	w.pass(8 * 24 * time.Hour)
	w.says("r", "また来ました")
	w.taps("r", "べつの相談です")
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(bot.DefaultKeep.Closed)
	now := w.now.Add(40 * 24 * time.Hour)
	if _, err := w.store.Sweep(w.ctx, now, w.now.Add(-time.Hour), now.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	w.clicks("USTAFFa", "reply", k, text("まだここにいます"))
	has(t, w.phone.since("r"), "まだここにいます")
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
