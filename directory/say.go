package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// HoursUnknown is what stands in the place of opening hours not on file.
const HoursUnknown = "開いている時間：登録なし"

// Now says whether the office is open at t and, if not, when it opens. It has no
// full stop at its end, so that it can stand in a line of its own.
func (h *Hours) Now(cal Calendar, t time.Time) string {
	if !h.ever() {
		return HoursUnknown
	}
	if OpenAt(h, cal, t) {
		end, ok := ClosesAt(h, cal, t)
		switch {
		case ok:
			return "いま開いています（" + until(end, t) + "）"
		case h.Open24:
			return "いま開いています（24時間）"
		}
		return "いま開いています"
	}
	at, ok := NextOpen(h, cal, t)
	if !ok {
		return "いまは閉まっています。つぎに開く日は登録されていません"
	}
	return "いまは閉まっています。" + Moment(at, t) + "に開きます"
}

// Weekly says the week: 月〜金 午前8時30分〜午後5時15分、土 午前9時〜正午.
func (h *Hours) Weekly() string {
	switch {
	case !h.ever():
		return HoursUnknown
	case h.Open24:
		return "24時間"
	}
	var groups []string
	said := [7]bool{}
	for i := range 7 {
		day := time.Weekday((i + 1) % 7) // Monday first
		if said[day] || len(h.Week[day]) == 0 {
			continue
		}
		var same []int // counted from Monday
		for j := i; j < 7; j++ {
			if other := (j + 1) % 7; slices.Equal(h.Week[other], h.Week[day]) {
				said[other] = true
				same = append(same, j)
			}
		}
		name := dayNames(same)
		if len(same) == 7 && h.Holidays {
			name = "毎日"
		}
		groups = append(groups, name+" "+saySpans(h.Week[day]))
	}
	return strings.Join(groups, "、")
}

// DaysOff says which days of every year the week's rule leaves out: 祝日、12月29日〜1月3日は休み;
// "" when there is none. Closed days of one year only are told by Now.
func (h *Hours) DaysOff(cal Calendar) string {
	if !h.ever() {
		return ""
	}
	var off []string
	if !h.Holidays && !h.Open24 {
		off = append(off, "祝日")
	}
	closed := h.Closed
	if !h.Open24 && cal.YearEnd.From != "" && !slices.Contains(closed, cal.YearEnd) {
		closed = append(slices.Clone(closed), cal.YearEnd)
	}
	for _, run := range closed {
		if len(run.From) == len("12-29") {
			off = append(off, run.say())
		}
	}
	if len(off) == 0 {
		return ""
	}
	return strings.Join(off, "、") + "は休み"
}

// ever says whether there is any opening hour at all.
func (h *Hours) ever() bool {
	if h == nil {
		return false
	}
	return h.Open24 || slices.ContainsFunc(h.Week[:], func(s []Span) bool { return len(s) > 0 })
}

// dayNames says weekdays counted from Monday; three or more in a row are a range.
func dayNames(days []int) string {
	var out []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == days[j]+1 {
			j++
		}
		if j-i >= 2 {
			out = append(out, weekdays[(days[i]+1)%7]+"〜"+weekdays[(days[j]+1)%7])
			i = j + 1
			continue
		}
		out = append(out, weekdays[(days[i]+1)%7])
		i++
	}
	return strings.Join(out, "・")
}

func saySpans(spans []Span) string {
	out := make([]string, len(spans))
	for i, s := range slices.SortedFunc(slices.Values(spans), bySpan) {
		out[i] = Clock(s.From) + "〜" + Clock(s.To)
	}
	return strings.Join(out, "と")
}

func (d Dates) say() string {
	from, to := sayDate(d.From), sayDate(d.To)
	if to == "" || to == from {
		return from
	}
	return from + "〜" + to
}

// sayDate says a day of every year; the leap year lets 02-29 be one.
func sayDate(s string) string {
	if t, err := time.Parse(time.DateOnly, "2000-"+s); err == nil {
		return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
	}
	return s
}
