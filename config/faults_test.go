package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected faults")

// village copies the faultless city into a folder, with some files replaced.
func village(t testing.TB, replace map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mura")
	if err := os.CopyFS(dir, os.DirFS("testdata/good")); err != nil {
		t.Fatal(err)
	}
	for name, text := range replace {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// said is a report with the folder's name cut off, without the base's lines.
func said(dir string, faults []Fault) string {
	var own []Fault
	for _, f := range faults {
		if !strings.HasPrefix(f.File, baseDir+"/") {
			f.File = strings.TrimPrefix(f.File, filepath.ToSlash(dir)+"/")
			own = append(own, f)
		}
	}
	return Report(own)
}

func TestTheGoodCityHasNoFault(t *testing.T) {
	dir := village(t, nil)
	if got := said(dir, Check(dir, noon)); got != "" {
		t.Error(got)
	}
	if _, faults := LoadCity(dir); len(faults) > 0 {
		t.Error(Report(faults))
	}
}

// Each file of testdata/faults is one faulty file of an otherwise good city,
// called after the fault and, behind the dot, after the file; what Check says
// stands beside it.
func TestEachFaultIsToldAtItsPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, part, _ := strings.Cut(name, ".")
			dir := village(t, map[string]string{part + ".yaml": string(text)})
			got := said(dir, Check(dir, noon))
			if !strings.Contains(got, ":") {
				t.Errorf("no fault found: %q", got)
			}
			expected := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				write(t, expected, got)
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("said\n%s\nwant\n%s", got, want)
			}
		})
	}
}
