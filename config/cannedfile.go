package config

import (
	"fmt"
	"slices"
	"unicode/utf16"

	"tsunagu/handoff"
)

// Bounds of the 定型文, as Slack's menu has them.
const (
	maxCanned      = 100
	maxCannedTitle = 75 // UTF-16 units
)

// readCanned reads the 定型文: the city's own when it has any, else the base's.
func (l *loader) readCanned() {
	n, ok := l.file(cannedFile, false, "canned-file")
	if !ok {
		n, ok = l.baseFile(cannedFile, "canned-file")
	}
	if !ok {
		return
	}
	n.object(map[string]func(node){"canned": func(n node) {
		n.list(func(n node) {
			var c handoff.Canned
			n.object(map[string]func(node){"id": id(&c.ID), "title": text(&c.Title), "text": text(&c.Text)})
			l.city.Canned = append(l.city.Canned, c)
		})
	}})
}

// checkCanned holds the 定型文 to what Slack's menu takes and to what a resident
// may read. Nothing is filled into them.
func (l *loader) checkCanned() {
	all := l.city.Canned
	at := func(i int, key string) place {
		return l.at(fmt.Sprintf("canned-file.canned[%d].%s", i, key), l.in(cannedFile))
	}
	if len(all) > maxCanned {
		l.fault(at(maxCanned, "id"), "定型文は %d までです（%d あります）", maxCanned, len(all))
	}
	for i, c := range all {
		switch {
		case c.ID == "":
			l.fault(at(i, "id"), "id がありません")
		case slices.ContainsFunc(all[:i], func(o handoff.Canned) bool { return o.ID == c.ID }):
			l.fault(at(i, "id"), "id「%s」が二度使われています", c.ID)
		}
		size := func(key, s string, most int) {
			switch n := len(utf16.Encode([]rune(s))); {
			case n == 0:
				l.fault(at(i, key), "%s がありません", key)
			case n > most:
				l.fault(at(i, key), "%s が %d 文字あります。%d 文字までにしてください", key, n, most)
			}
		}
		size("title", c.Title, maxCannedTitle)
		size("text", c.Text, handoff.ReplyMax)
		l.checkHoles(at(i, "text"), c.Text, nil)
		l.checkWording(at(i, "text"), c.Text)
	}
}
