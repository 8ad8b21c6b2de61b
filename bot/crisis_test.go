package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func TestCrisisComesFirstAndEndsNothing(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "もう死にたい"), "[crisis.suicide]", "よりそいホットライン", "110", "119", "[crisis.machine]", "[greeting.short]", "何のことですか")
	w.says("r", "介護")
	k := w.consults("r")
	has(t, w.desk.card(k), "緊急：死にたい気持ち")
	if !w.desk.cards[k.ID].card.Mention {
		t.Error("the duty group is not called")
	}
}

// On a small screen what comes last is what is seen: the numbers must not be
// pushed off it by a list of choices, which stand as buttons.
func TestNothingLongFollowsTheNumbers(t *testing.T) {
	w := newWorld(t)
	got := w.says("r", "もう死にたい")
	has(t, got, "よりそいホットライン", "何のことですか")
	hasNot(t, got, "1 介護")
	has(t, w.phone.labels("r"), "介護")
	has(t, w.says("r", "1"), "お金") // a typed number chooses all the same
	for _, label := range []string{"これで全部", "自分", "分からない", "分からない"} {
		w.taps("r", label)
	}
	has(t, w.phone.since("r"), "窓口 総合窓口")
	got = w.says("r", "きのう夫に殴られました")
	has(t, got, "[crisis.violence]", "[crisis.then]")
	hasNot(t, got, "窓口 総合窓口")
	has(t, w.taps("r", "窓口を見る"), "窓口 総合窓口", "[offer]")
}

func TestTheFullAnswerComesOncePerKindPerThirtyMinutes(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "死にたい"), "[crisis.suicide]")
	hasNot(t, w.says("r", "ほんとうに死にたい"), "[crisis.suicide]")
	has(t, w.phone.since("r"), "[crisis.again] よりそいホットライン　0120-279-338")
	has(t, w.says("r", "きのう夫に殴られました"), "[crisis.violence]")
	w.pass(30 * time.Minute)
	has(t, w.says("r", "死にたい"), "[crisis.suicide]")
}

// The card names every kind, those written of before consent too.
func TestEveryKindStandsOnTheSheet(t *testing.T) {
	w := newWorld(t)
	w.says("r", "三日たべていないです")
	w.says("r", "死にたい")
	w.says("r", "殴られました")
	k := w.consults("r")
	has(t, w.desk.card(k), "緊急：死にたい気持ち、暴力、食べ物がない")
	w.says("r", "さいしょから")
	w.taps("r", "つづける")
	w.pass(time.Hour)
	w.says("r", "殴られました") // a guide beside the case forgets nothing of it
	has(t, w.desk.card(k), "緊急：死にたい気持ち、暴力、食べ物がない")
}

// Who stands beside somebody in danger is told what helps there, more and not instead.
func TestWhoStandsBesideIsToldWhatHelps(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("a", "友達が死にたいって言ってる"), "[crisis.suicide]\n[crisis.suicide.beside]\n", "よりそいホットライン", "119")
	hasNot(t, w.says("b", "死にたい"), "[crisis.suicide.beside]")
}

// Whoever looks for somebody hears of the police, too: 119 looks for nobody.
func TestWhoIsMissingIsLookedForByThePolice(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("a", "殴られた母がいなくなって三時間"), "[crisis.violence]\n[query.missing]\n")
	hasNot(t, w.says("b", "殴られました"), "[query.missing]")
}

// Danger told in pieces is danger: short words, sent within a few minutes.
func TestDangerToldInPiecesIsRead(t *testing.T) {
	w := newWorld(t)
	w.says("a", "死に")
	has(t, w.says("a", "たい"), "[crisis.suicide]")
	hasNot(t, w.says("a", "とても"), "[crisis.suicide]", "[crisis.again]") // told once, and read anew from there
	for resident, between := range map[string]func(){
		"late":     func() { w.pass(6 * time.Minute) },
		"sentence": func() { w.says("sentence", "きのうの夜からずっと考えています") },
		"anew":     func() { w.says("anew", "さいしょから") },
	} {
		w.says(resident, "死に")
		between()
		if got := w.says(resident, "たい"); strings.Contains(got, "[crisis") {
			t.Errorf("%s: %q", resident, got)
		}
	}
	w.says("c", "死にたい")
	w.pass(time.Minute)
	w.says("c", "死にたい") // answered by one line
	hasNot(t, w.says("c", "猫のこと"), "[crisis.again]")
	w.says("b", "死に")
	hasNot(t, w.says("b", "たいへんですが、きのうから考えています"), "[crisis")
}

func TestInAnOpenCaseCrisisRaisesUrgencyAndCallsDuty(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	hasNot(t, w.desk.card(k), "緊急")
	has(t, w.says("r", "夫に殴られています"), "[crisis.violence]", "[crisis.case] いまは職員が読む時間です")
	has(t, w.desk.card(k), "緊急：暴力", "案内ずみ", "緊急の電話番号")
	has(t, w.desk.thread(), "[desk.urgent]暴力 @duty", "words：夫に殴られています")
	w.says("r", "また殴られました")
	if n := strings.Count(w.desk.thread(), "[desk.urgent]"); n != 1 {
		t.Errorf("duty was called %d times for one kind within thirty minutes", n)
	}
	w.says("r", "死にたい")
	has(t, w.desk.card(k), "緊急：死にたい気持ち")
	w.clicks("USTAFFa", handoff.Claim, k)
	w.says("r", "三日たべていないです")
	has(t, w.desk.card(k), "緊急：死にたい気持ち、暴力、食べ物がない") // it does not fall again, and names each
	has(t, w.desk.thread(), "[desk.urgent]食べ物がない　担当：<@USTAFFa> @duty")
}

func TestInTheConsentQuestionCrisisIsAnsweredAndStandsInTheQuestion(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	old := w.phone.data("r", "同意する（自分のこと）")
	has(t, w.says("r", "死にたい"), "[crisis.suicide]", "[consent]", "急ぎのことばがあったこと", "死にたい")
	has(t, w.tapsData("r", old), "[consent]")
}

func TestATapIsNeverCrisis(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	hasNot(t, w.tapsData("r", "1:a:死にたい"), "[crisis")
}

func TestPastTheLimitOnlyCrisisIsAnswered(t *testing.T) {
	w := newWorld(t)
	w.beat = time.Second
	for range 10 {
		if w.says("r", "こんにちは") == "" {
			t.Fatal("no answer below the limit")
		}
	}
	if got := w.says("r", "こんにちは"); got != "[limit]" {
		t.Errorf("the first beyond got %q", got)
	}
	if got := w.says("r", "こんにちは"); got != "" {
		t.Errorf("the second beyond got %q", got)
	}
	has(t, w.says("r", "死にたい"), "[crisis.suicide]")
	hasNot(t, w.phone.since("r"), "[limit]")
	if got := w.does("r", bot.Other); got != "" {
		t.Errorf("a picture beyond got %q", got)
	}
	w.pass(time.Minute)
	has(t, w.says("r", "こんにちは"), "何のことですか")
}

func TestPastTheLimitWordsOfAnOpenCaseStillReachTheThread(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.beat = time.Second
	for range 12 {
		w.says("r", "つづき")
	}
	if got := w.says("r", "十三番目"); got != "" {
		t.Errorf("got %q", got)
	}
	if got := w.says("r", "やめる"); got != "" {
		t.Errorf("got %q", got)
	}
	has(t, w.desk.thread(), "words：十三番目")
	has(t, w.says("r", "死にたい"), "[crisis.suicide]", "[crisis.case]")
}

func TestWhenTheStoreIsDownTheFallbackKnowsDanger(t *testing.T) {
	w := newWorld(t)
	e := w.words("r", "死にたい")
	w.phone.mark()
	w.bot.Fallback(w.ctx, e)
	has(t, w.phone.since("r"), "[crisis.suicide]", "[later]")
	e = w.words("r", "こんにちは")
	w.phone.mark()
	w.bot.Fallback(w.ctx, e)
	if got := w.phone.since("r"); got != "[later]" {
		t.Errorf("got %q", got)
	}
}
