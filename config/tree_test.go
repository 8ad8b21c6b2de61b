package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/directory"
	"tsunagu/triage"
)

// walkAll follows every way through a city's tree with at most two answers to a
// question with several.
func walkAll(t *testing.T, c *bot.City, visit func(path []triage.Answer, p triage.Profile)) {
	var step func(path []triage.Answer)
	step = func(path []triage.Answer) {
		if len(path) > 9 {
			t.Fatalf("a way without end: %v", path)
		}
		place := c.Tree.Walk(path)
		if place.Cut {
			t.Fatalf("cut: %v", path)
		}
		q := place.Question
		if q == nil {
			visit(path, place.Profile)
			return
		}
		left := q.Left(path)
		if taken := len(q.Options) - len(left); q.Many && taken > 0 {
			step(append(path[:len(path):len(path)], triage.Answer{Question: q.ID, Option: triage.Done}))
			if taken == 2 {
				return
			}
		}
		step(append(path[:len(path):len(path)], triage.Answer{Question: q.ID, Option: triage.Unsure}))
		for _, o := range left {
			step(append(path[:len(path):len(path)], triage.Answer{Question: q.ID, Option: o.ID}))
		}
	}
	step(nil)
}

// Whatever a resident taps, in five taps (three more where the city has
// districts or several worries are named) offices are shown: at most three, the
// general desk among them, and no office that takes no consultations.
func TestEveryWayLeadsToOffices(t *testing.T) {
	ageOf := map[string]directory.Age{"child": directory.AgeChild, "young": directory.AgeAdult, "middle": directory.AgeAdult, "elderly": directory.AgeElderly}
	for _, name := range BuiltIn() {
		c, faults := LoadCity(name)
		if len(faults) > 0 {
			t.Fatal(Report(faults))
		}
		ways, fields := 0, map[string]bool{}
		walkAll(t, c, func(path []triage.Answer, p triage.Profile) {
			ways++
			limit := 5
			for _, a := range path {
				switch {
				case a.Question == "several":
					limit++
				case a.Question == "district" || a.Question == "concrete":
					limit++
				}
			}
			if len(path) > limit {
				t.Errorf("%s: %d taps: %v", name, len(path), path)
			}
			ch := c.Directory.Choose(directory.Need{Fields: p.Fields, District: p.District, Age: ageOf[p.Age], Complex: p.Complex, Patterns: p.Patterns})
			picks := ch.Picks()
			if len(picks) < 1 || len(picks) > 3 {
				t.Errorf("%s: %d offices: %v", name, len(picks), path)
			}
			general := false
			for _, pick := range picks {
				general = general || pick.Office.ID == c.Directory.Policy.General
				if pick.Office.Place {
					t.Errorf("%s: the place %s after %v", name, pick.Office.Name, path)
				}
			}
			if !general {
				t.Errorf("%s: no general desk: %v", name, path)
			}
			for _, f := range p.Fields {
				fields[f] = true
			}
		})
		for _, f := range c.Directory.Fields {
			if !fields[f.ID] {
				t.Errorf("%s: no way leads to the field %s", name, f.Name)
			}
		}
		t.Logf("%s: %d ways", name, ways)
	}
}

// A tapped 圏域 leads to its centre and its branch, in 北上市.
func TestAreaLeadsToItsCentre(t *testing.T) {
	c, faults := LoadCity("kitakami")
	if len(faults) > 0 {
		t.Fatal(Report(faults))
	}
	q := c.Tree.Find("district")
	if len(q.Options) != 4 {
		t.Fatalf("%d choices", len(q.Options))
	}
	for words, want := range map[string]string{
		"黒岩": "tenshochi tenshochi-satellite", "わが地区": "wakko wakkonowa", "鬼柳": "kitakamichuo", "黒沢尻西": "hondori",
		"飯豊・二子・更木・黒岩・立花・口内・稲瀬": "tenshochi tenshochi-satellite",
	} {
		hits := triage.Match(q.Options, words)
		if len(hits) != 1 {
			t.Errorf("%s: %d choices", words, len(hits))
			continue
		}
		var got []string
		for _, pick := range c.Directory.Choose(directory.Need{Fields: []string{"elderly"}, District: hits[0].District}).Main {
			got = append(got, pick.Office.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", words, got, want)
		}
	}
}

// A field the city lacks is not lost: it falls to the basic one or to the
// general desk.
func TestFineFieldsWhereTheCityHasThem(t *testing.T) {
	for name, want := range map[string][3]string{ // growth, single, indoors
		"hokuto": {"child", "child", ""}, "nonoichi": {"hattatsu", "hitorioya", "hikikomori"}, "musashimurayama": {"child", "child", "hazama"},
	} {
		c, faults := LoadCity(name)
		if len(faults) > 0 {
			t.Fatal(Report(faults))
		}
		got := [3]string{c.Tree.Find("kids").Option("growth").Field, c.Tree.Find("kids").Option("single").Field, c.Tree.Find("mind").Option("indoors").Field}
		if got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	c, _ := LoadCity("miyoshi")
	if r := c.Read("小学生の息子が不登校です。学校に行けない日が続いています"); r.Fine != "kyoiku" {
		t.Errorf("read as %q, %q", r.Field, r.Fine)
	}
	if kind := c.Crisis("もう死にたいです"); kind != triage.Suicide {
		t.Errorf("crisis %q", kind)
	}
}

// The table of text names holds what the bot uses: every name in its source, and
// no other.
func TestTextNamesAreTheBotsOwn(t *testing.T) {
	files, err := filepath.Glob("../bot/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var source strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	code := source.String()
	used := regexp.MustCompile(`(?:\bt\.t\(|sayText\(|t\.button\(|Texts\[|greet\(|answerConsent\()"([a-z.]+)"`)
	for _, m := range used.FindAllStringSubmatch(code, -1) {
		if strings.HasSuffix(m[1], ".") {
			continue // a family of names, by kind or age
		}
		if _, ok := holes[m[1]]; !ok {
			t.Errorf("the bot uses %q, which has no place in the table", m[1])
		}
	}
	for name := range holes {
		family, _, _ := strings.Cut(name, ".")
		if !strings.Contains(code, `"`+name+`"`) && !strings.Contains(code, `"`+family+`."`) {
			t.Errorf("the bot does not use %q", name)
		}
	}
}
