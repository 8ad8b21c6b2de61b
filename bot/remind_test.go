package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// watchful is a town that reminds its staff; staff read on weekdays from 9 to 17,
// an answer is promised within two of those hours.
func watchful() *bot.City {
	town := smallTown("komachi")
	town.Patience = handoff.Patience{Unclaimed: time.Hour, Mention: 3 * time.Hour, General: 5 * time.Hour, Stale: 4 * time.Hour, AnswerBack: time.Hour}
	return town
}

// silent is the same without a promise.
func silent() *bot.City {
	town := watchful()
	town.Directory.Calendar.Answer = 0
	return town
}

// clockAt lets time pass up to a moment of the clock on that day of November.
func (w *world) clockAt(day, hour, minute int) {
	w.t.Helper()
	w.pass(time.Date(2026, 11, day, hour, minute, 0, 0, tokyo).Sub(w.now))
}

func TestAnUnclaimedCaseIsCalledForInOfficeHoursOnly(t *testing.T) {
	w := newWorld(t, silent())
	w.now = time.Date(2026, 11, 27, 16, 30, 0, 0, tokyo) // Friday, half an hour before the end
	k := w.consults("r")
	w.clockAt(30, 9, 29) // Monday
	hasNot(t, w.desk.thread(), "[desk.unclaimed]")
	w.clockAt(30, 9, 31)
	has(t, w.desk.thread(), "[desk.unclaimed]")
	w.clockAt(30, 11, 29)
	hasNot(t, w.desk.thread(), "[desk.mention]")
	w.restart()
	w.clockAt(30, 11, 31)
	has(t, w.desk.thread(), "[desk.mention] @duty")
	w.clockAt(30, 13, 31)
	last := w.desk.order[len(w.desk.order)-1]
	has(t, last.post.Text, "[desk.general] "+k.Receipt)
	if last.spot.Thread != "" || last.spot.Channel != "" {
		t.Errorf("the general channel's line stands at %+v", last.spot)
	}
	n := len(w.desk.order)
	w.pass(5 * 24 * time.Hour)
	if len(w.desk.order) != n {
		t.Error("the chain went on after its end")
	}
}

func TestWithoutStaffHoursTheClockCounts(t *testing.T) {
	town := silent()
	town.Directory.Calendar.Staff = nil
	w := newWorld(t, town)
	w.now = time.Date(2026, 11, 27, 22, 0, 0, 0, tokyo)
	w.consults("r")
	w.pass(61 * time.Minute)
	has(t, w.desk.thread(), "[desk.unclaimed]")
}

func TestASilentOwnerIsAskedAndLosesTheCase(t *testing.T) {
	w := newWorld(t, silent())
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(4*time.Hour + time.Minute)
	has(t, w.desk.thread(), "[desk.stale] @USTAFFa")
	ask := w.desk.order[len(w.desk.order)-1]
	if ask.post.Button != handoff.Keep {
		t.Errorf("the question has the button %q", ask.post.Button)
	}
	// Nobody else can answer, and hears who can.
	w.clicks("USTAFFb", "keep", k, at(ask.spot))
	has(t, w.desk.whispersTo("USTAFFb"), "<@USTAFFa>")
	w.pass(time.Hour)
	n := w.caseNow(k)
	if n.State != handoff.Open || n.Owner != "" {
		t.Fatalf("the case is %+v", n)
	}
	has(t, w.desk.thread(), "[desk.back] @USTAFFa")
	has(t, w.desk.card(k), "未対応")
	if w.desk.cards[k.ID].card.Owner != "" {
		t.Error("the card still names an owner")
	}
	// The late answer changes nothing and says so.
	w.clicks("USTAFFa", "keep", k, at(ask.spot))
	has(t, w.desk.whispersTo("USTAFFa"), "だれも引き受けていません")
	w.pass(time.Hour + time.Minute)
	has(t, w.desk.thread(), "[desk.unclaimed]")
}

func TestAnOwnerWhoAnswersKeepsTheCase(t *testing.T) {
	w := newWorld(t, silent())
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(4*time.Hour + time.Minute)
	ask := w.desk.order[len(w.desk.order)-1]
	w.clicks("USTAFFa", "keep", k, at(ask.spot))
	has(t, w.desk.posts[ask.spot.TS].post.Text, "[desk.kept]")
	if b := w.desk.posts[ask.spot.TS].post.Button; b != "" {
		t.Errorf("the button %q is left", b)
	}
	w.pass(2 * time.Hour)
	if n := w.caseNow(k); n.Owner != "USTAFFa" {
		t.Errorf("the owner is %q", n.Owner)
	}
	// An answer to the resident ends the questions until they write again.
	w.clicks("USTAFFa", "reply", k, text("こんにちは"))
	n := len(w.desk.order)
	w.pass(10 * 24 * time.Hour)
	if len(w.desk.order) != n {
		t.Errorf("nobody waits, and still: %s", w.desk.thread())
	}
	w.says("r", "himitsuもう一つ")
	w.pass(4 * 24 * time.Hour)
	has(t, w.desk.thread(), "[desk.back] @USTAFFa")
}

func TestAPromiseAlarmsBeforeItBreaksAndTheResidentHearsOnce(t *testing.T) {
	w := newWorld(t, watchful())
	w.now = time.Date(2026, 11, 24, 16, 0, 0, 0, tokyo)
	k := w.consults("r") // promised until ten the next morning
	if !k.Promised.After(time.Date(2026, 11, 25, 10, 0, 0, 0, tokyo)) {
		t.Fatal(k.Promised)
	}
	w.clicks("USTAFFa", "claim", k)
	w.clockAt(25, 9, 29)
	hasNot(t, w.desk.thread(), "[desk.alarm]")
	w.clockAt(25, 9, 32)
	has(t, w.desk.thread(), "[desk.alarm]", "@USTAFFa")
	w.phone.mark()
	w.now = k.Promised.Add(-time.Second)
	w.drain()
	if got := w.phone.since("r"); got != "" {
		t.Fatalf("told before the time: %s", got)
	}
	w.now = k.Promised
	w.drain()
	has(t, w.phone.since("r"), "[promise.broken] "+k.Receipt)
	has(t, w.desk.thread(), "[desk.broken] @USTAFFa")
	// A second broken promise of the same case is the staff's matter.
	w.clicks("USTAFFa", "reply", k, text("おそくなりました"))
	w.says("r", "himitsuはい")
	w.phone.mark()
	w.pass(3 * 24 * time.Hour)
	hasNot(t, w.phone.since("r"), "[promise.broken]")
	if strings.Count(w.desk.thread(), "[desk.broken]") != 2 {
		t.Errorf("the thread says\n%s", w.desk.thread())
	}
}

func TestAnAnswerInTimeLeavesThePromiseAlone(t *testing.T) {
	w := newWorld(t, watchful())
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.pass(time.Hour)
	w.clicks("USTAFFa", "reply", k, text("こんにちは"))
	w.pass(5 * 24 * time.Hour)
	hasNot(t, w.desk.thread(), "[desk.alarm]", "[desk.broken]")
	hasNot(t, w.phone.all("r"), "[promise.broken]")
}

func TestARestartAndAStormOfClicksLeaveOneChainOfReminders(t *testing.T) {
	w := newWorld(t, silent())
	k := w.consults("r")
	for range 6 {
		w.clicks("USTAFFa", "claim", k)
		w.clicks("USTAFFa", "release", k)
		w.restart()
	}
	w.pass(10 * time.Hour)
	w.pass(30 * 24 * time.Hour)
	for _, s := range []string{"[desk.unclaimed]", "[desk.mention]", "[desk.general]"} {
		if n := strings.Count(w.desk.thread(), s); n != 1 {
			t.Errorf("%s stands %d times", s, n)
		}
	}
}
