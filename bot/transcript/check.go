package transcript

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// Check finds what of a script does not fit its city, without playing it: lines that
// cannot be read, and buttons, fields and ends that the city has nowhere. Whether a
// button stands there when it is pressed, and what is said, only Run tells.
func Check(file, text string, c *bot.City) []Fault {
	if !utf8.ValidString(text) {
		return []Fault{{file, 1, "文字が読めません。UTF-8 で保存します"}}
	}
	p, faults := Parse(file, text)
	labels := labelsOf(c)
	for _, l := range p.lines {
		fault := func(text string) { faults = append(faults, Fault{file, l.n, text}) }
		switch l.do {
		case taps:
			if !labels[l.arg] {
				fault("ボタン［" + l.arg + "］は、この市のどこにもありません")
			}
		case acts:
			if err := l.fill(&handoff.Action{}, c); err != nil {
				fault(err.Error())
			}
			if l.card != "" && !isChannel(c, l.card) {
				fault("分野「" + l.card + "」はありません")
			}
		}
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
	return faults
}

// labelsOf are the words on all buttons that a city may show to a resident.
func labelsOf(c *bot.City) map[string]bool {
	all := map[string]bool{}
	for _, q := range c.Tree.Questions {
		all[q.DoneLabel] = true
		for _, o := range q.Options {
			all[o.Label] = true
		}
	}
	for name, s := range c.Texts {
		if strings.HasPrefix(strings.TrimPrefix(name, "easy."), "button.") {
			all[s] = true
		}
	}
	for _, f := range c.Directory.Fields {
		all[f.Plain], all[f.Name] = true, true
	}
	for _, w := range c.Wishes {
		all[w] = true
	}
	return all
}

// isChannel says whether cards may stand in the channel of that name.
func isChannel(c *bot.City, name string) bool {
	for _, f := range c.Directory.Fields {
		if f.ID == name {
			return true
		}
	}
	return slices.Contains([]string{"default", "complex", handoff.Coordinator}, name)
}
