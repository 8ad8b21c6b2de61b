package directory

import (
	"testing"
	"time"
)

func staff(answer time.Duration) Calendar {
	return Calendar{Staff: office(), Answer: answer, YearEnd: Dates{"12-29", "01-03"}}
}

func TestPromiseCountsStaffHoursOnly(t *testing.T) {
	for _, c := range []struct {
		at     string
		answer time.Duration
		want   string
	}{
		{"2026-11-24 09:00", 2 * time.Hour, "2026-11-24 11:00"},
		{"2026-11-24 16:15", 2 * time.Hour, "2026-11-25 09:30"},
		{"2026-11-20 16:15", 2 * time.Hour, "2026-11-24 09:30"}, // weekend and a holiday between
		{"2026-11-22 03:00", 2 * time.Hour, "2026-11-24 10:30"},
		{"2026-12-28 17:00", time.Hour, "2027-01-04 09:15"},
		{"2026-11-24 15:15", 2 * time.Hour, "2026-11-24 17:15"}, // exactly at the end of the day
	} {
		by, ok := staff(c.answer).Promise(tokyo(t, c.at))
		if !ok || !by.Equal(tokyo(t, c.want)) {
			t.Errorf("%s + %s: %s %v, want %s", c.at, c.answer, by, ok, c.want)
		}
	}
	by, _ := staff(time.Hour).Promise(tokyo(t, "2026-11-24 09:00").Add(20 * time.Second))
	if !by.Equal(tokyo(t, "2026-11-24 10:01")) {
		t.Errorf("seconds are rounded up, got %s", by)
	}
}

func TestNothingIsPromisedWithoutConfiguration(t *testing.T) {
	now := tokyo(t, "2026-11-24 09:00")
	never := staff(time.Hour)
	never.Staff = &Hours{}
	for name, c := range map[string]Calendar{
		"no staff hours": {Answer: time.Hour}, "no answer time": {Staff: office()}, "never open": never,
		"beyond a year": staff(5000 * time.Hour),
	} {
		if by, ok := c.Promise(now); ok {
			t.Errorf("%s: promised %s", name, by)
		}
	}
	if _, ok := staff(0).AddOpenHours(now, -time.Hour); ok {
		t.Error("a negative time was added")
	}
}

func TestOpenHoursBetween(t *testing.T) {
	c := staff(time.Hour)
	for _, x := range []struct {
		a, b string
		want time.Duration
		ok   bool
	}{
		{"2026-11-24 08:00", "2026-11-24 18:00", 8*time.Hour + 45*time.Minute, true},
		{"2026-11-20 17:00", "2026-11-24 08:45", 30 * time.Minute, true},
		{"2026-11-21 00:00", "2026-11-23 23:59", 0, true},
		{"2026-11-24 09:00", "2026-11-24 09:00", 0, true},
		{"2026-11-24 09:00", "2026-11-23 09:00", 0, false},
		{"2026-11-24 09:00", "2029-11-24 09:00", 0, false},
	} {
		got, ok := c.OpenHoursBetween(tokyo(t, x.a), tokyo(t, x.b))
		if got != x.want || ok != x.ok {
			t.Errorf("%s..%s: %s %v, want %s %v", x.a, x.b, got, ok, x.want, x.ok)
		}
	}
	if _, ok := (Calendar{}).OpenHoursBetween(tokyo(t, "2026-11-24 09:00"), tokyo(t, "2026-11-24 10:00")); ok {
		t.Error("hours counted without staff hours")
	}
}

func TestReadingTellsWhenStaffRead(t *testing.T) {
	always := Calendar{Staff: &Hours{Open24: true}}
	for _, x := range []struct {
		c        Calendar
		at, want string
	}{
		{staff(0), "2026-11-23 10:00", "職員は、あす11月24日（火）午前8時30分から読みます"},
		{staff(0), "2026-11-24 07:00", "職員は、きょう午前8時30分から読みます"},
		{staff(0), "2026-11-24 10:00", "いまは職員が読む時間です（午後5時15分まで）"},
		{always, "2026-11-24 10:00", "いまは職員が読む時間です"},
		{Calendar{}, "2026-11-24 10:00", "職員がいつ読むかは、ここでは分かりません"},
	} {
		if got := x.c.Reading(tokyo(t, x.at)); got != x.want {
			t.Errorf("got %s, want %s", got, x.want)
		}
	}
}
