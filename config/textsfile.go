package config

import (
	"io/fs"
	"strings"
)

// readTexts reads the texts: the program's, over them the base copy of an
// exported city, over them the city's own.
func (l *loader) readTexts() {
	take := func(n node) {
		n.each(func(name string, k, v node) {
			var s string
			text(&s)(v)
			l.city.Texts[name], l.lines[name] = s, v.path
		})
	}
	if n, ok := l.embeddedFile(textsFile, "base-texts"); ok {
		take(n)
	}
	if _, err := fs.Stat(l.own, "base/"+textsFile); err == nil {
		if n, ok := l.file("base/"+textsFile, true, "copied-texts"); ok {
			take(n)
		}
	}
	if n, ok := l.file(textsFile, false, "own-texts"); ok {
		take(n)
	}
}

// phrase is wording that no resident should read.
type phrase struct {
	text   string
	except []string // longer words that hold it and are fine
	why    string
}

// in says whether the phrase stands in s outside its exceptions.
func (p phrase) in(s string) bool {
	for _, e := range p.except {
		s = strings.ReplaceAll(s, e, "")
	}
	return strings.Contains(s, p.text)
}

// warner names the phrases that stand in a text, with why they should not.
func warner(forbidden []phrase) func(text string) []string {
	return func(s string) []string {
		var out []string
		for _, p := range forbidden {
			if p.in(s) {
				out = append(out, "「"+p.text+"」は住民に書かないことばです（"+p.why+"）。")
			}
		}
		return out
	}
}

func (l *loader) readForbidden() {
	n, ok := l.embeddedFile(forbiddenFile, "forbidden")
	if !ok {
		return
	}
	n.object(map[string]func(node){"phrases": func(n node) {
		n.list(func(n node) {
			var p phrase
			n.object(map[string]func(node){"text": text(&p.text), "except": texts(&p.except), "why": text(&p.why)})
			if p.text != "" {
				l.forbidden = append(l.forbidden, p)
			}
		})
	}})
}
