package directory

import (
	"slices"
	"strings"
	"testing"
)

func TestChooseFollowsTheTown(t *testing.T) {
	general := riverTown()
	general.Policy.Complex = "general"
	nearest := riverTown()
	nearest.Policy.Unknown = "nearest"
	byField := riverTown()
	byField.Policy.Unknown = "field"
	comprehensive := riverTown() // the general desk answers for a field itself
	comprehensive.Policy.General = "kurashi"
	twoCentres := riverTown()
	twoCentres.Offices = slices.DeleteFunc(twoCentres.Offices, func(o Office) bool { return o.ID == "wakko" })
	for _, c := range []struct {
		name string
		town Directory
		need Need
		want string // in the order shown
		says string // a part of Why or Notes
	}{
		{"one office", riverTown(), Need{Fields: []string{"poverty"}}, "kurashi soudan", "分野は生活困窮"},
		{"main office before its branch", riverTown(), Need{Fields: []string{"elderly"}, District: "futago"}, "tenshochi satellite soudan", "地区は二子"},
		{"the district's own centre only", riverTown(), Need{Fields: []string{"elderly"}, District: "waga"}, "wakko soudan", ""},
		{"district unknown, several centres: none is guessed", riverTown(), Need{Fields: []string{"elderly"}}, "soudan", "お住まいの地区によって"},
		{"district unknown, two centres: both", twoCentres, Need{Fields: []string{"elderly"}}, "soudan tenshochi hondori", "お住まいの地区によって"},
		{"an ID nobody knows is an unknown district", riverTown(), Need{Fields: []string{"elderly"}, District: "moon"}, "soudan", "地区が分からない"},
		{"district without a centre", riverTown(), Need{Fields: []string{"elderly"}, District: "aisari"}, "soudan", "相去地区を受け持つ高齢の窓口が登録されていない"},
		{"more than three offices", riverTown(), Need{Fields: []string{"disability"}}, "kikan hagi soudan", "ほかにも窓口があります"},
		{"field without provider", riverTown(), Need{Fields: []string{"kyoiku"}}, "soudan", "教育の窓口が登録されていない"},
		{"coordinator is no field's default", riverTown(), Need{Fields: []string{"hazama"}}, "soudan", ""},
		{"a basic field stands for the town's first", riverTown(), Need{Fields: []string{"child"}}, "kodomo soudan", "分野は子育て"},
		{"general desk answers for the field: once", comprehensive, Need{Fields: []string{"poverty"}}, "kurashi", ""},
		{"unknown goes to the general desk", riverTown(), Need{}, "soudan", "分野がまだ分からない"},
		{"labels that are no field", riverTown(), Need{Fields: []string{"unclear", "outofscope", ""}}, "soudan", ""},
		{"unknown, nearest: the district's desk too", nearest, Need{District: "waga"}, "soudan wakko", "連絡しやすい窓口"},
		{"unknown, nearest without a district", nearest, Need{}, "soudan", "連絡しやすい窓口"},
		{"unknown, by age", byField, Need{Age: AgeChild}, "kodomo soudan", "年齢から子育ての窓口へ"},
		{"unknown, grown up", byField, Need{Age: AgeAdult}, "soudan", ""},
		{"two fields stay below the threshold", riverTown(), Need{Fields: []string{"poverty", "disability"}}, "kurashi kikan soudan", "目安に届かない"},
		{"the general desk answers for the second field: its place is the last", comprehensive, Need{Fields: []string{"disability", "poverty"}}, "kikan kurashi", ""},
		{"three reach it", riverTown(), Need{Fields: []string{"poverty", "disability", "kosodate"}}, "shakyo kurashi soudan", "3分野以上は「社会福祉協議会」へ"},
		{"the same field thrice is one", riverTown(), Need{Fields: []string{"poverty", "poverty", "poverty"}}, "kurashi soudan", ""},
		{"complex to the general desk, fields named", general, Need{Fields: []string{"elderly", "poverty"}, District: "kita"}, "soudan hondori kurashi", "困りごとが重なっている（高齢・生活困窮）"},
		{"a pattern makes it complex", general, Need{Fields: []string{"poverty"}, Patterns: []string{"8050"}}, "soudan kurashi", "8050にあたる可能性"},
		{"complex alone", riverTown(), Need{Fields: []string{"complex"}}, "soudan", "困りごとが重なっている"},
		{"complex, district unknown", general, Need{Fields: []string{"elderly", "poverty"}}, "soudan kurashi", "お住まいの地区によって"},
	} {
		got := c.town.Choose(c.need)
		if ids := strings.Join(pickIDs(got.Picks()), " "); ids != c.want {
			t.Errorf("%s: got %s, want %s (%v)", c.name, ids, c.want, got.Why)
		}
		if said := strings.Join(append(got.Why, got.Notes...), "／"); !strings.Contains(said, c.says) {
			t.Errorf("%s: %q is missing in %s", c.name, c.says, said)
		}
		for _, p := range got.Picks() {
			if p.Reason == "" {
				t.Errorf("%s: no reason for %s", c.name, p.Office.Name)
			}
		}
	}
}

func TestChoiceTellsTheCard(t *testing.T) {
	c := riverTown().Choose(Need{Fields: []string{"disability"}})
	if c.Field != "disability" || c.Complex || c.Coordinator || c.AskDistrict || !slices.Equal(officeIDs(c.Others), []string{"sakura"}) {
		t.Errorf("%+v", c)
	}
	c = riverTown().Choose(Need{Fields: []string{"elderly"}})
	if !c.AskDistrict || !c.GeneralFirst || len(c.Others) != 4 {
		t.Errorf("%+v", c)
	}
	c = riverTown().Choose(Need{Fields: []string{"poverty", "disability", "kosodate"}})
	if !c.Complex || !c.Coordinator || c.Field != "poverty" || !slices.Equal(officeIDs(c.Others), []string{"kikan", "hagi", "sakura", "kodomo"}) {
		t.Errorf("%+v %v", c, officeIDs(c.Others))
	}
}

func TestPlacesAreShownOnlyWhereNothingElseIs(t *testing.T) {
	d := riverTown()
	d.Policy.General = ""
	d.Offices = slices.DeleteFunc(d.Offices, func(o Office) bool { return !o.Place })
	got := d.Choose(Need{Fields: []string{"kosodate"}})
	if ids := pickIDs(got.Picks()); !slices.Equal(ids, []string{"", "hiroba"}) || got.General.Office.Name != "市役所" || got.General.Office.Phone != "0197-00-0000" {
		t.Errorf("%q %+v", ids, got.General)
	}
	for _, p := range riverTown().Choose(Need{Fields: []string{"kosodate"}}).Picks() {
		if p.Office.Place {
			t.Error("a place is shown beside an office")
		}
	}
}

func TestAnEmptyDirectoryStillAnswers(t *testing.T) {
	picks := Directory{}.Choose(Need{Fields: []string{"elderly"}, Complex: true}).Picks()
	if len(picks) != 1 || picks[0].Office.Name == "" || picks[0].Office.Phone != "" {
		t.Errorf("%+v", picks)
	}
}
