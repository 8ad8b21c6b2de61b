package directory

import (
	"testing"
	"time"
)

var (
	townHall = Calendar{YearEnd: Dates{"12-29", "01-03"}}
	am9      = 9 * 60
	pm5      = 17 * 60
)

// weekdaysFrom opens Monday to Friday.
func weekdaysFrom(spans ...Span) *Hours {
	h := &Hours{}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = spans
	}
	return h
}

func office() *Hours { return weekdaysFrom(Span{8*60 + 30, 17*60 + 15}) }

func lunch() *Hours { return weekdaysFrom(Span{13 * 60, pm5}, Span{am9, 12 * 60}) } // unsorted on purpose

func daily(spans ...Span) *Hours {
	h := weekdaysFrom(spans...)
	h.Week[time.Saturday], h.Week[time.Sunday], h.Holidays = spans, spans, true
	return h
}

func TestNowSaysWhetherAndUntilWhen(t *testing.T) {
	closedFriday := office()
	closedFriday.Closed = []Dates{{From: "2026-11-27"}}
	night := daily(Span{22 * 60, dayMinutes}, Span{0, 6 * 60})
	closedOver := office()
	closedOver.Closed = []Dates{{"2026-11-01", "2028-12-31"}}
	for _, c := range []struct {
		name  string
		hours *Hours
		at    string
		want  string
	}{
		{"open", office(), "2026-11-24 08:30", "いま開いています（午後5時15分まで）"},
		{"last minute", office(), "2026-11-24 17:14", "いま開いています（午後5時15分まで）"},
		{"end is closed", office(), "2026-11-24 17:15", "いまは閉まっています。あす11月25日（水）午前8時30分に開きます"},
		{"before opening", office(), "2026-11-24 08:29", "いまは閉まっています。きょう午前8時30分に開きます"},
		{"holiday Monday", office(), "2026-11-23 10:00", "いまは閉まっています。あす11月24日（火）午前8時30分に開きます"},
		{"Saturday before a holiday", office(), "2026-11-21 10:00", "いまは閉まっています。11月24日（火）午前8時30分に開きます"},
		{"morning before lunch", lunch(), "2026-11-24 11:59", "いま開いています（正午まで）"},
		{"at lunch", lunch(), "2026-11-24 12:00", "いまは閉まっています。きょう午後1時に開きます"},
		{"extra closed day", closedFriday, "2026-11-27 10:00", "いまは閉まっています。11月30日（月）午前8時30分に開きます"},
		{"last day of the year", office(), "2026-12-28 18:00", "いまは閉まっています。1月4日（月）午前8時30分に開きます"},
		{"year-end crosses the year", office(), "2027-01-03 23:00", "いまは閉まっています。あす1月4日（月）午前8時30分に開きます"},
		{"round the clock", &Hours{Open24: true}, "2027-01-01 03:00", "いま開いています（24時間）"},
		{"night, evening part", night, "2026-11-24 23:00", "いま開いています（あす11月25日（水）午前6時まで）"},
		{"night, morning part", night, "2026-11-24 05:59", "いま開いています（午前6時まで）"},
		{"until midnight", daily(Span{am9, dayMinutes}), "2026-11-24 23:59", "いま開いています（夜12時まで）"},
		{"never again", closedOver, "2026-11-24 10:00", "いまは閉まっています。つぎに開く日は登録されていません"},
		{"unknown", nil, "2026-11-24 10:00", "開いている時間：登録なし"},
		{"no day at all", &Hours{}, "2026-11-24 10:00", "開いている時間：登録なし"},
	} {
		if got := c.hours.Now(townHall, tokyo(t, c.at)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestOpenAtAgreesWithNextOpenAndClosesAt(t *testing.T) {
	holidays := office()
	holidays.Holidays = true
	for _, h := range []*Hours{office(), lunch(), holidays, daily(Span{16 * 60, 21 * 60}), {Open24: true}, daily(Span{0, dayMinutes})} {
		for at := tokyo(t, "2026-12-26 00:00"); at.Before(tokyo(t, "2027-01-06 00:00")); at = at.Add(15 * time.Minute) {
			open := OpenAt(h, townHall, at)
			next, ok := NextOpen(h, townHall, at)
			if !ok || next.Equal(at) != open || !OpenAt(h, townHall, next) {
				t.Fatalf("%s: open %v but next opening %s %v", at, open, next, ok)
			}
			if end, ok := ClosesAt(h, townHall, at); ok && (!open || OpenAt(h, townHall, end) || !end.After(at)) {
				t.Fatalf("%s: open %v but closes %s", at, open, end)
			} else if !ok && open && !h.Open24 {
				t.Fatalf("%s: no closing time", at)
			}
		}
	}
}

func TestHolidayAndYearEndRules(t *testing.T) {
	holidays := office()
	holidays.Holidays = true
	closed := &Hours{Open24: true, Closed: []Dates{{From: "02-29"}}}
	for _, c := range []struct {
		name string
		h    *Hours
		at   string
		want bool
	}{
		{"closed on a holiday", office(), "2026-11-23 10:00", false},
		{"open on a holiday", holidays, "2026-11-23 10:00", true},
		{"year-end closes also who opens on holidays", holidays, "2026-12-29 10:00", false},
		{"round the clock has its own closed days", closed, "2028-02-29 10:00", false},
		{"and only those", closed, "2028-03-01 00:00", true},
	} {
		if got := OpenAt(c.h, townHall, tokyo(t, c.at)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if !OpenAt(office(), Calendar{}, tokyo(t, "2026-12-29 10:00")) {
		t.Error("without a year-end in the calendar the week's rule holds")
	}
}

func TestWeeklyIsSaidAsPeopleDo(t *testing.T) {
	saturday := office()
	saturday.Week[time.Saturday] = []Span{{am9, 12 * 60}}
	odd := &Hours{}
	odd.Week[time.Monday], odd.Week[time.Wednesday], odd.Week[time.Friday] = []Span{{am9, pm5}}, []Span{{am9, pm5}}, []Span{{am9, pm5}}
	sevenNoHolidays := daily(Span{am9, pm5})
	sevenNoHolidays.Holidays = false
	yearly := office()
	yearly.Closed = []Dates{{"12-29", "01-03"}, {From: "08-15"}, {From: "2026-12-01"}}
	for _, c := range []struct {
		h           *Hours
		weekly, off string
	}{
		{office(), "月〜金 午前8時30分〜午後5時15分", "祝日、12月29日〜1月3日は休み"},
		{lunch(), "月〜金 午前9時〜正午と午後1時〜午後5時", "祝日、12月29日〜1月3日は休み"},
		{saturday, "月〜金 午前8時30分〜午後5時15分、土 午前9時〜正午", "祝日、12月29日〜1月3日は休み"},
		{odd, "月・水・金 午前9時〜午後5時", "祝日、12月29日〜1月3日は休み"},
		{daily(Span{16 * 60, 21 * 60}), "毎日 午後4時〜午後9時", "12月29日〜1月3日は休み"},
		{daily(Span{12*60 + 30, dayMinutes}), "毎日 午後0時30分〜夜12時", "12月29日〜1月3日は休み"},
		{sevenNoHolidays, "月〜日 午前9時〜午後5時", "祝日、12月29日〜1月3日は休み"},
		{yearly, "月〜金 午前8時30分〜午後5時15分", "祝日、12月29日〜1月3日、8月15日は休み"},
		{&Hours{Open24: true}, "24時間", ""},
		{nil, "開いている時間：登録なし", ""},
	} {
		if got := c.h.Weekly(); got != c.weekly {
			t.Errorf("weekly: got %s, want %s", got, c.weekly)
		}
		if got := c.h.DaysOff(townHall); got != c.off {
			t.Errorf("days off: got %s, want %s", got, c.off)
		}
	}
}

func TestMomentNamesTheYearWhenFar(t *testing.T) {
	now := tokyo(t, "2026-11-22 10:00")
	if got := Moment(tokyo(t, "2027-11-20 09:00"), now); got != "2027年11月20日（土）午前9時" {
		t.Error(got)
	}
	if got := Moment(tokyo(t, "2026-11-22 12:00"), now); got != "きょう正午" {
		t.Error(got)
	}
}
