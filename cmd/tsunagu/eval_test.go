package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tsunagu/triage"
)

// TestEvalCross: the city's own examples are scored without a file, and progress
// stays out of the figures.
func TestEvalCross(t *testing.T) {
	var out, progress bytes.Buffer
	eval := func(args ...string) int {
		out.Reset()
		progress.Reset()
		return run(t.Context(), streams{in: strings.NewReader(""), out: &out, err: &progress}, append([]string{"eval", "--city", "kitakami"}, args...))
	}
	code := eval("--cross", "2", "--json")
	var got triage.Cross
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s", code, err, progress.String())
	}
	if got.Folds != 2 || got.Lines.Strict.Of < 10_000 || got.Lines.Strict.Of != got.Files.Strict.Of || got.Lines.Accepted.Of != got.Lines.Strict.Of {
		t.Errorf("folds %d, lines %v, files %v", got.Folds, got.Lines.Strict, got.Files.Strict)
	}
	if progress.Len() == 0 {
		t.Error("no progress on stderr")
	}
	if got.Files.Strict.Rate() >= got.Lines.Strict.Rate() {
		t.Errorf("by file %.3f, by line %.3f: a new situation must be harder than a new sentence", got.Files.Strict.Rate(), got.Lines.Strict.Rate())
	}
	for _, bad := range [][]string{{"--cross", "1"}, {"--cross", "21"}, {"--cross", "x"}, nil} {
		if code := eval(bad...); code != 2 {
			t.Errorf("eval %v: exit %d", bad, code)
		}
	}
}
