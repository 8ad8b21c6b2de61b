package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func TestTwoClicksAtOnceHaveOneWinner(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.act(w.action("USTAFFa", "claim", k), w.action("USTAFFb", "claim", k), w.action("USTAFFc", "claim", k))
	has(t, w.desk.card(k), "対応中", "USTAFFa")
	has(t, w.desk.whispersTo("USTAFFb"), "<@USTAFFa>")
	has(t, w.desk.whispersTo("USTAFFc"), "<@USTAFFa>")
	if got := w.desk.whispersTo("USTAFFa"); got != "" {
		t.Errorf("the winner was told %s", got)
	}
}

func TestTheSameClickTwiceIsOneAction(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	a := w.action("USTAFFa", "claim", k)
	w.act(a, a)
	w.act(a)
	if got, _ := w.bot.Case(w.ctx, k.City, k.ID); got.Version != 2 || len(got.History) != 1 {
		t.Errorf("version %d, history %v", got.Version, got.History)
	}
}

func TestStaleActionsAreRefusedPolitely(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	old := w.action("USTAFFa", "close", k, outcome("informed"))
	w.clicks("USTAFFa", "claim", k)
	w.act(old)
	has(t, w.desk.whispersTo("USTAFFa"), "カードが新しくなっています")
	has(t, w.desk.card(k), "対応中")
}

func TestOnlyTheOwnerSendsAndTheMarkClaimsNoMoreThanIsKnown(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "reply", k, text("だれも引き受けていない"))
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFb", "reply", k, text("別の人から"))
	w.clicks("USTAFFa", "reply", k, text("あす10時に来てください"))
	var all strings.Builder
	for _, s := range w.phone.sent {
		all.WriteString(s.text)
	}
	has(t, all.String(), "[taken] 小町 総合窓口「あす10時に来てください」")
	hasNot(t, all.String(), "別の人から", "だれも引き受けていない")
	has(t, w.desk.thread(), "sent：あす10時に来てください LINEに渡しました（読まれたかは分かりません）")
	has(t, w.desk.whispersTo("USTAFFb"), "引き受けた人だけ")
}

func TestPushesPerCaseAreTakenOnceClosedOnceAndOnePerMessage(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	pushes := func(want int) {
		t.Helper()
		if n := w.phone.pushes("r"); n != want {
			t.Fatalf("%d pushes, not %d", n, want)
		}
	}
	w.pass(time.Minute) // the reply token is dead
	w.clicks("USTAFFa", "claim", k)
	pushes(0)
	has(t, w.desk.card(k), "住民への知らせ", "[desk.taken] 10分")
	w.pass(10 * time.Minute)
	pushes(1) // taken
	hasNot(t, w.desk.card(k), "住民への知らせ")
	w.clicks("USTAFFa", "release", k)
	w.clicks("USTAFFb", "claim", k)
	hasNot(t, w.desk.card(k), "住民への知らせ") // heard already
	w.pass(time.Hour)
	pushes(1)
	w.clicks("USTAFFb", "reply", k, text("一つ目"))
	pushes(2)
	w.clicks("USTAFFb", "close", k, outcome("informed"))
	pushes(3)
	w.clicks("USTAFFb", "reopen", k)
	w.clicks("USTAFFb", "claim", k)
	w.clicks("USTAFFb", "close", k, outcome("informed"))
	w.pass(time.Hour)
	pushes(3)
}

func TestTakenJoinsAStaffMessageThatComesWithinTenMinutes(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.pass(time.Minute)
	w.clicks("USTAFFa", "claim", k)
	w.pass(9 * time.Minute)
	w.clicks("USTAFFa", "reply", k, text("こんにちは"))
	hasNot(t, w.desk.card(k), "住民への知らせ")
	has(t, w.phone.since("r"), "[taken] 小町 総合窓口「こんにちは」")
	w.pass(time.Hour)
	if n := w.phone.pushes("r"); n != 1 {
		t.Errorf("%d pushes", n)
	}
}

func TestACityMaySwitchTakenAndClosedOff(t *testing.T) {
	town := smallTown("komachi")
	town.NoticeTaken, town.NoticeClosed = false, false
	w := newWorld(t, town)
	k := w.consults("r")
	w.pass(time.Minute)
	w.clicks("USTAFFa", "claim", k)
	hasNot(t, w.desk.card(k), "住民への知らせ")
	w.pass(time.Hour)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	if n := w.phone.pushes("r"); n != 0 {
		t.Errorf("%d pushes", n)
	}
}

func TestPushesAreWithoutSoundFrom21To7(t *testing.T) {
	for hour, quiet := range map[int]bool{20: false, 21: true, 23: true, 3: true, 6: true, 7: false} {
		w := newWorld(t)
		k := w.consults("r")
		w.clicks("USTAFFa", "claim", k)
		w.now = time.Date(2026, 11, 25, hour, 30, 0, 0, tokyo)
		w.clicks("USTAFFa", "reply", k, text("こんばんは"))
		last := w.phone.sent[len(w.phone.sent)-1]
		if !last.push || last.quiet != quiet {
			t.Errorf("at %d: push %v quiet %v", hour, last.push, last.quiet)
		}
	}
}

func TestAReplyTokenThatWasNotUsedSavesAPush(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.says("r", "よろしく") // within ten minutes of the receipt: silent, the token is left
	w.now = w.now.Add(40 * time.Second)
	w.clicks("USTAFFa", "reply", k, text("読みました"))
	if n := w.phone.pushes("r"); n != 0 {
		t.Errorf("%d pushes with a live token", n)
	}
	w.clicks("USTAFFa", "reply", k, text("もう一つ")) // a token works once
	if n := w.phone.pushes("r"); n != 1 {
		t.Errorf("%d pushes", n)
	}
	if w.phone.dead != 0 {
		t.Errorf("%d calls with a spent token", w.phone.dead)
	}
	w.says("r", "はい")
	w.says("r", "どうも")
	w.now = w.now.Add(50 * time.Second)
	w.clicks("USTAFFa", "reply", k, text("遅い返事"))
	has(t, w.phone.since("r"), "遅い返事")
	if n := w.phone.pushes("r"); n != 2 {
		t.Errorf("%d pushes", n)
	}
}

func TestTheOfficeAnswersUnlessTheCityShowsNames(t *testing.T) {
	town := smallTown("komachi")
	w := newWorld(t, town)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("こんにちは"))
	has(t, w.phone.since("r"), "小町 総合窓口")
}

func TestClosingWipesTheCardsDetailsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	w.says("r", "職員に相談する")
	w.says("r", "父のことです")
	k := w.caseAfter("r", "同意する（自分のこと）")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("connected"))
	has(t, w.desk.card(k), "終了", "窓口につながった")
	hasNot(t, w.desk.card(k), "父のこと", "介護")
}

func TestStaffClosingACaseLeavesAGuideBesideItAlone(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.says("r", "さいしょから")
	w.taps("r", "つづける")
	w.says("r", "介護")
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	has(t, w.says("r", "これで全部"), "だれのことですか")
}

func TestAnActionOfACaseThatIsNotOursIsRefused(t *testing.T) {
	w := newWorld(t, smallTown("komachi"), smallTown("omachi"))
	k := w.consults("r")
	for name, a := range map[string]handoff.Action{
		"another city's":   {City: "omachi", Case: k.ID},
		"a conversation":   {City: "komachi", Case: k.Conversation},
		"no city of ours":  {City: "tokai", Case: k.ID},
		"nobody's":         {City: "komachi", Case: "komachi/c/nobody"},
		"an empty one":     {City: "komachi"},
		"a name with dots": {City: "komachi", Case: "../c/x"},
	} {
		a.ID, a.Kind, a.By = "x"+name, handoff.Claim, "USTAFFa"
		if err := w.bot.Act(w.ctx, a); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoTownsOnOneBotKnowNothingOfEachOther(t *testing.T) {
	w := newWorld(t, smallTown("komachi"), smallTown("omachi"))
	w.says("r", "介護")
	if a, b := w.bot.Conversation("komachi", lineID("r")), w.bot.Conversation("omachi", lineID("r")); a == b || !strings.HasPrefix(b, "omachi/") {
		t.Errorf("%s and %s", a, b)
	}
	e := w.words("r", "こんにちは")
	e.City = "omachi"
	w.accept(e)
	has(t, w.phone.since("r"), "[greeting.short]", "1 介護", "2 お金")
}

func TestACaseWhoseConversationIsGoneCanBeClosedButNotAnswered(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.does("r", bot.Unfollow)
	if _, err := w.store.Sweep(w.ctx, w.now.Add(30*24*time.Hour), w.now.Add(-time.Hour), w.now.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if gone, _ := w.bot.Gone(w.ctx, k.Conversation); !gone {
		t.Fatal("the conversation stands")
	}
	before := len(w.phone.sent)
	w.clicks("USTAFFa", "reply", k, text("いますか"))
	has(t, w.desk.whispersTo("USTAFFa"), "[desk.gone]")
	w.clicks("USTAFFa", "close", k, outcome("unreachable"))
	has(t, w.desk.card(k), "終了")
	if len(w.phone.sent) != before {
		t.Error("somebody was written to")
	}
	if gone, _ := w.bot.Gone(w.ctx, k.Conversation); !gone {
		t.Error("an action of staff brought the conversation back")
	}
}

// A name is only warned of; where the city shows staff's names their own is none.
func TestStaffAreWarnedOfNames(t *testing.T) {
	town := smallTown("komachi")
	for text, want := range map[string]string{
		"担当の佐藤からお電話します。": "「担当の佐藤から」は、人の名前ではありませんか。職員の名前は書かず、窓口の名前で伝えます。",
		"鈴木さんに聞いてください。":  "「鈴木さん」は、人の名前ではありませんか。ほかの人の名前は、書かない決まりです。",
		"担当の者からお電話します。":  "",
		"看護師さんに聞いてください。": "",
	} {
		if got := strings.Join(town.Doubts(text), "／"); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	town.StaffNames = true
	if got := town.Doubts("担当の佐藤からお電話します。"); len(got) != 0 {
		t.Error(got)
	}
	town.Warn = func(string) []string { return []string{"ことば"} }
	if got := town.Doubts("鈴木です。田中さんに聞いてください。"); len(got) != 2 || got[0] != "ことば" || !strings.Contains(got[1], "田中さん") {
		t.Error(got)
	}
}
