package config

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"tsunagu/triage"
)

const (
	wordsFile   = "words.yaml"
	crisisFile  = "crisis.yaml"
	vocabulary  = "vocabulary.txt"
	examplesDir = "examples"
	// maxExamples bounds the examples of a town's own folder, in files and in lines
	// each; the base's own files are the program's to bound.
	maxExamples = 2000
)

// readWords reads what the reader of free text goes by: a city's group or rule
// replaces the base's of the same ID, its examples are learned on top of the base's.
func (l *loader) readWords() {
	x, b := &l.lexicon, l.base
	x.Groups, x.Rules = slices.Clone(b.lexicon.Groups), slices.Clone(b.lexicon.Rules)
	x.Patterns, x.Crisis, x.Queries = slices.Clone(b.lexicon.Patterns), slices.Clone(b.lexicon.Crisis), slices.Clone(b.lexicon.Queries)
	maps.Copy(l.lines, b.lines)
	maps.Copy(l.places, b.places)
	l.faults = append(l.faults, b.faults...)
	l.untaught = b.untaught
	faults := b.wrong
	for _, file := range []string{wordsFile, crisisFile} {
		if n, ok := l.file(file, false, "own-"+strings.TrimSuffix(file, ".yaml")); ok {
			l.words(n)
			l.untaught = nil
		}
	}
	if l.untaught == nil {
		l.untaught, faults = b.untaught.Town(*x)
	}
	x.Examples = l.examples(l.own, filepath.ToSlash(l.name))
	for _, f := range faults {
		at := l.at(l.lines[f.Where], l.in(wordsFile))
		if strings.HasPrefix(l.lines[f.Where], "base-") {
			// One rule of the program's own less is better than no service.
			l.warn(at, "%s：%s（この行は使われません）", f.Where, f.Text)
			continue
		}
		l.fault(at, "%s：%s", f.Where, f.Text)
	}
	for id, p := range patternNames(*x) {
		if l.city.Patterns[id] == "" {
			l.city.Patterns[id] = p
		}
	}
}

// reader gives the city's reader: the base's, with what the city's own words and
// examples add. Both learn when they are first asked, so that whoever only looks at
// a city does not wait.
func (l *loader) reader() func() *triage.Reader {
	base, untaught, own := l.base.reader, l.untaught, l.lexicon.Examples
	if untaught == l.base.untaught && len(own) == 0 {
		return base
	}
	return sync.OnceValue(func() *triage.Reader {
		r, _ := base().Town(untaught, own) // its faults were told when the words were read
		return r
	})
}

// words reads groups, rules, patterns and crisis rules.
func (l *loader) words(n node) {
	x := &l.lexicon
	n.object(map[string]func(node){
		"groups": func(n node) {
			n.list(func(n node) {
				var g triage.Group
				n.object(map[string]func(node){"id": id(&g.ID), "field": text(&g.Field), "words": texts(&g.Words)})
				l.labelled(n, &g.Field)
				x.Groups = put(l, n, x.Groups, "groups."+g.ID, g, func(o triage.Group) bool { return o.ID == g.ID })
			})
		},
		"rules": func(n node) {
			n.list(func(n node) {
				var w triage.WordRule
				n.object(l.when(&w.When, map[string]func(node){
					"id": id(&w.ID), "field": text(&w.Field), "fine": text(&w.Fine), "who": text(&w.Who), "age": text(&w.Age), "weight": decimal(&w.Weight),
				}))
				l.labelled(n, &w.Field)
				l.known(l.at(n.path+".fine", n.file), "分野", w.Fine, l.fieldIDs())
				l.known(l.at(n.path+".who", n.file), "who", w.Who, whos)
				l.known(l.at(n.path+".age", n.file), "age", w.Age, ages)
				x.Rules = put(l, n, x.Rules, "rules."+w.ID, w, func(o triage.WordRule) bool { return o.ID == w.ID })
			})
		},
		"patterns": func(n node) {
			n.list(func(n node) {
				var p triage.PatternRule
				n.object(l.when(&p.When, map[string]func(node){
					"id": id(&p.ID), "name": text(&p.Name), "field": text(&p.Field), "fields": texts(&p.Fields), "weight": decimal(&p.Weight),
				}))
				l.labelled(n, &p.Field)
				x.Patterns = put(l, n, x.Patterns, "patterns."+p.ID, p, func(o triage.PatternRule) bool { return o.ID == p.ID })
			})
		},
		"crisis": func(n node) {
			n.list(func(n node) {
				var c triage.CrisisRule
				n.object(l.when(&c.When, map[string]func(node){
					"id": id(&c.ID), "kind": text(&c.Kind), "weak": boolean(&c.Weak), "examples": texts(&c.Examples), "decoys": texts(&c.Decoys),
				}))
				c.Own = !strings.HasPrefix(n.file, baseDir+"/")
				before := len(l.faults)
				if l.known(l.at(n.path+".kind", n.file), "危機の種類", c.Kind, append([]string{triage.None}, triage.Kinds...)); len(l.faults) > before {
					c.Kind = triage.Kinds[0] // said once
				}
				x.Crisis = put(l, n, x.Crisis, "crisis."+c.ID, c, func(o triage.CrisisRule) bool { return o.ID == c.ID })
			})
		},
		"queries": func(n node) {
			n.list(func(n node) {
				var q triage.QueryRule
				n.object(l.when(&q.When, map[string]func(node){"id": id(&q.ID), "whole": texts(&q.Whole), "examples": texts(&q.Examples), "decoys": texts(&q.Decoys)}))
				x.Queries = put(l, n, x.Queries, "queries."+q.ID, q, func(o triage.QueryRule) bool { return o.ID == q.ID })
			})
		},
	})
}

// labelled faults a rule's field that is none of the seven labels; the fine fields
// of a city go into fine.
func (l *loader) labelled(n node, field *string) {
	before := len(l.faults)
	l.known(l.at(n.path+".field", n.file), "分野", *field,
		[]string{triage.Elderly, triage.Disability, triage.Child, triage.Poverty, triage.Complex, triage.Unclear, triage.OutOfScope})
	if len(l.faults) > before {
		*field = triage.Unclear // said once
	}
}

// put adds an entry, or replaces the one of the same ID that another file had.
func put[T any](l *loader, n node, list []T, where string, entry T, same func(T) bool) []T {
	i := slices.IndexFunc(list, same)
	old := l.lines[where]
	l.lines[where] = n.path
	if i >= 0 && rootOf(old) != rootOf(n.path) {
		list[i] = entry
		return list
	}
	return append(list, entry)
}

func (l *loader) when(w *triage.When, keys map[string]func(node)) map[string]func(node) {
	keys["all"], keys["any"], keys["not"] = texts(&w.All), texts(&w.Any), texts(&w.Not)
	return keys
}

func patternNames(x triage.Lexicon) map[string]string {
	out := map[string]string{}
	for _, p := range x.Patterns {
		out[p.ID] = p.Name
	}
	return out
}

// vocabulary reads the base's words: on each line a word, how often it was
// counted and, where it is another, the form that dictionaries have, between tabs.
func (l *loader) vocabulary() []triage.Word {
	shown := path.Join(baseDir, vocabulary)
	data, _ := l.slurp(l.base.files, vocabulary, shown)
	var out []triage.Word
	for i, line := range strings.Split(data, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, "\t")
		w := triage.Word{Text: parts[0], Base: parts[len(parts)-1]}
		if len(parts) == 2 {
			w.Base = w.Text
		}
		if len(parts) > 1 {
			w.Count, _ = strconv.Atoi(parts[1])
		}
		if w.Count < 1 || len(parts) > 3 {
			l.warn(place{shown, i + 1, 1}, "ことば、回数、辞書の形を、タブで分けて書きます（この行は使われません）")
			continue
		}
		out = append(out, w)
	}
	return out
}

// examples reads labelled messages: examples/<crisis>/<field>/<name>.txt, a
// message a line, # before a remark; the field of several worries names them:
// complex-elderly+child. decoy/ holds alarming words in harmless use.
func (l *loader) examples(from fs.FS, name string) []triage.Example {
	files, err := fs.Glob(from, examplesDir+"/*/*/*.txt")
	if err != nil {
		return nil
	}
	if len(files) > maxExamples && name != baseDir {
		l.fault(place{file: path.Join(name, examplesDir)}, "例文のファイルは %d までです", maxExamples)
		return nil
	}
	type part struct {
		triage.Example // but for its text
		data           string
	}
	var parts []part
	lines := 0
	for _, file := range files {
		folders := strings.Split(file, "/")
		shown := path.Join(name, file)
		e, ok := l.label(place{file: shown}, folders[1], folders[2])
		data, read := l.slurp(from, file, shown)
		if ok && read {
			e.File = shown
			parts, lines = append(parts, part{e, data}), lines+strings.Count(data, "\n")+1
		}
	}
	out := make([]triage.Example, 0, lines)
	l.examplesAt = slices.Grow(l.examplesAt, lines)
	for _, p := range parts {
		e := p.Example
		for i, raw := range strings.Split(strings.TrimPrefix(p.data, "\ufeff"), "\n") {
			line := strings.TrimSpace(raw)
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case i > maxExamples*10:
				l.fault(place{e.File, i + 1, 1}, "例文が多すぎます")
				return out
			default:
				e.Text, e.Line = line, i+1
				out = append(out, e)
				indent := len(raw) - len(strings.TrimLeftFunc(raw, unicode.IsSpace))
				l.examplesAt = append(l.examplesAt, place{e.File, e.Line, utf8.RuneCountInString(raw[:indent]) + 1})
			}
		}
	}
	return out
}

// label reads what the names of the folders say about the messages in them.
func (l *loader) label(at place, kind, field string) (e triage.Example, ok bool) {
	e.Crisis, e.Decoy = kind, kind == "decoy"
	if e.Decoy {
		e.Crisis = triage.None
	}
	before := len(l.faults)
	l.known(at, "危機の種類", e.Crisis, append([]string{triage.None, "decoy"}, triage.Kinds...))
	basics := []string{triage.Elderly, triage.Disability, triage.Child, triage.Poverty}
	name, of, several := strings.Cut(field, "-")
	e.Field = name
	l.known(at, "分野", name, append([]string{triage.Complex, triage.Unclear, triage.OutOfScope}, basics...))
	switch {
	case several:
		e.Fields = strings.Split(of, "+")
		for _, f := range e.Fields {
			l.known(at, "分野", f, basics)
		}
	case slices.Contains(basics, name):
		e.Fields = []string{name}
	}
	return e, len(l.faults) == before
}

func (l *loader) slurp(from fs.FS, name, shown string) (string, bool) {
	f, err := from.Open(name)
	if err != nil {
		l.fault(place{file: shown}, "開けません")
		return "", false
	}
	defer f.Close()
	var data bytes.Buffer
	if info, err := f.Stat(); err == nil {
		data.Grow(int(min(info.Size(), maxFile)) + bytes.MinRead)
	}
	if _, err := data.ReadFrom(io.LimitReader(f, maxFile+1)); err != nil || data.Len() > maxFile {
		l.fault(place{file: shown}, "読めないか、大きすぎます（1 MiB まで）")
		return "", false
	}
	return data.String(), true
}
