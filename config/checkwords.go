package config

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tsunagu/triage"
)

const (
	// longExample is how many characters an example may have; a reader reads
	// little more of any message.
	longExample = 500
	// maxLooked bounds the examples, the base's too, that are looked at and that
	// rules are tried on, so that a check stays a matter of seconds.
	maxLooked = 100_000
)

// checkWords looks at what the city itself teaches the reader: its rules and its
// examples. All it finds are warnings; the reader works with the rest.
func (l *loader) checkWords() {
	if !l.ready {
		return
	}
	l.checkPlacesOfExamples()
	base := l.base.examples()
	l.faults = append(l.faults, base.faults...)
	if len(base.examples)+len(l.lexicon.Examples) > maxLooked {
		l.warn(place{file: l.in(examplesDir)}, "例文が、はじめから入っているものと合わせて %d をこえるので、例文と規則は調べていません", maxLooked)
		return
	}
	l.checkExamples()
	if !Failed(l.faults) { // a rule that is left out speaks never, and that was said already
		l.checkRules()
	}
}

// checkPlacesOfExamples names files that no reader reads, because they do not
// stand two folders deep or are no text.
func (l *loader) checkPlacesOfExamples() {
	left := maxExamples * 10
	_ = fs.WalkDir(l.own, examplesDir, func(name string, e fs.DirEntry, err error) error {
		if left--; left < 0 {
			return fs.SkipAll
		}
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return nil // no examples at all is no fault
		}
		if ok, _ := path.Match(examplesDir+"/*/*/*.txt", name); !ok {
			l.warn(place{file: l.in(name)}, "読まれません。examples/none/elderly/mine.txt のように、危機の種類と分野のフォルダーに .txt で置きます")
		}
		return nil
	})
}

// checkExamples judges each of the city's own examples.
func (l *loader) checkExamples() {
	first := map[string]int{} // folded text → its first example
	base := l.base.examples()
	examples, places := l.allExamples(), slices.Concat(base.at, l.examplesAt)
	for i, e := range examples {
		at, own := places[i], i >= len(base.at)
		if own && !utf8.ValidString(e.Text) {
			l.warn(at, "文字が読めません。UTF-8 で保存します")
			continue
		}
		folded := triage.Fold(e.Text)
		if j, seen := first[folded]; !seen {
			first[folded] = i
		} else if was, is := labelOf(examples[j]), labelOf(e); own && was != is {
			l.warn(at, "同じ文が、%s:%d では %s、ここでは %s です。どちらか一つにします", places[j].file, places[j].line, was, is)
		}
		if !own {
			continue
		}
		text := []rune(e.Text)
		if len(text) > longExample {
			l.warn(place{at.file, at.line, at.col + longExample}, "一つの例文は %d 文字までです。短く分けます", longExample)
			text = text[:longExample]
		}
		if n, what := identifies(string(text)); what != "" {
			l.warn(place{at.file, at.line, at.col + n}, "人が分かるかもしれないもの%sがあります。消すか、作りものの言い方に変えます", what)
		}
	}
}

// allExamples are the base's examples and then the city's.
func (l *loader) allExamples() []triage.Example {
	return slices.Concat(l.base.examples().examples, l.lexicon.Examples)
}

// labelOf writes a label as its folders are called.
func labelOf(e triage.Example) string {
	name := e.Crisis + "/" + e.Field
	if e.Field != triage.Complex || len(e.Fields) == 0 {
		return name
	}
	fields := slices.Clone(e.Fields)
	slices.Sort(fields)
	return name + "-" + strings.Join(fields, "+")
}

// identifies finds what may tell who a person is: after how many characters it
// stands and what a mask puts there; "" = nothing.
func identifies(text string) (at int, what string) {
	masked := triage.MaskNames(text)
	if masked == text {
		return 0, ""
	}
	a, b := []rune(text), []rune(masked)
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	if end := slices.Index(b[at:], '〕'); end >= 0 {
		return at, string(b[at : at+end+1])
	}
	return at, ""
}

// checkRules tries the city's own rules on every example: which never speak, and
// which only repeat a rule that stands before them.
func (l *loader) checkRules() {
	rules := l.ruleList()
	if !slices.ContainsFunc(rules, func(r rule) bool { return r.own }) {
		return
	}
	speaks := prober(l.lexicon, rules)
	type tried struct {
		spoke, repeated int
		after           map[int]int // earlier rules that had said the same, how often
	}
	all := make([]tried, len(rules))
	for _, text := range l.probed() {
		said := speaks(text)
		for n, i := range said {
			if !rules[i].own {
				continue
			}
			r := &all[i]
			r.spoke++
			repeated := false
			for _, j := range said[:n] {
				if rules[i].effect != "" && rules[j].effect == rules[i].effect {
					if r.after == nil {
						r.after = map[int]int{}
					}
					r.after[j]++
					repeated = true
				}
			}
			if repeated {
				r.repeated++
			}
		}
	}
	for i, r := range rules {
		at := l.at(l.lines[r.where], l.in(wordsFile))
		switch {
		case !r.own:
		case all[i].spoke == 0:
			l.warn(at, "%s：どの例文にも当てはまりません。ことばを確かめ、当てはまる例文を一つ足します", r.where)
		case all[i].repeated == all[i].spoke:
			l.warn(at, "%s：当てはまる例文のどれにも、同じことを言う %s が先に当てはまります", r.where, rules[most(all[i].after)].where)
		}
	}
	speaksIn := func(where, text string) bool {
		return slices.ContainsFunc(speaks(text), func(i int) bool { return rules[i].where == where })
	}
	for _, c := range l.lexicon.Crisis {
		where := "crisis." + c.ID
		if !l.isOwn(where) {
			continue
		}
		for i, text := range c.Examples {
			if !speaksIn(where, text) {
				l.warn(l.at(nth(l.lines[where]+".examples", i), l.in(crisisFile)), "%s：この文を拾いません", where)
			}
		}
		for i, text := range c.Decoys {
			if speaksIn(where, text) {
				l.warn(l.at(nth(l.lines[where]+".decoys", i), l.in(crisisFile)), "%s：拾ってはいけない文を拾います", where)
			}
		}
	}
}

// rule is what the check needs of a word, pattern or crisis rule.
type rule struct {
	where  string // "rules.kaigo"
	effect string // two rules of one effect say the same; "" = like no other
	own    bool
}

func (l *loader) isOwn(where string) bool { return strings.HasPrefix(l.lines[where], "own-") }

// ruleList is all rules in the order in which they are read.
func (l *loader) ruleList() []rule {
	var out []rule
	add := func(where, effect string) { out = append(out, rule{where, effect, l.isOwn(where)}) }
	for _, w := range l.lexicon.Rules {
		add("rules."+w.ID, "rule "+strings.Join([]string{w.Field, w.Fine, w.Who, w.Age}, "|"))
	}
	for _, p := range l.lexicon.Patterns {
		add("patterns."+p.ID, "") // each has its own name on the card
	}
	for _, c := range l.lexicon.Crisis {
		add("crisis."+c.ID, "crisis "+c.Kind+" "+strconv.FormatBool(c.Weak))
	}
	return out
}

// probed is every text that rules are tried on.
func (l *loader) probed() []string {
	var out []string
	for _, e := range l.allExamples() {
		out = append(out, e.Text)
	}
	for _, c := range l.lexicon.Crisis {
		out = append(out, c.Examples...)
	}
	return out
}

// prober makes a reader that only says which of the rules speak, by their place
// in the list, in order. Its rules carry their kind in their names and all have a
// field, so that each is told; the one example is there because a reader that
// learned nothing gives no reasons for a danger.
func prober(x triage.Lexicon, rules []rule) func(text string) []int {
	index := map[string]int{}
	for i, r := range rules {
		index[r.where] = i
	}
	probe := triage.Lexicon{Groups: x.Groups, Examples: []triage.Example{{Text: "こんにちは", Field: triage.Unclear, Crisis: triage.None}}}
	for _, w := range x.Rules {
		w.ID = "rules." + w.ID
		if w.Field == "" {
			w.Field = triage.Unclear
		}
		probe.Rules = append(probe.Rules, w)
	}
	for _, p := range x.Patterns {
		p.ID = "patterns." + p.ID
		probe.Patterns = append(probe.Patterns, p)
	}
	for _, c := range x.Crisis {
		c.ID, c.Weak, c.Own = "crisis."+c.ID, false, true // whether its words are there, not whether they count
		probe.Crisis = append(probe.Crisis, c)
	}
	reader, _ := triage.NewReader(probe) // its faults were told when the words were read
	return func(text string) []int {
		var said []int
		for _, why := range reader.Explain(text).Why {
			if i, ok := index[why.Rule]; ok {
				said = append(said, i)
			}
		}
		slices.Sort(said)
		return said
	}
}

// nth is the path of a list's entry.
func nth(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// most is the key that was counted most, the first of them.
func most(counts map[int]int) int {
	best := -1
	for i, n := range counts {
		if best < 0 || n > counts[best] || n == counts[best] && i < best {
			best = i
		}
	}
	return best
}
