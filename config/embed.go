package config

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed all:cities
var embedded embed.FS

// learned is what the base's examples teach, so that no start learns them: a line that
// says from what it was learned, and behind it what triage.Learned wrote. `make learn`
// writes it.
//
//go:embed cities/_base/learned.bin
var learned string

// baseDir is the folder that every city stands over.
const baseDir = "_base"

// BuiltIn lists the names of the built-in cities.
func BuiltIn() []string {
	entries, err := fs.ReadDir(embedded, "cities")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), "_") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

func builtIn(name string) (fs.FS, bool) {
	if !slices.Contains(BuiltIn(), name) {
		return nil, false
	}
	sub, err := fs.Sub(embedded, "cities/"+name)
	return sub, err == nil
}

func base() fs.FS {
	sub, err := fs.Sub(embedded, "cities/"+baseDir)
	if err != nil {
		return embedded // only when the folder is not embedded: every file is then missing
	}
	return sub
}
