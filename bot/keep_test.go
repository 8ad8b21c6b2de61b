package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

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
	has(t, w.desk.card(k), "返事の約束", "未返信")
	if got := w.does("r", bot.Unfollow); got != "" {
		t.Errorf("said %s", got)
	}
	hasNot(t, w.desk.card(k)+w.desk.thread(), "カードのことば", "スレッドのことば")
	has(t, w.desk.card(k), "ブロックされました")
	hasNot(t, w.desk.card(k), "未返信", "返事の約束") // nothing can be sent
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

func TestAClosedCardSaysWhenTheThreadsWordsGoAndTheyGoThen(t *testing.T) {
	town := smallTown("komachi")
	town.Keep.Closed = 14 * 24 * time.Hour
	w := newWorld(t, town)
	k := w.consults("r")
	w.says("r", "のこしたくないことば")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("お返事"))
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	closed := w.caseNow(k).Closed
	has(t, w.desk.card(k), "終わり方", "スレッドのことば："+closed.Add(town.Keep.Closed).Format("1月2日 15:04")+" に消えます")
	w.pass(town.Keep.Closed - time.Minute)
	has(t, w.desk.thread(), "words：のこしたくないことば", "sent：お返事")
	w.pass(2 * time.Minute)
	hasNot(t, w.desk.thread(), "words：", "sent：")
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

func TestASweepAfterALongPauseComesAfterTheTimers(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.says("r", "のこしたくないことば")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	w.now = w.now.Add(100 * 24 * time.Hour)
	if err := w.bot.Sweep(w.ctx, w.now); err != nil {
		t.Fatal(err)
	}
	has(t, w.desk.thread(), "のこしたくないことば")
	w.drain()
	hasNot(t, w.desk.thread(), "のこしたくないことば")
	if err := w.bot.Sweep(w.ctx, w.now); err != nil {
		t.Fatal(err)
	}
	if n, err := w.store.Count(w.ctx, w.towns[0].ID, w.towns[0].ID+"/v/"); n != 0 || err != nil {
		t.Errorf("%d conversations stand, %v", n, err)
	}
}
