package transcript

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse holds the parser to: no panic, every fault has its place, and what
// it accepts means the same when its lines are written and read again.
func FuzzParse(f *testing.F) {
	raw, err := os.ReadFile("testdata/directions.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	f.Add("# x\nとき：2026-11-24 10:00\n（99999999999999999999日たつ）\n住民「」\n職員A・職員B→［引き受ける］「")
	f.Add("# x\nとき：2026-11-24 10:00\n住民2「\\n」\n住民：「あ」を取り消す\n職員A→［終了］「」\n    つなぐ：あ\n（あすの 09:00 になる）")
	f.Fuzz(func(t *testing.T, text string) {
		p, errs := Parse("f", text)
		for _, err := range errs {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("a fault without its place: %v", err)
			}
		}
		if len(errs) > 0 {
			return
		}
		if p.Title == "" || p.At.IsZero() {
			t.Error("a play without title or time was accepted")
		}
		var written []string
		for i := range p.lines {
			written = append(written, p.lines[i].text)
			p.lines[i].n = i + 1
		}
		again, errs := Parse("f", strings.Join(written, "\n")+"\n")
		if len(errs) > 0 || !reflect.DeepEqual(again, p) {
			t.Errorf("written and read again it is %+v, not %+v (%v)", again, p, errs)
		}
	})
}
