package directory

import (
	"fmt"
	"strings"
	"testing"
)

func TestFindDistrict(t *testing.T) {
	d := riverTown()
	d.Districts = append(d.Districts, District{ID: "go", Name: "郷・押野地区", Kana: "ごう・おしの"},
		District{ID: "honmachi", Name: "本町"}, District{ID: "kitahonmachi", Name: "北本町"})
	for text, want := range map[string]string{
		"黒沢尻北":          "kita",
		"黒沢尻北地区":        "kita",
		"黒沢尻西":          "nishi",
		" 黒沢尻　西 地区 ":    "nishi",
		"くろさわじりきた":      "kita",
		"クロサワジリキタ":      "kita",
		"ｸﾛｻﾜｼﾞﾘｷﾀ":     "kita",
		"ｅｚｕｒｉｋｏ":       "ezuriko",
		"EZURIKO":       "ezuriko",
		"北江釣子":          "ezuriko",
		"わが":            "waga",
		"口内に住んでいます":     "kuchinai",
		"黒沢尻東の、駅の近くです。": "higashi",
		"黒沢尻":           "kita nishi", // the area of that name
		"黒沢":            "kita nishi higashi",
		"展勝地圏域":         "iitoyo futago kuchinai",
		"わが家は飯豊か二子のあたり": "iitoyo futago",
		"郷":          "go",
		"押野です":       "go",
		"ごう":         "go",
		"北本町に住んでいます": "kitahonmachi",
		"分からない":      "",
		"東":          "",
		"":           "",
		"　。":         "",
		"地区":         "",
		"わがままを言ってすみません":                 "",
		strings.Repeat("あ", 200) + "口内": "",
	} {
		var got []string
		for _, x := range d.FindDistrict(text) {
			got = append(got, x.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %q", text, got, want)
		}
	}
}

func TestDistrictMenuGoesByAreaWhenLong(t *testing.T) {
	d := riverTown()
	areas, loose := d.DistrictMenu("")
	if len(areas) != 4 || len(loose) != 0 {
		t.Errorf("ten districts: %v %v", areas, loose)
	}
	if areas, in := d.DistrictMenu("tenshochi"); areas != nil || len(in) != 3 {
		t.Errorf("one area: %v %v", areas, in)
	}
	d.Districts[0].Area = ""
	if _, loose := d.DistrictMenu(""); len(loose) != 1 {
		t.Errorf("a district without an area stands beside the areas: %v", loose)
	}
	d.Districts = d.Districts[:9]
	if areas, all := d.DistrictMenu(""); areas != nil || len(all) != 9 {
		t.Errorf("nine districts need no areas: %v %v", areas, all)
	}
}

func TestFindDistrictShowsNoMoreThanTheChoices(t *testing.T) {
	var d Directory
	for i := range 30 {
		d.Districts = append(d.Districts, District{ID: fmt.Sprint(i), Name: fmt.Sprintf("本町%c", 'あ'+rune(i))})
	}
	if got := d.FindDistrict("本町"); len(got) != MaxChoices {
		t.Errorf("%d candidates", len(got))
	}
}
