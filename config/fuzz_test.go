package config

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzYAML feeds any bytes to every reader of a file: no panic, and what is
// faulted has a place within the file.
func FuzzYAML(f *testing.F) {
	for _, pattern := range []string{"testdata/faults/*.yaml", "testdata/good/*.yaml", "cities/*/city.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Add([]byte(goodConfig))
	base := ReadBase()
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		for _, name := range []string{cityFile, triageFile, directoryFile, textsFile, hotlinesFile} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, "tsunagu.yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		l := base.loader(dir)
		l.own = os.DirFS(dir)
		l.readCity()
		l.readDirectory()
		l.readHotlines()
		l.readTexts()
		l.readTriage()
		l.readForbidden()
		l.ready = true // judge even what could be read in part
		l.check(noon)
		_, faults := Load(path)
		for _, fault := range append(l.faults, faults...) {
			if fault.File == "" || fault.Text == "" || fault.Line < 0 || fault.Line > 0 && fault.Col < 1 {
				t.Errorf("%+v", fault)
			}
		}
	})
}
