package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// asks lets the city ask for its month, as every hour of a serve does.
func (w *world) asks() {
	w.t.Helper()
	if err := w.bot.PlanQuota(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	w.drain()
}

func TestStaffAreToldOnceAtEachMarkOfTheMonth(t *testing.T) {
	w := newWorld(t)
	told := func() (n80, n100 int) {
		all := w.desk.thread()
		return strings.Count(all, "[desk.quota80]"), strings.Count(all, "[desk.quota100]")
	}
	expect := func(what string, n80, n100 int) {
		t.Helper()
		if a, b := told(); a != n80 || b != n100 {
			t.Errorf("%s: told %d times at 80 %% and %d at 100 %%, want %d and %d", what, a, b, n80, n100)
		}
	}
	w.phone.month = bot.Allowance{Limited: true, Limit: 200, Used: 159}
	w.asks()
	expect("below", 0, 0)
	if m, err := w.bot.Month(w.ctx, "komachi"); err != nil || m.Used != 159 || m.Limit != 200 {
		t.Errorf("it knows %+v, %v", m, err)
	}
	w.phone.month.Used = 160
	w.asks() // in the same hour nobody asks
	expect("the same hour", 0, 0)

	w.now = w.now.Add(time.Hour)
	w.desk.away = true
	w.asks()
	w.pass(5 * time.Minute)
	expect("Slack away", 0, 0)
	w.desk.away = false
	w.now = w.now.Add(time.Hour)
	w.desk.lose = 1 // posted, but nobody here hears so
	w.asks()
	w.pass(5 * time.Minute)
	w.now = w.now.Add(time.Hour)
	w.asks()
	expect("at 80 %", 1, 0)

	w.now = w.now.Add(time.Hour)
	w.phone.down = true // LINE says nothing: what was known stays
	w.asks()
	w.phone.down = false
	if m, err := w.bot.Month(w.ctx, "komachi"); err != nil || m.Used != 160 {
		t.Errorf("after LINE was away it knows %+v, %v", m, err)
	}
	w.phone.month.Used = 200
	for range 3 {
		w.now = w.now.Add(time.Hour)
		w.asks()
	}
	expect("at 100 %", 1, 1)
	w.now = w.now.AddDate(0, 1, 0) // a new month begins anew
	w.asks()
	expect("the next month", 1, 2)
	for _, p := range w.desk.order {
		if p.post.Kind == handoff.PostNotice && strings.Contains(p.post.Text, "quota") && p.post.Mention != "" {
			t.Error("it wakes people")
		}
	}
}

func TestAPlanWithoutALimitTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.phone.month = bot.Allowance{Used: 100000}
	w.asks()
	hasNot(t, w.desk.thread(), "quota")
	if m, err := w.bot.Month(w.ctx, "komachi"); err != nil || m.Limited || m.Used != 100000 {
		t.Errorf("it knows %+v, %v", m, err)
	}
}
