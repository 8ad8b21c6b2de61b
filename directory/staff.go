package directory

import "time"

// Promise is by when staff answer a message that comes at t: Answer counted in
// staff hours only, rounded up to the minute so that what is said and what is
// kept are the same. ok is false when the town promises nothing.
func (c Calendar) Promise(t time.Time) (by time.Time, ok bool) {
	if c.Staff == nil || c.Answer <= 0 {
		return time.Time{}, false
	}
	by, ok = c.AddOpenHours(t, c.Answer)
	if whole := by.Truncate(time.Minute); whole.Before(by) {
		by = whole.Add(time.Minute)
	}
	return by, ok
}

// AddOpenHours is the moment when d of staff hours have passed since t. ok is
// false when d is negative, staff hours are not configured, or 400 days do not
// hold that much.
func (c Calendar) AddOpenHours(t time.Time, d time.Duration) (at time.Time, ok bool) {
	if d < 0 {
		return time.Time{}, false
	}
	for from, to := range c.Staff.stretches(c, t) {
		from = later(from, t)
		if open := to.Sub(from); d > open {
			d -= open
			continue
		}
		return from.Add(d), true
	}
	return time.Time{}, false
}

// OpenHoursBetween counts the staff hours from a to b. ok is false when staff
// hours are not configured or never come, b is before a, or they are more than
// 400 days apart.
func (c Calendar) OpenHoursBetween(a, b time.Time) (sum time.Duration, ok bool) {
	if b.Before(a) || b.After(midnight(a, horizon)) {
		return 0, false
	}
	for from, to := range c.Staff.stretches(c, a) {
		ok = true
		if !from.Before(b) {
			break
		}
		if to.After(b) {
			to = b
		}
		sum += to.Sub(later(from, a))
	}
	return sum, ok
}

// Reading says to a resident whether staff read now, or from when. Where staff
// hours are not configured it says just that: nothing is promised.
func (c Calendar) Reading(t time.Time) string {
	at, ok := NextOpen(c.Staff, c, t)
	if !ok {
		return "職員がいつ読むかは、ここでは分かりません"
	}
	if at.After(t) {
		return "職員は、" + Moment(at, t) + "から読みます"
	}
	if end, ok := ClosesAt(c.Staff, c, t); ok {
		return "いまは職員が読む時間です（" + until(end, t) + "）"
	}
	return "いまは職員が読む時間です"
}
