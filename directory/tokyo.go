package directory

import (
	"fmt"
	"time"
)

// Tokyo is Japan's time. It is a fixed zone (no summer time since 1951), so that
// the program needs no time zone files on the machine.
var Tokyo = time.FixedZone("JST", 9*60*60)

const (
	dayMinutes = 24 * 60
	// horizon is how many days ahead opening hours are looked up: a bit more than
	// a year, so that every yearly closure is passed once.
	horizon = 400
)

// midnight is the start of t's day in Tokyo, n days later.
func midnight(t time.Time, n int) time.Time {
	y, m, d := t.In(Tokyo).Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, Tokyo)
}

// Clock says a minute of the day (0..1440) as people do: 午前8時30分, 正午,
// 午後0時30分, 夜12時.
func Clock(minute int) string {
	switch minute {
	case 12 * 60:
		return "正午"
	case dayMinutes:
		return "夜12時"
	}
	half, hour := "午前", minute/60
	if hour >= 12 {
		half, hour = "午後", hour-12
	}
	if m := minute % 60; m != 0 {
		return fmt.Sprintf("%s%d時%d分", half, hour, m)
	}
	return fmt.Sprintf("%s%d時", half, hour)
}

// Day says a day with its weekday: 11月24日（火）.
func Day(t time.Time) string {
	t = t.In(Tokyo)
	return fmt.Sprintf("%d月%d日（%s）", t.Month(), t.Day(), weekdays[t.Weekday()])
}

// Moment says a moment as seen from now: きょう午後1時, あす11月24日（火）午前8時30分,
// 11月25日（水）午前9時; the year is named when the day is about a year away.
func Moment(at, now time.Time) string {
	at = at.In(Tokyo)
	clock := Clock(at.Hour()*60 + at.Minute())
	switch day := midnight(at, 0); {
	case day.Equal(midnight(now, 0)):
		return "きょう" + clock
	case day.Equal(midnight(now, 1)):
		return "あす" + Day(at) + clock
	case at.Sub(now).Abs() > 300*24*time.Hour:
		return fmt.Sprintf("%d年%s%s", at.Year(), Day(at), clock)
	default:
		return Day(at) + clock
	}
}

// until says an end: 午後5時15分まで, 夜12時まで, あす11月24日（火）午前6時まで.
func until(end, now time.Time) string {
	if end.Equal(midnight(now, 1)) {
		return Clock(dayMinutes) + "まで"
	}
	if midnight(end, 0).Equal(midnight(now, 0)) {
		end = end.In(Tokyo)
		return Clock(end.Hour()*60+end.Minute()) + "まで"
	}
	return Moment(end, now) + "まで"
}

// weekdays is indexed by time.Weekday.
var weekdays = [7]string{"日", "月", "火", "水", "木", "金", "土"}
