package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tsunagu/triage"
)

// FuzzClassify: every line that is not blank gets one line, in its order: what
// it was read as, or what is wrong with it; and the exit says whether any was.
func FuzzClassify(f *testing.F) {
	for _, s := range []string{`{"id":1,"text":"あ"}`, "{\"id\":\"a\",\"text\":\"b\"}\n\n{}\n[1]\nnull\n{\"text\":null}\n", "\xff\n", `{"id":{"a":[1,2]},"text":"\u0000"}` + "\r\n", `{"id":1,"text":"x"} {"id":2}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		err := classify(context.Background(), strings.NewReader(in), &out, func(context.Context, string) triage.Reading {
			return triage.Reading{Field: triage.Unclear}
		})
		want := 0
		for line := range strings.Lines(in) {
			if strings.TrimSpace(line) != "" {
				want++
			}
		}
		said := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if out.Len() == 0 {
			said = nil
		}
		if len(said) != want {
			t.Fatalf("%d lines for %d", len(said), want)
		}
		bad := false
		for _, line := range said {
			var a struct {
				ID     json.RawMessage
				Field  string
				Fields []string
				Crisis string
				Error  string
				Line   int
			}
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			bad = bad || a.Error != ""
			if a.Error == "" && (a.ID == nil || a.Field != triage.Unclear || a.Fields == nil || a.Crisis != triage.None) || a.Error != "" && a.Line < 1 {
				t.Errorf("%s", line)
			}
		}
		if (err != nil) != bad {
			t.Errorf("exit %v though bad is %v", err, bad)
		}
	})
}
