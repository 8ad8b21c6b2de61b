package bot_test

import (
	"maps"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// tally sums the town's facts of all days.
func (w *world) tally() map[string]int {
	w.t.Helper()
	facts, err := w.store.Facts(w.ctx, w.towns[0].ID, "0000", "9999")
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range facts {
		out[f.Name] += f.N
	}
	return out
}

func TestHowLongAResidentWaitedIsCountedOnceACase(t *testing.T) {
	w := newWorld(t, openTown())
	began := time.Date(2026, 11, 24, 11, 0, 0, 0, tokyo) // Tuesday; the promise: two hours of reading
	w.now = began
	k := w.consults("r")
	w.clockAt(24, 11, 30)
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "release", k)
	w.clockAt(24, 12, 30)
	w.clicks("USTAFFb", "claim", k) // the second to take it
	w.clicks("USTAFFb", "reply", k, text("読みました。"))
	w.says("r", "ありがとうございます。もうひとつ聞きたいです")
	w.clockAt(25, 11, 0)
	w.clicks("USTAFFb", "reply", k, text("どうぞ。"))
	got := w.tally()
	maps.DeleteFunc(got, func(name string, _ int) bool {
		switch name {
		case "taken|1h", "taken|4h", "answered|4h", "answered|1d", "promise|kept", "promise|late", "offhours|case":
			return false
		}
		return true
	})
	if want := map[string]int{"taken|1h": 1, "answered|4h": 1, "promise|kept": 1, "promise|late": 1}; !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestACompanionsHelperIsNotWhoTookTheCase(t *testing.T) {
	w := newWorld(t, openTown())
	k := w.consults("r")
	w.clicks("USTAFFa", "help", k, field("poverty"))
	w.clicks("USTAFFb", "claim", k, func(a *handoff.Action) { a.Spot = w.caseNow(k).Copies["poverty"].Spot })
	for name, n := range w.tally() {
		if n > 0 && name == "taken|10m" {
			t.Error("helping was counted as taking")
		}
	}
}

func TestWhatComesWhileNobodyReadsIsCounted(t *testing.T) {
	for staff, want := range map[bool]int{true: 1, false: 0} {
		town := openTown()
		if !staff {
			town.Directory.Calendar.Staff, town.Directory.Calendar.Answer = nil, 0
		}
		w := newWorld(t, town)
		w.now = time.Date(2026, 11, 24, 20, 0, 0, 0, tokyo)
		w.says("r", "死にたい")
		w.consults("r")
		w.clockAt(25, 10, 0)
		w.says("s", "こんにちは")
		got := w.tally()
		if got["start"] != 2 || got["offhours|start"] != want || got["offhours|case"] != want || got["offhours|crisis"] != want {
			t.Errorf("staff hours known: %v, counted %v", staff, got)
		}
	}
}

func TestAGuideThatBeginsIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	w.does("r", bot.Follow)
	w.says("r", "介護")
	w.says("r", "やめる")
	w.says("r", "介護")     // begins anew
	w.says("s", "さいしょから") // the first words of somebody who is a friend already
	w.says("r", "さいしょから") // once more
	if got := w.tally(); got["start"] != 4 || got["follow"] != 1 {
		t.Errorf("counted %d starts, %d new friends: %v", got["start"], got["follow"], got)
	}
}
