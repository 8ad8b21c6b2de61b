package directory

import (
	"testing"
	"time"
	"unicode/utf8"
)

// anyHours makes hours, sensible or not, out of bytes.
func anyHours(b []byte) *Hours {
	h := &Hours{}
	for i := 0; i+5 < len(b) && i < 120; i += 6 {
		from, to := int(b[i+1])*8-200, int(b[i+2])*8-200
		h.Week[b[i]%7] = append(h.Week[b[i]%7], Span{from, to})
		switch b[i+3] % 8 {
		case 0:
			h.Open24 = true
		case 1:
			h.Holidays = true
		case 2:
			h.Closed = append(h.Closed, Dates{string(b[i+4 : i+6]), string(b[i+4:])})
		case 3:
			h.Closed = append(h.Closed, Dates{"12-29", "11-30"}, Dates{From: "2026-11-24"})
		}
	}
	return h
}

func FuzzHours(f *testing.F) {
	f.Add([]byte{1, 89, 154, 7, 0, 0, 2, 89, 154, 3, 0, 0}, int64(1795651200), int64(7200))
	f.Add([]byte{0, 0, 255, 0, 0, 0}, int64(-62135596800), int64(1<<40))
	f.Add([]byte{3, 200, 10, 2, '-', '-'}, int64(0), int64(-1))
	f.Fuzz(func(t *testing.T, b []byte, unix, seconds int64) {
		// Some three thousand years either way.
		at := time.Unix(unix%100_000_000_000, 0)
		h := anyHours(b)
		cal := Calendar{Staff: h, Answer: time.Duration(seconds), YearEnd: Dates{"12-29", "01-03"}}
		open := OpenAt(h, cal, at)
		if next, ok := NextOpen(h, cal, at); ok {
			if !OpenAt(h, cal, next) || next.Before(at) || open != next.Equal(at) {
				t.Fatalf("open %v, next %s", open, next)
			}
		} else if open {
			t.Fatal("open, but no opening found")
		}
		if end, ok := ClosesAt(h, cal, at); ok && (!open || OpenAt(h, cal, end)) {
			t.Fatalf("closes at %s, open then", end)
		}
		if by, ok := cal.Promise(at); ok && by.Before(at) {
			t.Fatalf("promised for %s", by)
		}
		d := time.Duration(seconds%1_000_000) * time.Second
		if by, ok := cal.AddOpenHours(at, d); ok {
			if sum, ok := cal.OpenHoursBetween(at, by); ok && sum != d {
				t.Fatalf("added %s, counted %s", d, sum)
			}
		}
		for _, s := range []string{h.Now(cal, at), h.Weekly(), cal.Reading(at)} {
			if s == "" {
				t.Fatal("nothing said")
			}
		}
		h.DaysOff(cal)
		Check(Directory{Calendar: cal, Offices: []Office{{Hours: h}}}, at)
	})
}

func FuzzChoose(f *testing.F) {
	f.Add("elderly", "poverty", "kita", "child", "general", "coordinator", uint8(2), true, "soudan")
	f.Add("complex", "", "", "", "nearest", "general", uint8(0), false, "")
	f.Add("hazama", "disability", "waga", "elderly", "field", "", uint8(1), false, "shakyo")
	f.Fuzz(func(t *testing.T, main, second, district, age, unknown, complex string, threshold uint8, several bool, general string) {
		d := riverTown()
		d.Policy = Policy{General: general, Unknown: unknown, Complex: complex, Coordinator: "shakyo", Threshold: int(threshold)}
		need := Need{Fields: []string{main, second, "kosodate"}[:1+len(second)%3], District: district, Age: Age(age), Complex: several}
		c := d.Choose(need)
		picks := c.Picks()
		if len(picks) == 0 || len(picks) > 3 {
			t.Fatalf("%d offices", len(picks))
		}
		seen, desks := map[string]bool{}, 0
		for _, p := range picks {
			if seen[p.Office.ID] || p.Office.Name == "" || p.Reason == "" {
				t.Fatalf("%+v", picks)
			}
			seen[p.Office.ID] = true
			if p.Office.ID == c.General.Office.ID {
				desks++
			}
			if p.Office.Place && p.Office.ID != general {
				t.Fatalf("a place: %+v", p)
			}
		}
		if desks != 1 || len(c.Why) == 0 {
			t.Fatalf("%d general desks, why %v", desks, c.Why)
		}
	})
}

func FuzzFindDistrict(f *testing.F) {
	for _, s := range []string{"黒沢尻北地区", "ｸﾛｻﾜｼﾞﾘ", "\xff地区", "郷・押野"} {
		f.Add(s)
	}
	d := riverTown()
	f.Fuzz(func(t *testing.T, s string) {
		if got := d.FindDistrict(s); len(got) > MaxChoices {
			t.Fatal(len(got))
		}
		town := d
		town.Districts = append(town.Districts[:len(town.Districts):len(town.Districts)], District{ID: "new", Name: s, Kana: s, Aliases: []string{s}})
		Check(town, time.Time{})
		if key := stripSuffix(fold(s)); key == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 90 {
			return
		}
		for _, x := range town.FindDistrict(s) {
			if x.ID == "new" {
				return
			}
		}
		if len(town.FindDistrict(s)) < MaxChoices {
			t.Fatalf("a district is not found by its own name %q", s)
		}
	})
}
