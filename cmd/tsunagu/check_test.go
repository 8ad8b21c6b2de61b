package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tsunagu/config"
)

// TestCheckNamesTheLinesOfAPlayThatCannotBePlayed: whoever renames a button or a
// field hears of the plays that press it, and the service starts all the same.
func TestCheckNamesTheLinesOfAPlayThatCannotBePlayed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "town")
	if err := config.Export("hokuto", dir); err != nil {
		t.Fatal(err)
	}
	play := "# 題\nとき：2026-11-24 10:00\n\n住民→［介護・高齢］\n    ［もうないボタン］\n住民→［もうないボタン］\n職員A→［つなぎ直す］「もうない分野：理由」\n住民は笑う\n"
	if err := os.WriteFile(filepath.Join(dir, "conversations", "hen.txt"), []byte(play), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := run(t.Context(), streams{strings.NewReader(""), &out, &out}, []string{"check", "--city", dir + "/"}); code != 0 {
		t.Errorf("exit %d", code)
	}
	var found []string
	for l := range strings.Lines(out.String()) {
		if _, place, is := strings.Cut(l, "conversations/"); is {
			place, _, _ = strings.Cut(place, "、")
			found = append(found, strings.TrimSpace(place))
		}
	}
	want := []string{"hen.txt:6:1: 注意：ボタン［もうないボタン］は", "hen.txt:7:1: 注意：分野「もうない分野」はありません", "hen.txt:8:1: 注意：読めない行です：住民は笑う"}
	if strings.Join(found, "\n") != strings.Join(want, "\n") {
		t.Errorf("check says of plays:\n%s", strings.Join(found, "\n"))
	}
}
