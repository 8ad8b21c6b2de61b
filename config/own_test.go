package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A word that only holds a forbidden phrase passes.
func TestForbiddenPhrasesHaveExceptions(t *testing.T) {
	for text, ok := range map[string]bool{"必ずしも急ぎません。": true, "必ずしも急ぎませんが、必ず返事をします。": false, "大丈夫ですか。": true, "大丈夫です。": false} {
		dir := village(t, map[string]string{textsFile: "refused: " + text + "\n"})
		if got := said(dir, Check(dir, noon)); ok != (got == "") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// The base's tree finds a city's fields by what they belong to, whatever their
// IDs; what the city lacks leads to the general desk.
func TestTheBaseTreeFindsACitysOwnFields(t *testing.T) {
	good, err := os.ReadFile("testdata/good/" + directoryFile)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.NewReplacer("id: elderly,", "id: kourei,", "[elderly]", "[kourei]").Replace(string(good))
	c, faults := LoadCity(village(t, map[string]string{directoryFile: own, triageFile: "base: true\n"}))
	if len(faults) > 0 {
		t.Fatal(Report(faults))
	}
	if f := c.Tree.Find("care").Option("daily").Field; f != "kourei" {
		t.Errorf("field %q", f)
	}
	if f := c.Tree.Find("kids").Option("raise").Field; f != "" {
		t.Errorf("field %q in a city without one for children", f)
	}
	if only := c.Tree.Find("district").OnlyFields; len(only) != 1 || only[0] != "kourei" {
		t.Errorf("the district is asked for %v", only)
	}
}

// A city's own question, text and hotline replace the base's of that name.
func TestACitysOwnGoesBeforeTheBases(t *testing.T) {
	c, faults := LoadCity(village(t, map[string]string{
		triageFile: "base: true\nquestions:\n  - id: who\n    text: どなたのことですか。\n    goto: age\n    options:\n" +
			"      - {id: self, label: 本人です, who: self}\n",
		textsFile:    "quit: では、また。\n",
		hotlinesFile: "hotlines:\n  - {id: \"119\", name: 消防署, number: \"119\", kinds: [medical_emergency], hours: {open24: true}, source: 村, verified: 2026-11-01, always: true}\n",
	}))
	if len(faults) > 0 {
		t.Fatal(Report(faults))
	}
	name := ""
	for _, h := range c.Directory.Hotlines {
		if h.Number == "119" {
			name += h.Name
		}
	}
	if q := c.Tree.Find("who"); q.Text != "どなたのことですか。" || len(q.Options) != 1 || c.Texts["quit"] != "では、また。" || name != "消防署" {
		t.Errorf("%+v %q %q", q, c.Texts["quit"], name)
	}
}

func TestExportLeavesAFullFolderAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "memo.txt"), "だいじなメモ")
	err := Export("hokuto", dir)
	if err == nil || !strings.Contains(err.Error(), "空ではありません") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files", len(entries))
	}
}

// The three files that the guide gives for a town of one's own are a town.
func TestTheGuidesSmallestTownHasNoFault(t *testing.T) {
	guide, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "aoba")
	for _, block := range strings.Split(string(guide), "```yaml\n# aoba/")[1:] {
		name, text, _ := strings.Cut(block, "\n")
		text, _, _ = strings.Cut(text, "```")
		write(t, filepath.Join(dir, name), text)
	}
	c, faults := LoadCity(dir + "/")
	if Failed(faults) || c.Name != "青葉市" {
		t.Fatal(Report(faults))
	}
}

// Who names a file .yml hears which file that should have been.
func TestAFileOfAnotherNameIsNamed(t *testing.T) {
	dir := village(t, nil)
	if err := os.Rename(filepath.Join(dir, "directory.yaml"), filepath.Join(dir, "directory.yml")); err != nil {
		t.Fatal(err)
	}
	if got := said(dir, Check(dir, noon)); !strings.Contains(got, "「directory.yml」の名前を「directory.yaml」に") {
		t.Error(got)
	}
}

func TestHoursWithoutADaySayHowTheyAreWritten(t *testing.T) {
	dir := village(t, map[string]string{directoryFile: "fields:\n  - {id: poverty, name: 生活困窮, plain: くらしのこと, basic: poverty}\noffices:\n  - {id: a, name: 村, general: true, does: 聞きます。, hours: \"9:00-17:00\"}\n"})
	_, faults := LoadCity(dir)
	if got := Report(faults); !strings.Contains(got, "directory.yaml:4:57: 時間は、曜日といっしょに書きます") {
		t.Error(got)
	}
}
