package directory

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func rota() Calendar {
	return Calendar{YearEnd: Dates{"12-29", "01-03"}, Duty: []Shift{
		{Hours: weekdaysFrom(Span{9 * 60, 12 * 60}), Call: []string{"U01", "U02"}},
		{Hours: weekdaysFrom(Span{12 * 60, 17 * 60}), Call: []string{"S01"}},
	}}
}

func TestTheDutyFollowsTheShift(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-24 09:00": "U01 U02",
		"2026-11-24 11:59": "U01 U02",
		"2026-11-24 12:00": "S01",
		"2026-11-24 16:59": "S01",
		"2026-11-24 17:00": "", // after the last shift
		"2026-11-22 10:00": "", // Sunday
		"2026-11-23 10:00": "", // a holiday
		"2026-12-30 10:00": "", // the end of the year
	} {
		if got := strings.Join(rota().OnDuty(tokyo(t, at)), " "); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	night := Calendar{Duty: []Shift{{Hours: weekdaysFrom(Span{22 * 60, 24 * 60}), Call: []string{"U03"}}, {Hours: weekdaysFrom(Span{0, 6 * 60}), Call: []string{"U04"}}}}
	for at, want := range map[string]string{
		"2026-11-19 21:59": "", "2026-11-19 23:59": "U03", "2026-11-20 00:00": "U04", "2026-11-20 06:00": "",
		"2026-11-20 23:59": "U03", "2026-11-21 00:00": "", // Saturday
		"2026-11-23 00:00": "", "2026-11-23 23:59": "", "2026-11-24 00:00": "U04", // after a holiday
	} {
		if got := strings.Join(night.OnDuty(tokyo(t, at)), " "); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	twice := rota()
	twice.Duty = append(twice.Duty, Shift{Hours: weekdaysFrom(Span{11 * 60, 13 * 60}), Call: []string{"U03"}})
	if got := twice.OnDuty(tokyo(t, "2026-11-24 11:30")); got != nil {
		t.Errorf("two shifts call %v", got)
	}
	if got := (Calendar{}).OnDuty(tokyo(t, "2026-11-24 11:30")); got != nil {
		t.Errorf("no rota calls %v", got)
	}
}

func TestARotaIsChecked(t *testing.T) {
	d := Directory{Calendar: rota()}
	if faults := dutyFaults(d); len(faults) > 0 {
		t.Error(faults)
	}
	d.Calendar.Duty = []Shift{
		{Hours: weekdaysFrom(Span{9 * 60, 12 * 60}), Call: []string{"U01"}},
		{Hours: &Hours{Open24: true}, Call: []string{"当番"}},
		{Call: []string{"S01"}},
		{Hours: &Hours{Week: [7][]Span{time.Saturday: {{17 * 60, 9 * 60}}}}},
	}
	want := []string{"duty[1].call[0]", "duty[1].hours", "duty[2]", "duty[3].hours.sat[0]", "duty[3]", "duty[3].hours"}
	if got := dutyFaults(d); !slices.Equal(got, want) {
		t.Errorf("faults at %v, want %v", got, want)
	}
}

func dutyFaults(d Directory) (paths []string) {
	for _, f := range Check(d, time.Time{}) {
		if strings.HasPrefix(f.Path, "duty") && !f.Warning {
			paths = append(paths, f.Path)
		}
	}
	return paths
}
