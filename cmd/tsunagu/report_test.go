package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
	"tsunagu/config"
	"tsunagu/triage"
)

func TestReportIsReadByWhoDoesNotKnowTheProgram(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	day := func(d, name string, n int) bot.Fact {
		return bot.Fact{City: "hokuto", Day: "2026-11-" + d, Name: name, N: n}
	}
	f.counts(
		bot.Fact{City: "hokuto", Day: "2026-11", Name: "path|elderly|top/care care/memory", N: 9},
		day("01", "llm|disagree|elderly|poverty", 3), day("02", "llm|disagree|elderly|poverty", 3), day("02", "llm|agree", 20),
		day("02", "taken|1d", 5), day("02", "taken|10m", 7), day("03", "taken|longer", 6),
		day("03", "case|elderly", 12), day("03", "case|poverty", 2), day("03", "case|", 1), day("03", "case|coordinator", 1),
		day("03", "closed|connected", 8), day("04", "closed|withdrawn", 3), day("04", "closed|informed", 4), day("04", "staff|close", 15),
		day("04", "outcome|complex", 6), day("04", "outcome|nodistrict", 5),
		day("04", "offhours|start", 9), day("04", "crisis|suicide", 5), day("05", "answer|top/care", 9),
		day("05", "newer", 7), day("30", "start", 40), bot.Fact{City: "hokuto", Day: "2026-12-01", Name: "start", N: 9},
	)
	want := "\ufeff市,期間,項目,区分,数,name,label\n"
	for _, row := range []string{
		"案内をはじめた（友だち追加のあいさつも、やりなおしもふくむ）,,40,start,",
		"そのうち、職員が読む時間の外,案内のはじまり,9,offhours,start",
		"危険のことばに、電話番号を案内した,合計,5,,",
		"危険のことばに、電話番号を案内した,死にたい気持ち・自傷,5,crisis,suicide",
		"窓口を案内した,合計,6,,",
		"窓口を案内した,いくつも重なる,6,outcome,complex",
		"窓口を案内した,地区は分からないまま（ほかの行にもふくまれています）,5,outcome,nodistrict",
		"新しい相談（受付番号を出した）,合計,12以上,,",
		"新しい相談（受付番号を出した）,高齢,12,case,elderly",
		"新しい相談（受付番号を出した）,分野が決まらない,<5,case,",
		"新しい相談（受付番号を出した）,多機関協働,<5,case,coordinator",
		"新しい相談（受付番号を出した）,生活困窮,<5,case,poverty",
		"受付から、職員がはじめて引き受けるまで（夜と休みの日もふくむ時間）,合計,18,,",
		"受付から、職員がはじめて引き受けるまで（夜と休みの日もふくむ時間）,10分以内,7,taken,10m",
		"受付から、職員がはじめて引き受けるまで（夜と休みの日もふくむ時間）,4時間をこえ、1日以内,5,taken,1d",
		"受付から、職員がはじめて引き受けるまで（夜と休みの日もふくむ時間）,3日をこえた,6,taken,longer",
		"職員がしたこと,終了,5以上,staff,close", // 15 would tell what 終了 hides
		"終了,合計,8以上,,",
		"終了,窓口につながった,8,closed,connected",
		"終了,情報提供で終了,<5,closed,informed",
		"終了,本人が中止,<5,closed,withdrawn",
		"AIの読み方,決まりと同じだった,20,llm,agree",
		"AIの読み方,決まりとちがった：高齢 → 生活困窮,6,llm,disagree|elderly|poverty",
		"選ばれた答え,いま、いちばん気になっているのは、どんなことですか：介護・高齢,9,answer,top/care",
		"newer,,7,newer,",
	} {
		want += "北斗市,2026-11-01〜2026-11-30," + row + "\n"
	}
	for _, city := range []string{"hokuto", "all"} {
		if code, said := f.runs("report", "--city", city, "--from", "2026-11-01", "--to", "2026-11-30"); code != 0 || said != want {
			t.Errorf("%s: exit %d\n%s\nwant\n%s", city, code, said, want)
		}
	}
}

func TestAReportDoesNotSayTheDistrict(t *testing.T) {
	var out strings.Builder
	w := csv.NewWriter(&out)
	writeReport(w, &bot.City{Name: "町", Tree: triage.Tree{Questions: []triage.Question{{ID: "where", Text: "どの地区ですか。", Districts: true}}}}, "11月",
		[]bot.Fact{{Name: "answer|where/kita", N: 4}, {Name: "answer|where/minami", N: 3}, {Name: "answer|where/*", N: 2}, {Name: "answer|where/?", N: 8}})
	w.Flush()
	if got, want := out.String(), "町,11月,選ばれた答え,どの地区ですか：地区を答えた,9,answer,where/*\n町,11月,選ばれた答え,どの地区ですか：分からない,8,answer,where/?\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestATotalTellsNoHiddenPart(t *testing.T) {
	for _, c := range []struct {
		parts map[string]int
		want  string
	}{
		{map[string]int{"a": 20, "b": 7}, "27"},
		{map[string]int{"a": 20, "b": 3}, "20以上"},
		{map[string]int{"a": 20, "b": 3, "c": 1}, "20以上"},
		{map[string]int{"a": 20, "b": 3, "c": 3}, "20以上"},
		{map[string]int{"a": 20, "b": 4, "c": 4}, "20以上"},
		{map[string]int{"a": 20, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, "20以上"},
		{map[string]int{"a": 2}, "<5"},
		{map[string]int{"a": 2, "b": 1}, "2以上"},
		{map[string]int{"a": 4, "b": 4}, "2以上"},
	} {
		if got := total(c.parts); got != c.want {
			t.Errorf("%v: %s, want %s", c.parts, got, c.want)
		}
	}
}

// Whoever counts something new says in reportwords.go how it is read.
func TestEverythingThatIsCountedHasAName(t *testing.T) {
	files, err := filepath.Glob("../../bot/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	name, seen := regexp.MustCompile(`\.fact\("([a-z_]+)`), 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(src), -1) {
			seen++
			if !slices.ContainsFunc(counters, func(k counter) bool { return k.name == m[1] }) && !strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s counts %q", file, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d found", seen)
	}
}

// A label without a word of its own would stand in the report as the program calls it.
func TestWhatIsCountedIsReadInJapanese(t *testing.T) {
	c, faults := config.LoadCity("hokuto")
	if config.Failed(faults) {
		t.Fatal(faults)
	}
	for name, labels := range map[string][]string{
		"crisis": {"suicide", "violence", "child_abuse", "elder_abuse", "disability_abuse", "medical_emergency", "no_food_or_shelter", "fire_crime"},
		"staff":  {"claim", "release", "reply", "correct", "keep", "handon", "help", "helpclaim", "helprelease", "misroute", "escalate", "close", "reopen", "takeback"},
		"closed": {"connected", "informed", "coordinated", "withdrawn", "unreachable", "outofscope"},
		"taken":  {"10m", "1h", "4h", "1d", "3d", "longer"}, "reminded": {"unclaimed", "mention", "general", "stale", "back", "alarm", "broken"},
		"file": {"shown", "big", "kind", "failed", "late", "moved", "way"}, "picture": {"shown", "back", "failed"},
		"read": {"elderly|rule", "complex|example", "child|llm"}, "outcome": {"unknown", "complex", "elderly", "nodistrict"},
	} {
		k := counters[slices.IndexFunc(counters, func(k counter) bool { return k.name == name })]
		for _, label := range labels {
			if says := k.label(c, label); regexp.MustCompile(`[a-z_]{3,}`).MatchString(says) || says == "" {
				t.Errorf("%s %s reads %q", name, label, says)
			}
		}
	}
}
