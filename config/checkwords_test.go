package config

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
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
	l := open(village(t, nil))
	base := -1
	for i, e := range l.lexicon.Examples[:l.baseExamples] {
		if labelOf(e) == "none/elderly" {
			base = i
			break
		}
	}
	if base < 0 {
		t.Fatal("the base has no example to contradict")
	}
	was := l.lexicon.Examples[base]
	for field, want := range map[string]string{
		"elderly": "",
		"poverty": fmt.Sprintf("examples/none/poverty/mine.txt:1:1: 注意：同じ文が、%s:%d では none/elderly、ここでは none/poverty です。どちらか一つにします\n",
			l.examplesAt[base].file, l.examplesAt[base].line),
	} {
		dir := village(t, map[string]string{path.Join("examples/none", field, "mine.txt"): was.Text + "\n"})
		if got := said(dir, Check(dir, noon)); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
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
	for f := range 3 {
		var b strings.Builder
		for i := range maxLooked / 3 {
			fmt.Fprintf(&b, "介護 %d-%d\n", f, i)
		}
		files[fmt.Sprintf("examples/none/elderly/mine%d.txt", f)] = b.String()
	}
	dir := village(t, files)
	if got, want := said(dir, Check(dir, noon)), "examples: 注意：例文が、はじめから入っているものと合わせて 60000 をこえるので、例文と規則は調べていません\n"; got != want {
		t.Errorf("said %.500s", got)
	}
}
