package directory

import (
	"strings"
	"testing"
	"time"
)

func lines() []Hotline {
	day := weekdaysFrom(Span{8*60 + 30, 17*60 + 15})
	day.Closed = []Dates{{"12-29", "01-03"}}
	always := &Hours{Open24: true}
	return []Hotline{
		{ID: "yorisoi", Name: "よりそいホットライン", Number: "0120-279-338", Except: []string{"岩手県", "宮城県", "福島県"}, Kinds: []string{"suicide"}, Hours: always, Cost: "無料", Always: true, Rank: 40},
		{ID: "yorisoi3", Name: "よりそいホットライン", Number: "0120-279-226", Only: []string{"岩手県", "宮城県", "福島県"}, Kinds: []string{"suicide"}, Hours: always, Cost: "無料", Always: true, Rank: 40},
		{ID: "inochi", Name: "いのちの電話", Number: "0120-783-556", Kinds: []string{"suicide"}, Hours: daily(Span{16 * 60, 21 * 60}), Cost: "無料", Rank: 50},
		{ID: "sos", Name: "子供SOS", Number: "0120-0-78310", Kinds: []string{"suicide", "child_abuse"}, Audience: "子ども", Hours: always, HoursText: "24時間", Rank: 60},
		{ID: "unverified", Name: "時間の分からない電話", Number: "0120-061-338", Kinds: []string{"suicide"}, Rank: 1},
		{ID: "jinken", Name: "こどもの人権110番", Number: "0120-007-110", Kinds: []string{"child_abuse"}, Hours: day, Rank: 15},
	}
}

func TestLinesOrder(t *testing.T) {
	d := Directory{Prefecture: "北海道", Hotlines: lines()}
	const closers = "110 119 189 0120-279-338"
	for _, c := range []struct{ name, kind, prefecture, at, want string }{
		{"lifelines first, the closed one after the open", "suicide", "", "2026-11-24 10:00", "0120-279-338 0120-0-78310 0120-783-556 110 119 189"},
		{"open at four", "suicide", "", "2026-11-24 16:00", "0120-279-338 0120-783-556 0120-0-78310 110 119 189"},
		{"the prefecture's own number", "suicide", "岩手県", "2026-11-24 10:00", "0120-279-226 0120-0-78310 0120-783-556 110 119 189"},
		{"said without 県", "medical_emergency", "福島", "2026-11-24 10:00", "119 110 189 0120-279-226"},
		{"fire", "fire_crime", "", "2026-11-24 10:00", "119 110 189 0120-279-338"},
		{"medical", "medical_emergency", "", "2026-11-24 10:00", "119 110 189 0120-279-338"},
		{"violence", "violence", "", "2026-11-24 10:00", "110 119 189 0120-279-338"},
		{"child abuse by day", "child_abuse", "", "2026-11-24 10:00", "0120-007-110 189 110 0120-0-78310 119 0120-279-338"},
		{"child abuse on a holiday", "child_abuse", "", "2026-11-23 10:00", "189 110 0120-0-78310 0120-007-110 119 0120-279-338"},
		{"elder abuse has no national line", "elder_abuse", "", "2026-11-24 10:00", "110 119 189 0120-279-338"},
		{"hunger", "no_food_or_shelter", "", "2026-11-24 10:00", closers},
		{"a kind nobody knows", "weather", "", "2026-11-24 10:00", closers},
	} {
		var got []string
		for _, l := range d.Lines(c.kind, c.prefecture, tokyo(t, c.at)) {
			got = append(got, l.Number)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %s, want %s", c.name, s, c.want)
		}
	}
}

func TestLinesAreNeverEmpty(t *testing.T) {
	for _, d := range []Directory{{}, {Hotlines: []Hotline{{Number: "110", Always: true}, {Number: "119", Always: true, Hours: &Hours{Open24: true}, Only: []string{"東京都"}}}}} {
		got := map[string]int{}
		for _, l := range d.Lines("suicide", "", time.Time{}) {
			got[l.Number]++
		}
		if got["110"] != 1 || got["119"] != 1 || got["189"] != 1 {
			t.Errorf("%v", got)
		}
	}
}

func TestLineSaysTheTruthAboutNow(t *testing.T) {
	d := Directory{Prefecture: "東京都", Hotlines: lines()}
	want := map[string]string{
		"0120-783-556": "いのちの電話　0120-783-556\n毎日 午後4時〜午後9時・無料・いまは時間外（きょう午後4時から）",
		"0120-0-78310": "子供SOS　0120-0-78310\n24時間・子ども・いま つながります",
		"0120-279-338": "よりそいホットライン　0120-279-338\n24時間・無料・いま つながります",
		"110":          "警察　110\n24時間・無料・いま つながります",
	}
	for _, l := range d.Lines("suicide", "", tokyo(t, "2026-11-23 10:00")) {
		if w := want[l.Number]; w != "" && l.Text() != w {
			t.Errorf("got %q, want %q", l.Text(), w)
		}
		delete(want, l.Number)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	for _, l := range d.Lines("child_abuse", "", tokyo(t, "2026-12-29 10:00")) {
		if l.ID == "jinken" && (l.Open || l.Now != "いまは時間外（1月4日（月）午前8時30分から）" || l.HoursText != "月〜金 午前8時30分〜午後5時15分（祝日、12月29日〜1月3日は休み）") {
			t.Errorf("%+v", l)
		}
	}
}

func TestThePrefectureIsComparedByItsName(t *testing.T) {
	h := Hotline{Only: []string{"京都府"}}
	for name, want := range map[string]bool{"京都府": true, "京都": true, "東京都": false, "東京": false, "": false} {
		if h.reaches(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
