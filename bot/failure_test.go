package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func TestSlackAwayForTenMinutesThenBackMakesOneCardAndWordsInOrder(t *testing.T) {
	w := newWorld(t)
	w.desk.away = true
	w.says("r", "職員に相談する")
	has(t, w.taps("r", "同意する（自分のこと）"), "[consented]")
	k := w.caseOf("r")
	for i := range 5 {
		w.says("r", fmt.Sprintf("ことば%dです", i+1))
		w.pass(2 * time.Minute)
	}
	w.desk.away = false
	w.pass(11 * time.Minute)
	if s := w.desk.cards[k.ID]; s == nil || s.posted != 1 {
		t.Fatalf("card: %+v", s)
	}
	has(t, w.desk.thread(), "ことば1です", "ことば2です", "ことば3です", "ことば4です", "ことば5です")
	for i := range 5 {
		if n := strings.Count(w.desk.thread(), fmt.Sprintf("ことば%dです", i+1)); n != 1 {
			t.Errorf("word %d stands %d times", i+1, n)
		}
	}
}

func TestWhatComesLateSaysHowLate(t *testing.T) {
	w := newWorld(t, openTown())
	w.desk.away = true
	w.says("r", "職員に相談する")
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	w.says("r", "さいしょのことば")
	w.pass(12 * time.Minute)
	w.says("r", "あとのことば")
	w.desk.away = false
	w.pass(11 * time.Minute)
	has(t, w.desk.card(k), "到着：約", "分遅れて届きました")
	has(t, w.desk.thread(), "words：さいしょのことば", "約2", "分遅れて届きました")
	late := w.desk.thread()
	w.unsends("r", "さいしょのことば") // the post is drawn anew, and was late all the same
	has(t, w.desk.thread(), handoff.TakenBack, "分遅れて届きました")
	if n := strings.Count(w.desk.thread(), "遅れて"); n != strings.Count(late, "遅れて") {
		t.Errorf("%d posts are late, %d were:\n%s", n, strings.Count(late, "遅れて"), w.desk.thread())
	}
	w.says("r", "いまのことば")
	w.says("s", "職員に相談する")
	w.taps("s", "同意する（自分のこと）")
	hasNot(t, w.desk.thread()[strings.Index(w.desk.thread(), "いまのことば"):], "遅れて")
	hasNot(t, w.desk.card(w.caseOf("s")), "到着")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("お金の話でした"))
	w.pass(time.Minute)
	hasNot(t, w.desk.card(k), "到着") // the new card came at once
}

func TestAClaimWhileSlackIsAwayIsDrawnWhenItIsBack(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	a := w.action("USTAFFa", "claim", k)
	w.desk.away = true
	w.act(a)
	w.pass(5 * time.Minute)
	hasNot(t, w.desk.card(k), "対応中")
	w.desk.away = false
	w.pass(2 * time.Minute)
	has(t, w.desk.card(k), "対応中", "USTAFFa")
}

func TestACardWhoseAnswerWasLostIsNotPostedTwice(t *testing.T) {
	for i, how := range []string{"answer lost", "crash", "then away", "then away", "then away", "then away", "then away"} {
		w := newWorld(t)
		w.desk.lose = 1
		w.says("r", "職員に相談する")
		if how == "crash" {
			w.desk.lose = 0
			w.crashAfterPost("r")
		} else {
			w.taps("r", "同意する（自分のこと）")
		}
		w.says("r", "つづきのことば")
		if how == "then away" {
			w.desk.away = true
			w.pass(5*time.Minute + time.Duration(i)*23*time.Second) // within a round and between two
			w.desk.away = false
		}
		w.pass(12 * time.Minute)
		for id, s := range w.desk.cards {
			if s.posted != 1 {
				t.Errorf("%s: case %s posted %d times", how, id, s.posted)
			}
		}
		if n := strings.Count(w.desk.thread(), "つづきのことば"); n != 1 {
			t.Errorf("%s: the words stand %d times", how, n)
		}
	}
}

// crashAfterPost posts the card as a worker would that dies before its Commit:
// the job is leased, its message stands, and the store opens again.
func (w *world) crashAfterPost(user string) {
	w.t.Helper()
	data := w.phone.data(user, "同意する（自分のこと）")
	e := w.event(user, bot.Tap)
	e.Data = data
	if err := w.bot.Accept(w.ctx, e); err != nil {
		w.t.Fatal(err)
	}
	for {
		job, _, err := w.store.Take(w.ctx, "a worker that dies", w.now, time.Minute)
		if err != nil || job == nil {
			w.t.Fatal("no card job", err)
		}
		if job.Kind != "card" {
			if err := w.store.Retry(w.ctx, "a worker that dies", job.ID, w.now); err != nil {
				w.t.Fatal(err)
			}
			if _, err := w.bot.Drain(w.ctx, 1); err != nil && err.Error() != "the jobs do not come to an end" {
				w.t.Fatal(err)
			}
			continue
		}
		break
	}
	k := w.caseOf(user)
	card := handoff.NewCard(k, nil)
	if _, err := w.desk.Card(w.ctx, handoff.Spot{}, card, handoff.Outbox{ID: k.ID}); err != nil {
		w.t.Fatal(err)
	}
	w.restart()
	w.drain()
}

func TestACardIsLookedForOnlyWhereItMayStand(t *testing.T) {
	for _, c := range []struct {
		name    string
		want    int
		restart bool
		lost    bool
	}{
		{name: "Slack was away"},
		{name: "nobody remembers", restart: true, want: 1},
		{name: "an answer was lost before", lost: true, want: 1},
	} {
		w := newWorld(t)
		w.says("r", "職員に相談する")
		if c.lost {
			w.desk.lose = 1
		} else {
			w.desk.away = true
		}
		w.taps("r", "同意する（自分のこと）")
		w.desk.away = true
		w.pass(10 * time.Second)
		if c.restart {
			w.restart()
		}
		w.desk.away = false
		w.pass(30 * time.Second)
		k := w.caseOf("r")
		if s := w.desk.cards[k.ID]; s == nil || s.posted != 1 || k.Card.TS == "" {
			t.Errorf("%s: the card: %+v", c.name, s)
		}
		if w.desk.searched != c.want {
			t.Errorf("%s: looked for it %d times, want %d", c.name, w.desk.searched, c.want)
		}
	}
}

func TestAClickOnACardThatWeDidNotKnowIsAdopted(t *testing.T) {
	w := newWorld(t)
	w.desk.lose = 1000
	w.says("r", "職員に相談する")
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	if k.Card.TS != "" {
		t.Fatal("the card is known")
	}
	w.desk.lose = 0
	spot := w.desk.cards[k.ID].spot
	w.clicks("USTAFFa", "claim", k, func(a *handoff.Action) { a.Spot = spot })
	w.pass(12 * time.Minute)
	has(t, w.desk.card(k), "対応中")
	if n := w.desk.cards[k.ID].posted; n != 1 {
		t.Errorf("posted %d times", n)
	}
}

func TestLINERefusingThenBackAnswersWithTheNewestQuestionOnly(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.phone.down = true
	w.says("r", "介護")
	w.says("r", "これで全部")
	w.pass(10 * time.Minute)
	w.phone.mark()
	w.phone.down = false
	w.pass(11 * time.Minute)
	if got := w.phone.since("r"); strings.Count(got, "ですか") != 1 || !strings.Contains(got, "だれのことですか") {
		t.Errorf("got %q", got)
	}
}

func TestAQuestionThatWasNotTakenDoesNotComeBesideItsSuccessor(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.phone.down = true
	w.says("r", "介護")
	w.pass(time.Minute) // given up, and kept for the next reply
	w.phone.down = false
	got := w.says("r", "お金")
	has(t, got, "何のことですか", "1 気持ち")
	if n := strings.Count(got, "何のことですか"); n != 1 {
		t.Errorf("%d questions:\n%s", n, got)
	}
}

func TestWhatIsUnsentComesWithTheNextReply(t *testing.T) {
	town := smallTown("komachi")
	town.Directory.Calendar.Answer = 0 // nothing is promised, so that no promise is broken
	w := newWorld(t, town)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(time.Minute)
	w.phone.full = true
	w.clicks("USTAFFa", "reply", k, text("一通目"))
	w.clicks("USTAFFa", "reply", k, text("二通目"))
	has(t, w.desk.thread(), "一通目 届きません（今月の上限）", "二通目 届きません（今月の上限）")
	w.pass(30 * time.Minute)
	got := w.says("r", "返事はまだですか")
	has(t, got, "[taken]", "「一通目」", "「二通目」", "[received]")
	has(t, w.desk.thread(), "一通目 LINEに渡しました", "二通目 LINEに渡しました")
	w.phone.full = false
	w.pass(24 * time.Hour)
	if all := w.phone.all("r"); strings.Count(all, "一通目") != 1 || strings.Count(all, "二通目") != 1 {
		t.Errorf("sent twice:\n%s", all)
	}
	for _, s := range w.phone.sent {
		if s.push {
			t.Errorf("a push: %s", s.text)
		}
	}
}

func (p *phone) all(user string) string {
	p.from = 0
	return p.since(user)
}

func TestWhatIsUnsentFitsIntoFiveMessagesACall(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(20 * time.Minute)
	w.phone.full = true
	for i := range 9 {
		w.clicks("USTAFFa", "reply", k, text(fmt.Sprintf("%d通目", i+1)))
	}
	has(t, w.says("r", "状況"), "1通目", "4通目", "[status.claimed]") // phone.take fails above five
	hasNot(t, w.phone.since("r"), "5通目")
	has(t, w.says("r", "状況"), "5通目", "8通目", "[status.claimed]")
	has(t, w.says("r", "状況"), "9通目", "[status.claimed]")
}

func TestAReplyThatFailsLosesNothingThatWentAlong(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(20 * time.Minute)
	w.phone.full = true
	w.clicks("USTAFFa", "reply", k, text("大事な返事"))
	w.phone.down = true
	w.says("r", "状況")
	w.pass(5 * time.Minute)
	w.phone.down, w.phone.full = false, false
	w.pass(12 * time.Minute)
	if all := w.phone.all("r"); strings.Count(all, "大事な返事") != 1 {
		t.Errorf("sent %d times", strings.Count(all, "大事な返事"))
	}
	has(t, w.desk.thread(), "大事な返事 LINEに渡しました")
}

func TestALostAnswerToAPushIsNotSentTwice(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(20 * time.Minute)
	w.phone.lose = 1
	w.clicks("USTAFFa", "reply", k, text("一度だけ"))
	w.phone.down = true
	w.pass(5 * time.Minute)
	w.phone.down = false
	w.pass(12 * time.Minute)
	if n := strings.Count(w.phone.all("r"), "一度だけ"); n != 1 {
		t.Errorf("sent %d times", n)
	}
	has(t, w.desk.thread(), "一度だけ LINEに渡しました")
}

func TestLINEAwayForADayGivesUpAndSaysSo(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(20 * time.Minute)
	w.phone.down = true
	w.clicks("USTAFFa", "reply", k, text("届かない返事"))
	w.pass(2 * time.Minute)
	has(t, w.desk.thread(), "届かない返事 送信中（LINEが応答しません）")
	w.pass(25 * time.Hour)
	has(t, w.desk.thread(), "届かない返事 届きません（エラー）")
}

func TestARestartInTheMiddleLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	e := w.event("r", bot.Tap)
	e.Data = w.phone.data("r", "同意する（自分のこと）")
	if err := w.bot.Accept(w.ctx, e); err != nil {
		t.Fatal(err)
	}
	if job, _, err := w.store.Take(w.ctx, "a worker that dies", w.now, time.Minute); job == nil || err != nil {
		t.Fatal("nothing to take", err)
	}
	w.restart()
	w.drain()
	k := w.caseOf("r")
	if s := w.desk.cards[k.ID]; s == nil || s.posted != 1 {
		t.Errorf("card %+v", s)
	}
}

func TestTheSameEventTwiceIsAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	n := len(w.phone.sent)
	w.accept(w.last)
	w.restart()
	w.accept(w.last)
	if len(w.phone.sent) != n {
		t.Error("answered again")
	}
}

func TestWordsToStaffSurviveTwoHoursOfSlackBeingAway(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.desk.away = true
	w.says("r", "だれか読んでください")
	w.pass(2 * time.Hour)
	w.desk.away = false
	w.pass(11 * time.Minute)
	has(t, w.desk.thread(), "words：だれか読んでください")
	has(t, w.desk.card(k), "住民が返事を待っています")
}
