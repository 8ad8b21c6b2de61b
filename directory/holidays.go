package directory

import "time"

// Holiday names the national holiday (国民の祝日, 振替休日 or 国民の休日) of a day in
// Tokyo. It knows the years 2000–2099 and says no for all others.
//
// Source: 国民の祝日に関する法律 (昭和23年法律第178号) with its changes, the special
// laws for 2019–2021, and for the equinoxes the approximation that agrees with
// the calendar of the 国立天文台 (valid 1980–2099). A law made later than 2025 is
// not in it.
func Holiday(day time.Time) (name string, ok bool) {
	day = midnight(day, 0)
	if y := day.Year(); y < 2000 || y > 2099 {
		return "", false
	}
	if name := festival(day); name != "" {
		return name, true
	}
	if substitute(day) {
		return "振替休日", true
	}
	if festival(midnight(day, -1)) != "" && festival(midnight(day, 1)) != "" && (day.Year() >= 2007 || day.Weekday() != time.Sunday) {
		return "国民の休日", true
	}
	return "", false
}

// substitute says whether a day that is no 国民の祝日 replaces one that fell on a
// Sunday: until 2006 the Monday after it, since 2007 the first day after it that
// is no 国民の祝日.
func substitute(day time.Time) bool {
	if day.Year() < 2007 {
		return day.Weekday() == time.Monday && festival(midnight(day, -1)) != ""
	}
	for back := 1; back <= 7; back++ {
		before := midnight(day, -back)
		if festival(before) == "" {
			return false
		}
		if before.Weekday() == time.Sunday {
			return true
		}
	}
	return false
}

// festival names the 国民の祝日 (without substitutes) that falls on a day.
func festival(day time.Time) string {
	y, m, d := day.Date()
	switch m {
	case time.January:
		switch {
		case d == 1:
			return "元日"
		case monday(day, 2):
			return "成人の日"
		}
	case time.February:
		switch {
		case d == 11:
			return "建国記念の日"
		case d == 23 && y >= 2020:
			return "天皇誕生日"
		}
	case time.March:
		if d == equinox(y, 20_843_100) {
			return "春分の日"
		}
	case time.April:
		switch {
		case d == 29 && y < 2007:
			return "みどりの日"
		case d == 29:
			return "昭和の日"
		}
	case time.May:
		switch {
		case d == 1 && y == 2019:
			return "天皇の即位の日"
		case d == 3:
			return "憲法記念日"
		case d == 4 && y >= 2007:
			return "みどりの日"
		case d == 5:
			return "こどもの日"
		}
	case time.July, time.August, time.October:
		return summerOrAutumn(day)
	case time.September:
		switch {
		case y < 2003 && d == 15, y >= 2003 && monday(day, 3):
			return "敬老の日"
		case d == equinox(y, 23_248_800):
			return "秋分の日"
		}
	case time.November:
		switch d {
		case 3:
			return "文化の日"
		case 23:
			return "勤労感謝の日"
		}
	case time.December:
		if d == 23 && y <= 2018 {
			return "天皇誕生日"
		}
	}
	return ""
}

// summerOrAutumn names the holidays of July, August and October, which the
// Olympic games moved in 2020 and 2021.
func summerOrAutumn(day time.Time) string {
	y, m, d := day.Date()
	switch y {
	case 2020, 2021:
		return map[string]string{
			"2020-07-23": "海の日", "2020-07-24": "スポーツの日", "2020-08-10": "山の日",
			"2021-07-22": "海の日", "2021-07-23": "スポーツの日", "2021-08-08": "山の日",
		}[day.Format(time.DateOnly)]
	}
	switch {
	case m == time.July && (y < 2003 && d == 20 || y >= 2003 && monday(day, 3)):
		return "海の日"
	case m == time.August && d == 11 && y >= 2016:
		return "山の日"
	case m == time.October && d == 22 && y == 2019:
		return "即位礼正殿の儀の行われる日"
	case m == time.October && monday(day, 2) && y < 2020:
		return "体育の日"
	case m == time.October && monday(day, 2):
		return "スポーツの日"
	}
	return ""
}

// monday says whether a day is its month's nth Monday.
func monday(day time.Time, nth int) bool {
	return day.Weekday() == time.Monday && (day.Day()-1)/7 == nth-1
}

// equinox is the day of the month; base is the equinox of 1980 in millionths of
// a day.
func equinox(year, base int) int {
	since := year - 1980
	return (base+242_194*since)/1_000_000 - since/4
}
