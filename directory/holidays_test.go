package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// official are the holidays as the 内閣府 published them; 2028 by the law and the
// 国立天文台's forecast, as its list is published in February 2027. Substitutes
// and days between two holidays are marked 振 and 休.
var official = map[int]string{
	2019: "1/1 1/14 2/11 3/21 4/29 4/30休 5/1 5/2休 5/3 5/4 5/5 5/6振 7/15 8/11 8/12振 9/16 9/23 10/14 10/22 11/3 11/4振 11/23",
	2020: "1/1 1/13 2/11 2/23 2/24振 3/20 4/29 5/3 5/4 5/5 5/6振 7/23 7/24 8/10 9/21 9/22 11/3 11/23",
	2021: "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9振 9/20 9/23 11/3 11/23",
	2022: "1/1 1/10 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/23 10/10 11/3 11/23",
	2023: "1/1 1/2振 1/9 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/23 10/9 11/3 11/23",
	2024: "1/1 1/8 2/11 2/12振 2/23 3/20 4/29 5/3 5/4 5/5 5/6振 7/15 8/11 8/12振 9/16 9/22 9/23振 10/14 11/3 11/4振 11/23",
	2025: "1/1 1/13 2/11 2/23 2/24振 3/20 4/29 5/3 5/4 5/5 5/6振 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24振",
	2026: "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6振 7/20 8/11 9/21 9/22休 9/23 10/12 11/3 11/23",
	2027: "1/1 1/11 2/11 2/23 3/21 3/22振 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
	2028: "1/1 1/10 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/22 10/9 11/3 11/23",
	// Before the laws of 2003 and 2007: fixed days, 振替休日 on Mondays only, the
	// 4th of May between two holidays.
	2002: "1/1 1/14 2/11 3/21 4/29 5/3 5/4休 5/5 5/6振 7/20 9/15 9/16振 9/23 10/14 11/3 11/4振 11/23 12/23",
	2003: "1/1 1/13 2/11 3/21 4/29 5/3 5/5 7/21 9/15 9/23 10/13 11/3 11/23 11/24振 12/23",
	2006: "1/1 1/2振 1/9 2/11 3/21 4/29 5/3 5/4休 5/5 7/17 9/18 9/23 10/9 11/3 11/23 12/23",
	2009: "1/1 1/12 2/11 3/20 4/29 5/3 5/4 5/5 5/6振 7/20 9/21 9/22休 9/23 10/12 11/3 11/23 12/23",
}

func TestHolidaysAreTheOfficialOnes(t *testing.T) {
	for _, year := range slices.Sorted(maps.Keys(official)) {
		var got []string
		for day := time.Date(year, 1, 1, 12, 0, 0, 0, Tokyo); day.Year() == year; day = day.AddDate(0, 0, 1) {
			name, ok := Holiday(day)
			if !ok {
				continue
			}
			mark := map[string]string{"振替休日": "振", "国民の休日": "休"}[name]
			got = append(got, fmt.Sprintf("%d/%d%s", day.Month(), day.Day(), mark))
		}
		if s := strings.Join(got, " "); s != official[year] {
			t.Errorf("%d:\n got %s\nwant %s", year, s, official[year])
		}
	}
}

func TestHolidayNames(t *testing.T) {
	for day, want := range map[string]string{
		"2006-04-29": "みどりの日", "2007-04-29": "昭和の日", "2007-05-04": "みどりの日",
		"2018-12-23": "天皇誕生日", "2020-02-23": "天皇誕生日", "2019-12-23": "", "2019-02-23": "",
		"2019-05-01": "天皇の即位の日", "2019-10-22": "即位礼正殿の儀の行われる日", "2019-10-14": "体育の日",
		"2020-07-24": "スポーツの日", "2020-10-12": "", "2021-08-08": "山の日", "2021-08-11": "",
		"2026-09-21": "敬老の日", "2026-09-22": "国民の休日", "2026-11-23": "勤労感謝の日",
		"1999-01-01": "", "2100-01-01": "", "2099-01-01": "元日",
	} {
		if got, ok := Holiday(tokyo(t, day+" 00:00")); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", day, got, ok, want)
		}
	}
}

func TestHolidayIsTheDayInTokyo(t *testing.T) {
	// 15:00 UTC on the 22nd is midnight of the 23rd in Tokyo.
	if name, _ := Holiday(time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)); name != "勤労感謝の日" {
		t.Errorf("got %q", name)
	}
	if _, ok := Holiday(time.Date(2026, 11, 22, 14, 59, 0, 0, time.UTC)); ok {
		t.Error("the 22nd is no holiday")
	}
}

// tokyo reads "2026-11-22 08:30".
func tokyo(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, Tokyo)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
