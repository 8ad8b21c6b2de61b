package config

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"tsunagu/triage"
)

// PlayFile is one play of a city.
type PlayFile struct {
	Name string // as shown: hokuto/conversations/kaigo.txt
	Path string // on disk; "" for a built-in city
	Text string
}

// Plays lists the plays of a city (conversations/*.txt) by name.
func Plays(nameOrDir string) ([]PlayFile, error) {
	l := &loader{notes: newNotes(), name: nameOrDir}
	if !l.find(nameOrDir) {
		return nil, &NoCity{Faults: l.faults}
	}
	names, err := fs.Glob(l.own, "conversations/*.txt")
	if err != nil {
		return nil, err
	}
	var out []PlayFile
	for _, name := range names {
		b, err := fs.ReadFile(l.own, name)
		if err != nil {
			return nil, err
		}
		p := PlayFile{Name: path.Join(filepath.ToSlash(nameOrDir), name), Text: strings.TrimPrefix(string(b), "\ufeff")}
		if IsFolder(nameOrDir) {
			p.Path = filepath.Join(nameOrDir, filepath.FromSlash(name))
		}
		out = append(out, p)
	}
	return out, nil
}

// NoCity is a city that cannot be opened.
type NoCity struct{ Faults []Fault }

func (e *NoCity) Error() string { return Report(e.Faults) }

// Where says which files a city is read from: a folder or the built-in ones.
func Where(nameOrDir string) string {
	if IsFolder(nameOrDir) {
		return "市のフォルダ：" + nameOrDir
	}
	return "組みこみの市：" + nameOrDir
}

// Lexicons are what a city's reader learns from: the base's words, rules and
// examples; and those words and rules with the city's, and the city's own examples.
func (b *Base) Lexicons(nameOrDir string) (base, city triage.Lexicon, err error) {
	l := b.open(nameOrDir)
	if faults := errorsOnly(l.faults); len(faults) > 0 {
		return base, city, &NoCity{Faults: sorted(faults)}
	}
	base = b.lexicon
	base.Examples = b.examples().examples
	return base, l.lexicon, nil
}
