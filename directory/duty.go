package directory

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Shift is one line of the 当番表: who is called in these hours.
type Shift struct {
	Hours *Hours   // in the town hall's calendar, as an office's
	Call  []string // Slack IDs: people (U…, W…) and user groups (S…)
}

// OnDuty is who is called at a moment by the 当番表. It is empty when no shift
// holds then, or more than one: whoever asks falls back on the whole duty group.
func (c Calendar) OnDuty(t time.Time) []string {
	var call []string
	for _, s := range c.Duty {
		if !OpenAt(s.Hours, c, t) {
			continue
		}
		if call != nil {
			return nil
		}
		call = s.Call
	}
	return call
}

// Bounds of a 当番表.
const (
	maxShifts = 50
	maxCalled = 10
)

var calledForm = regexp.MustCompile(`^[UWS][A-Z0-9]{2,20}$`)

func (c *checker) checkDuty() {
	if len(c.Calendar.Duty) > maxShifts {
		c.fault("duty", "当番が %d 行あります。%d 行までです", len(c.Calendar.Duty), maxShifts)
		return
	}
	for i, s := range c.Calendar.Duty {
		path := fmt.Sprintf("duty[%d]", i)
		if s.Hours == nil {
			c.fault(path, "時間（hours）がありません")
		}
		c.checkHours(path+".hours", s.Hours)
		switch {
		case len(s.Call) == 0:
			c.fault(path, "呼ぶ人（call）がありません")
		case len(s.Call) > maxCalled:
			c.fault(path+".call", "呼ぶ人は一度に %d 人までです。多いときは Slack のユーザーグループ（S…）にします", maxCalled)
		}
		for k, id := range s.Call {
			if !calledForm.MatchString(id) {
				c.fault(fmt.Sprintf("%s.call[%d]", path, k), "「%s」は Slack の ID ではありません。人は U か W、ユーザーグループは S で始まる ID を書きます", id)
			}
		}
		for j, o := range c.Calendar.Duty[:i] {
			if day, clash := clashes(o.Hours, s.Hours); clash {
				c.fault(path+".hours", "%d 行目の当番と、%s曜日の時間が重なっています。重なるあいだは、だれも決まりません", j+1, weekdays[day])
				break
			}
		}
	}
}

// clashes says on which weekday two weeks overlap first. Days closed by date do
// not count: a 当番表 is read by the week.
func clashes(a, b *Hours) (day time.Weekday, clash bool) {
	for day := range time.Weekday(7) {
		for _, s := range a.weekly(day) {
			if slices.ContainsFunc(b.weekly(day), func(o Span) bool { return s.From < o.To && o.From < s.To }) {
				return day, true
			}
		}
	}
	return 0, false
}

func (h *Hours) weekly(day time.Weekday) []Span {
	switch {
	case h == nil:
		return nil
	case h.Open24:
		return []Span{{0, dayMinutes}}
	}
	return h.Week[day]
}
