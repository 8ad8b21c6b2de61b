package bot

import (
	"slices"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// Waits are the spans that the time until staff took a case or answered is counted
// in, by the clock, nights and days off too: a day's numbers of a small town would
// say too much in minutes. What took longer counts as WaitedLonger.
var Waits = []struct {
	Within time.Duration
	Label  string
}{{10 * time.Minute, "10m"}, {time.Hour, "1h"}, {4 * time.Hour, "4h"}, {24 * time.Hour, "1d"}, {72 * time.Hour, "3d"}}

// WaitedLonger is what no span of Waits holds.
const WaitedLonger = "longer"

func waited(d time.Duration) string {
	for _, w := range Waits {
		if d <= w.Within {
			return w.Label
		}
	}
	return WaitedLonger
}

// countStart counts, once a turn, that a guide began: with a new friend, with the
// first words after a time, or anew.
func (t *turn) countStart() {
	if !slices.Contains(t.facts, "start") {
		t.fact("start")
		t.countOff("start")
	}
}

// countAnswer counts what was answered to a question, of a 地区 only that one was told.
func (t *turn) countAnswer(question, option string) {
	t.fact("answer|" + question + "/" + t.city.Counted(question, option))
}

// Counted is an option as it is counted: the 地区 are not told apart.
func (c *City) Counted(question, option string) string {
	if q := c.Tree.Find(question); q != nil && q.Districts && option != triage.Unsure {
		return AnyDistrict
	}
	return option
}

// countOff counts beside what happened that nobody of the town reads at this hour.
// Where staff hours are not configured nobody knows.
func (t *turn) countOff(what string) {
	if cal := t.city.Directory.Calendar; cal.Staff != nil && !directory.OpenAt(cal.Staff, cal, t.now) {
		t.fact("offhours|" + what)
	}
}

// countWait counts how long the resident waited for the first who took the case and
// for the first answer, and whether an answer came as promised.
func (t *turn) countWait(a handoff.Action, before handoff.Case) {
	since := waited(t.now.Sub(before.Opened))
	if a.Kind == handoff.Claim && before.Claimed.IsZero() && !t.k.Claimed.IsZero() { // not a companion
		t.fact("taken|" + since)
	}
	if a.Kind == handoff.Reply && before.Told.IsZero() {
		t.fact("answered|" + since)
	}
	if a.Kind == handoff.Reply && !before.Promised.IsZero() {
		how := "kept"
		if t.now.After(before.Promised) {
			how = "late"
		}
		t.fact("promise|" + how)
	}
}
