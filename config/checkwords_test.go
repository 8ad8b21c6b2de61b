package config

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/triage"
)

// Each folder of testdata/words is what a city teaches its reader, laid over an
// otherwise good city; what Check says stands beside it.
func TestWhatACityTeachesIsChecked(t *testing.T) {
	entries, err := os.ReadDir("testdata/words")
	if err != nil {
		t.Fatal(err)
	}
	folders := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		folders++
		t.Run(e.Name(), func(t *testing.T) {
			dir, folder := village(t, nil), filepath.Join("testdata/words", e.Name())
			if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(said(dir, Check(dir, noon)), filepath.ToSlash(dir)+"/", "")
			if *update {
				write(t, folder+".txt", got)
			}
			want, err := os.ReadFile(folder + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("said\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(got, "0000") || strings.Contains(got, "佐藤") {
				t.Error("a report repeats what identifies a person")
			}
		})
	}
	if folders < 8 {
		t.Errorf("%d fixtures", folders)
	}
}

// An example of the city under another label than the program's own.
func TestAnExampleAgainstTheBase(t *testing.T) {
	l := ReadBase().examples()
	base := -1
	for i, e := range l.examples {
		if labelOf(e) == "none/elderly" {
			base = i
			break
		}
	}
	if base < 0 {
		t.Fatal("the base has no example to contradict")
	}
	was := l.examples[base]
	for field, want := range map[string]string{
		"elderly": "",
		"poverty": fmt.Sprintf("examples/none/poverty/mine.txt:1:1: 注意：同じ文が、%s:%d では none/elderly、ここでは none/poverty です。どちらか一つにします\n",
			l.at[base].file, l.at[base].line),
	} {
		dir := village(t, map[string]string{path.Join("examples/none", field, "mine.txt"): was.Text + "\n"})
		if got := said(dir, Check(dir, noon)); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

// The ten lines of the guide (triage/README.md, 2) are heard beside the base's
// forty thousand, in other words than theirs, and leave what only looks alike.
func TestTenLinesOfATownAreHeard(t *testing.T) {
	const said, alike = "除雪当番に出られない", "除雪車が来ない"
	city := func(files map[string]string) *bot.City {
		c, faults := LoadCity(village(t, files))
		if len(faults) > 0 {
			t.Fatal(Report(faults))
		}
		return c
	}
	before := city(nil)
	after := city(map[string]string{"examples/none/elderly/mine.txt": `# 除雪当番のこと
八十の母が除雪当番に当たりましたが、腰が悪くてできません
町内の除雪当番が、年をとってつらくなりました
要支援の母です。除雪当番をだれかに頼めませんか
じょせつとうばん、もう体がもちません
七十八歳、除雪当番の順番が来ましたが、ひざが痛くて行けません
除雪当番を休ませてほしい。夫は寝たきりです
ひとり暮らしの祖母に除雪当番がまわってきた
除雪当番を断ると班長さんに怒られる。八十二です
当番の雪かき、この年ではもう無理です
母が除雪当番で転びました。来年からは無理だと思います
`})
	for _, c := range []struct{ text, before, after string }{
		{said, triage.OutOfScope, triage.Elderly},
		{alike, triage.OutOfScope, triage.OutOfScope},
	} {
		if a, b := before.Read(c.text).Field, after.Read(c.text).Field; a != c.before || b != c.after {
			t.Errorf("%s: %s, then %s; want %s, then %s", c.text, a, b, c.before, c.after)
		}
	}
}

// What is doubtful about a city's words never stops the service.
func TestWordsAreDoubtedNotRefused(t *testing.T) {
	for _, name := range []string{"never", "shadowed", "crisis-tests", "personal", "long", "contradicts", "misplaced"} {
		dir := village(t, nil)
		if err := os.CopyFS(dir, os.DirFS("testdata/words/"+name)); err != nil {
			t.Fatal(err)
		}
		if _, faults := LoadCity(dir); len(faults) > 0 {
			t.Errorf("%s: %s", name, Report(faults))
		}
	}
}

// Where there are more examples than a check has time for, it says so.
func TestTooManyExamplesAreNotLookedAt(t *testing.T) {
	files := map[string]string{wordsFile: "rules:\n  - {id: shimobashira, field: poverty, any: [しもばしら当番]}\n"}
	for f := range 5 {
		var b strings.Builder
		for i := range maxLooked / 5 {
			fmt.Fprintf(&b, "介護 %d-%d\n", f, i)
		}
		files[fmt.Sprintf("examples/none/elderly/mine%d.txt", f)] = b.String()
	}
	dir := village(t, files)
	if got, want := said(dir, Check(dir, noon)), "examples: 注意：例文が、はじめから入っているものと合わせて 100000 をこえるので、例文と規則は調べていません\n"; got != want {
		t.Errorf("said %.500s", got)
	}
}
