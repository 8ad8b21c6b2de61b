package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// soundTown has nothing to complain about.
func soundTown(now time.Time) Directory {
	d := Directory{
		Prefecture: "北海道",
		Fields:     []Field{{"elderly", "高齢", "介護のこと", "elderly"}},
		Areas:      []Area{{"a", "東圏域"}, {"b", "西圏域"}},
		Districts:  []District{{ID: "east", Name: "東", Area: "a"}, {ID: "west", Name: "西", Area: "b"}},
		Calendar:   Calendar{Staff: office(), Answer: time.Hour, YearEnd: Dates{"12-29", "01-03"}},
		Policy:     Policy{General: "o0", Unknown: "general", Complex: "general", Phone: "0138-73-3111"},
	}
	for i := range 3 {
		d.Offices = append(d.Offices, Office{ID: fmt.Sprint("o", i), Name: "窓口", Fields: []string{"elderly"}, Mode: "委託", Phone: "0138-74-2500",
			Address: "中央1丁目", URL: "https://example.jp/", Hours: office(), Source: "市の計画", Checked: now.AddDate(0, -1, 0)})
	}
	for _, n := range []string{"110", "119", "189", "0120-279-338"} {
		d.Hotlines = append(d.Hotlines, Hotline{ID: n, Name: n, Number: n, Always: true, Kinds: []string{"any"}, Hours: &Hours{Open24: true}, Source: "国", Verified: now})
	}
	return d
}

func TestCheckFindsEveryFault(t *testing.T) {
	now := tokyo(t, "2026-11-22 12:00")
	if faults := Check(soundTown(now), now); len(faults) > 0 {
		t.Fatalf("a sound directory: %v", faults)
	}
	spans := func(s ...Span) *Hours { h := &Hours{}; h.Week[time.Tuesday] = s; return h }
	for _, c := range []struct {
		name    string
		spoil   func(*Directory)
		path    string
		text    string
		warning bool
	}{
		{"unknown field", func(d *Directory) { d.Offices[1].Fields[0] = "eldery" }, "offices[1].fields[0]", "eldery", false},
		{"unknown district", func(d *Directory) { d.Offices[1].Districts = []string{"north"} }, "offices[1].districts[0]", "north", false},
		{"unknown area", func(d *Directory) { d.Districts[1].Area = "c" }, "districts[1].area", "c", false},
		{"unknown branch", func(d *Directory) { d.Offices[1].Branch = "x" }, "offices[1].branch", "x", false},
		{"its own branch", func(d *Directory) { d.Offices[1].Branch = "o1" }, "offices[1].branch", "本体", false},
		{"unknown mode", func(d *Directory) { d.Offices[1].Mode = "民営" }, "offices[1].mode", "民営", false},
		{"unknown general desk", func(d *Directory) { d.Policy.General = "x" }, "policy.general", "x", false},
		{"no general desk", func(d *Directory) { d.Policy.General = "" }, "policy.general", "総合", false},
		{"general desk is a place", func(d *Directory) { d.Offices[0].Place = true }, "policy.general", "拠点", false},
		{"unknown coordinator", func(d *Directory) { d.Policy.Coordinator = "x" }, "policy.coordinator", "x", false},
		{"coordinator wanted", func(d *Directory) { d.Policy.Complex = "coordinator" }, "policy.coordinator", "ありません", false},
		{"unknown policy", func(d *Directory) { d.Policy.Unknown = "any" }, "policy.unknown", "any", false},
		{"unknown basic field", func(d *Directory) { d.Fields[0].Basic = "old" }, "fields[0].basic", "old", false},
		{"unknown prefecture", func(d *Directory) { d.Prefecture = "北海" }, "prefecture", "北海", false},
		{"no prefecture", func(d *Directory) { d.Prefecture = "" }, "prefecture", "ありません", false},
		{"twice the same office", func(d *Directory) { d.Offices[2].ID = "o1" }, "offices[2].id", "二度", false},
		{"twice the same line", func(d *Directory) { d.Hotlines[3].ID = "110" }, "hotlines[3].id", "二度", false},
		{"no id", func(d *Directory) { d.Areas[0].ID = "" }, "areas[0].id", "id", false},
		{"full-width digits", func(d *Directory) { d.Offices[0].Phone = "０１３８−７４−２５００" }, "offices[0].phone", "半角", false},
		{"a digit short", func(d *Directory) { d.Offices[0].Phone = "0138-74-250" }, "offices[0].phone", "桁数", false},
		{"an extension", func(d *Directory) { d.Offices[0].Phone = "0138-74-2500（内線1）" }, "offices[0].phone", "内線などは note", false},
		{"a minus of another width", func(d *Directory) { d.Offices[0].Phone = "０１３８−７４−２５００" }, "offices[0].phone", "半角で書きます：0138-74-2500", false},
		{"no hyphens", func(d *Directory) { d.Offices[0].Phone = "0138742500" }, "offices[0].phone", "ハイフン", true},
		{"fax too", func(d *Directory) { d.Offices[0].Fax = "12" }, "offices[0].fax", "桁数", false},
		{"town hall too", func(d *Directory) { d.Policy.Phone = "12" }, "policy.phone", "桁数", false},
		{"office without field", func(d *Directory) { d.Offices[1].Fields = nil }, "offices[1].fields", "分野がない", false},
		{"field without office", func(d *Directory) { d.Fields = append(d.Fields, Field{"child", "子", "子", "child"}) }, "fields[1]", "窓口がありません", true},
		{"no phone", func(d *Directory) { d.Offices[1].Phone = "" }, "offices[1].phone", "公開の準備", true},
		{"no address", func(d *Directory) { d.Offices[1].Address = "" }, "offices[1].address", "公開の準備", true},
		{"no hours", func(d *Directory) { d.Offices[1].Hours = nil }, "offices[1].hours", "公開の準備", true},
		{"hours without a day", func(d *Directory) { d.Offices[1].Hours = &Hours{} }, "offices[1].hours", "曜日", false},
		{"bad address on the web", func(d *Directory) { d.Offices[1].URL = "javascript:x" }, "offices[1].url", "https", false},
		{"no source", func(d *Directory) { d.Offices[1].Source = "" }, "offices[1].source", "出典", true},
		{"stale", func(d *Directory) { d.Offices[1].Checked = now.AddDate(0, 0, -401) }, "offices[1].checked", "400日", true},
		{"never checked", func(d *Directory) { d.Offices[1].Checked = time.Time{} }, "offices[1].checked", "ありません", true},
		{"checked tomorrow", func(d *Directory) { d.Offices[1].Checked = now.AddDate(0, 0, 1) }, "offices[1].checked", "先の日付", true},
		{"span upside down", func(d *Directory) { d.Offices[1].Hours = spans(Span{pm5, am9}) }, "offices[1].hours.tue[0]", "終わりが始まりより前", false},
		{"spans overlap", func(d *Directory) { d.Offices[1].Hours = spans(Span{am9, pm5}, Span{pm5 - 1, pm5 + 60}) }, "offices[1].hours.tue[1]", "重なって", false},
		{"past midnight", func(d *Directory) { d.Offices[1].Hours = spans(Span{pm5, 26 * 60}) }, "offices[1].hours.tue[0]", "24:00", false},
		{"bad date", func(d *Directory) { d.Calendar.YearEnd.To = "13-01" }, "calendar.yearend.to", "13-01", false},
		{"mixed dates", func(d *Directory) { d.Calendar.YearEnd.To = "2027-01-03" }, "calendar.yearend", "同じ形", false},
		{"dates upside down", func(d *Directory) { d.Offices[1].Hours.Closed = []Dates{{"2027-01-03", "2026-12-29"}} }, "offices[1].hours.closed[0]", "終わり", false},
		{"no such day", func(d *Directory) { d.Offices[1].Hours.Closed = []Dates{{From: "2027-02-29"}} }, "offices[1].hours.closed[0].from", "02-29", false},
		{"staff never read", func(d *Directory) { d.Calendar.Staff = &Hours{} }, "calendar.staff", "曜日", false},
		{"promise without staff hours", func(d *Directory) { d.Calendar.Staff = nil }, "calendar.answer", "約束", false},
		{"promise out of reach", func(d *Directory) { d.Calendar.Answer = 9000 * time.Hour }, "calendar.answer", "届かない", false},
		{"one district in two areas", func(d *Directory) { d.Districts[1].Name = "東地区" }, "districts[1].area", "二つの圏域", false},
		{"one alias, two districts", func(d *Directory) { d.Districts[1].Aliases = []string{"ひがし", "東"} }, "districts[1]", "呼び名", true},
		{"area without district", func(d *Directory) { d.Districts[1].Area = "a" }, "areas[1]", "地区がありません", true},
		{"district nobody serves", func(d *Directory) {
			for i := range d.Offices {
				d.Offices[i].Districts = []string{"east"}
			}
		}, "fields[0]", "西", true},
		{"line without hours", func(d *Directory) { d.Hotlines[3].Hours = nil }, "hotlines[3].hours", "表示しません", true},
		{"stale line", func(d *Directory) { d.Hotlines[3].Verified = now.AddDate(-2, 0, 0) }, "hotlines[3].verified", "400日", true},
		{"line's number", func(d *Directory) { d.Hotlines[3].Number = "0120-279-33" }, "hotlines[3].number", "桁数", false},
		{"line's prefecture", func(d *Directory) { d.Hotlines[3].Except = []string{"岩手"} }, "hotlines[3].except[0]", "岩手", false},
		{"line's kind", func(d *Directory) { d.Hotlines[3].Kinds = []string{"fire"} }, "hotlines[3].kinds[0]", "fire", false},
		{"189 missing", func(d *Directory) { d.Hotlines[2].Always = false }, "hotlines", "189", false},
		{"nobody who listens", func(d *Directory) { d.Hotlines[3].Only = []string{"岩手県"} }, "hotlines", "よりそい", true},
	} {
		d := soundTown(now)
		c.spoil(&d)
		faults := Check(d, now)
		found := slices.ContainsFunc(faults, func(f Fault) bool {
			return f.Path == c.path && strings.Contains(f.Text, c.text) && f.Warning == c.warning
		})
		if !found {
			t.Errorf("%s: not found at %s in %v", c.name, c.path, faults)
		}
	}
}

func TestAFaultyWordComesWithTheKnownOnes(t *testing.T) {
	now := tokyo(t, "2026-11-22 12:00")
	d := soundTown(now)
	d.Offices[1].Fields[0] = "eldery"
	if f := Check(d, now)[0]; !slices.Equal(f.Known, []string{"elderly"}) {
		t.Errorf("%+v", f)
	}
}

func TestPhoneForms(t *testing.T) {
	for _, good := range []string{"0138-74-2500", "03-1234-5678", "090-1234-5678", "050-3655-0279", "0120-279-338", "0120-0-78310",
		"0120-8891-77", "0570-064-556", "0570-078374", "0800-123-4567", "#8008", "110", "119", "189", "188"} {
		if text, _ := phoneFault(good); text != "" {
			t.Errorf("%s: %s", good, text)
		}
	}
	for _, bad := range []string{"+81-138-74-2500", "138-74-2500", "0138--74-2500", "-0138-74-2500", "0138 74 2500", "090-123-4567",
		"0120-279-33", "#800", "#80081", "211", "0120-061-3388", "00-1234-5678", "代表", "0138－74－2500"} {
		if text, dialable := phoneFault(bad); text == "" || dialable {
			t.Errorf("%s passed", bad)
		}
	}
}
