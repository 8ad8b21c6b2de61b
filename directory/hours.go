package directory

import (
	"iter"
	"slices"
	"time"
)

// OpenAt says whether an office is open at a moment. Unknown hours (nil) are not
// open. Calendar closes the 年末年始; a round-the-clock service is closed on its
// own Closed days only.
func OpenAt(h *Hours, cal Calendar, t time.Time) bool {
	if h == nil {
		return false
	}
	day := midnight(t, 0)
	minute := int(t.Sub(day) / time.Minute)
	for _, s := range h.on(cal, day) {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

// NextOpen is the first moment from t on when the office is open: t itself when
// it is open then. ok is false when hours are unknown or nothing opens within
// 400 days.
func NextOpen(h *Hours, cal Calendar, t time.Time) (at time.Time, ok bool) {
	for from := range h.stretches(cal, t) {
		return later(from, t), true
	}
	return time.Time{}, false
}

// ClosesAt is when the office that is open at t closes next, be it for lunch.
// ok is false when it is not open at t or does not close within 400 days.
func ClosesAt(h *Hours, cal Calendar, t time.Time) (at time.Time, ok bool) {
	for from, to := range h.stretches(cal, t) {
		return to, !from.After(t) && to.Before(midnight(t, horizon))
	}
	return time.Time{}, false
}

// on lists the day's spans, sorted; day is a midnight in Tokyo.
func (h *Hours) on(cal Calendar, day time.Time) []Span {
	for _, run := range h.Closed {
		if run.Has(day) {
			return nil
		}
	}
	if h.Open24 {
		return []Span{{0, dayMinutes}}
	}
	spans := h.Week[day.Weekday()]
	if len(spans) == 0 || cal.YearEnd.Has(day) {
		return nil
	}
	if _, holiday := Holiday(day); holiday && !h.Holidays {
		return nil
	}
	if !slices.IsSortedFunc(spans, bySpan) {
		spans = slices.SortedFunc(slices.Values(spans), bySpan)
	}
	return spans
}

func bySpan(a, b Span) int {
	if a.From != b.From {
		return a.From - b.From
	}
	return a.To - b.To
}

// stretches yields, in order, the open stretches that end after t, joined where
// they touch (over midnight too), at most 400 days ahead.
func (h *Hours) stretches(cal Calendar, t time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(from, to time.Time) bool) {
		if h == nil {
			return
		}
		var from, to time.Time // the stretch being joined
		for n := range horizon {
			day := midnight(t, n)
			for _, s := range h.on(cal, day) {
				a, b := max(s.From, 0), min(s.To, dayMinutes)
				if a >= b {
					continue
				}
				start, end := day.Add(time.Duration(a)*time.Minute), day.Add(time.Duration(b)*time.Minute)
				switch {
				case !end.After(t):
				case from.IsZero():
					from, to = start, end
				case !start.After(to):
					to = later(to, end)
				default:
					if !yield(from, to) {
						return
					}
					from, to = start, end
				}
			}
		}
		if !from.IsZero() {
			yield(from, to)
		}
	}
}

// Has says whether a day lies in the run. A run of every year may cross the turn
// of the year; an empty run holds no day; an empty To means one day.
func (d Dates) Has(day time.Time) bool {
	from, to := d.From, d.To
	if to == "" {
		to = from
	}
	if len(from) != len(to) {
		return false
	}
	day = day.In(Tokyo)
	switch len(from) {
	case len("2026-08-13"):
		s := day.Format(time.DateOnly)
		return from <= s && s <= to
	case len("12-29"):
		s := day.Format("01-02")
		if from <= to {
			return from <= s && s <= to
		}
		return from <= s || s <= to
	}
	return false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
