package demo

import (
	"testing"
	"time"
)

func TestGoal(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		got, err := time.ParseInLocation("2006-01-02 15:04", s, tokyo)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	machine := at("2026-11-22 12:00")
	for _, c := range []struct{ now, to, want string }{
		{"2026-11-22 23:55", "10m", "2026-11-23 00:05"},
		{"2026-11-22 12:00", "1h", "2026-11-22 13:00"},
		{"2026-11-22 08:59", "morning", "2026-11-22 09:00"},
		{"2026-11-22 09:00", "morning", "2026-11-23 09:00"},
		{"2026-11-22 12:00", "saturday", "2026-11-28 10:00"},
		{"2026-11-28 09:59", "saturday", "2026-11-28 10:00"},
		{"2026-11-28 10:00", "saturday", "2026-12-05 10:00"},
		{"2026-11-22 12:00", "newyear", "2026-12-31 10:00"},
		{"2026-12-31 10:00", "newyear", "2027-12-31 10:00"},
		{"2026-12-05 12:00", "now", "2026-11-22 12:00"},
		{"2026-11-22 12:00", "2026-12-24T18:30", "2026-12-24 18:30"},
		{"2026-11-22 12:00", "2020-01-01T00:00", "2020-01-01 00:00"},
		{"2026-11-22 12:00", "1999-01-01T00:00", ""},
		{"2026-11-22 12:00", "2100-01-01T00:00", ""},
		{"2026-11-22 12:00", "tomorrow", ""},
		{"2026-11-22 12:00", "", ""},
	} {
		got, err := goal(at(c.now), machine, c.to)
		if (err != nil) != (c.want == "") || err == nil && !got.Equal(at(c.want)) {
			t.Errorf("%s from %s: %v %v, want %s", c.to, c.now, got.In(tokyo), err, c.want)
		}
	}
}

func TestATimelineKeepsWhatWasShown(t *testing.T) {
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	line := timeline{{time.Time{}, 0}}
	line = line.moved(start, time.Hour)
	line = line.moved(start.Add(time.Minute), 3*time.Hour)
	for _, c := range []struct{ machine, want time.Duration }{
		{-time.Second, -time.Second}, {0, time.Hour}, {59 * time.Second, time.Hour + 59*time.Second}, {time.Minute, 3*time.Hour + time.Minute},
	} {
		if got := line.at(start.Add(c.machine)); !got.Equal(start.Add(c.want)) {
			t.Errorf("%v after: %v, want %v", c.machine, got, start.Add(c.want))
		}
	}
	for i := range 2 * maxShifts {
		line = line.moved(start.Add(time.Duration(i)*time.Hour), time.Duration(i)*time.Hour)
	}
	if len(line) > maxShifts || line.last() != time.Duration(2*maxShifts-1)*time.Hour {
		t.Errorf("%d moves are kept, the last is %v", len(line), line.last())
	}
}
