package demo

import "time"

var tokyo = time.FixedZone("JST", 9*60*60)

// timeline is how the city's clock was moved, oldest first; never empty.
type timeline []shift

// shift says how far the clock stands from the machine's, from then on.
type shift struct {
	from   time.Time // by the machine's clock
	offset time.Duration
}

// maxShifts bounds a timeline; of a longer one the oldest moves are forgotten.
const maxShifts = 500

func (t timeline) last() time.Duration { return t[len(t)-1].offset }

// at is what the clock showed at a moment of the machine's.
func (t timeline) at(machine time.Time) time.Time {
	offset := t[0].offset
	for _, s := range t {
		if !s.from.After(machine) {
			offset = s.offset
		}
	}
	return machine.Add(offset).In(tokyo)
}

func (t timeline) moved(now time.Time, offset time.Duration) timeline {
	t = append(t, shift{now, offset})
	if len(t) > maxShifts {
		t = t[len(t)-maxShifts:]
	}
	return t
}

// reach is how far into the past and the future the clock goes, in years.
const reach = 10

// goal is where the clock goes when the page says to: one of the buttons, or a
// time of the city as 2006-01-02T15:04.
func goal(now, machine time.Time, to string) (time.Time, error) {
	now = now.In(tokyo)
	switch to {
	case "10m":
		return now.Add(10 * time.Minute), nil
	case "1h":
		return now.Add(time.Hour), nil
	case "morning":
		return next(now, 9, func(time.Time) bool { return true }), nil
	case "saturday":
		return next(now, 10, func(t time.Time) bool { return t.Weekday() == time.Saturday }), nil
	case "newyear":
		return next(now, 10, func(t time.Time) bool { return t.Month() == time.December && t.Day() == 31 }), nil
	case "now":
		return machine, nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", to, tokyo)
	if err != nil {
		return t, sorry("日時を読みとれません。")
	}
	if t.Before(machine.AddDate(-reach, 0, 0)) || t.After(machine.AddDate(reach, 0, 0)) {
		return t, sorry("時計は前後10年まで動かせます。")
	}
	return t, nil
}

// next is the first time after now at that hour on a day that fits; within a
// year there is one for every button.
func next(now time.Time, hour int, fits func(time.Time) bool) time.Time {
	t := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, tokyo)
	for !t.After(now) || !fits(t) {
		t = t.AddDate(0, 0, 1)
	}
	return t
}
