package triage

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// gap is how many characters … may pass over.
	gap = 12
	// maxForms bounds how many spellings one part of a phrase may have.
	maxForms = 20_000
)

// phrase is a compiled one: parts in this order, at most gap characters apart
// and in one sentence.
type phrase struct {
	text  string
	parts int
	also  []int32 // groups that it belongs to
}

// use says where a literal stands: part n of a phrase.
type use struct {
	phrase int32
	part   int32
}

// words finds every phrase of a lexicon in one pass over the text. Literals
// stand in a trie; from every character it is followed as deep as it goes, so a
// text costs its length times the few characters that rules share with it,
// whatever the number of rules.
type words struct {
	trie
	uses    []use // of the trie's literals
	phrases []phrase
	base    *words // whose phrases are found as well, and are the first of these
}

// draft is the words of a lexicon while they are collected.
type draft struct {
	base     *draft // what a town's stands over: what is as there is taken from there
	done     *words
	literals [][]rune
	uses     []use // of each literal
	phrases  []phrase
	known    map[string]int32
	lists    map[string][]string // the words of each group
	groups   map[string][]string // spellings without a gap
	gapped   map[string][]string // phrases with one
	changed  map[string]bool     // groups that are not as in the base
}

func newDraft(base *draft) *draft {
	w := &draft{base: base, known: map[string]int32{}, lists: map[string][]string{}, groups: map[string][]string{}, gapped: map[string][]string{}, changed: map[string]bool{}}
	if base != nil {
		w.phrases = slices.Clip(base.phrases)
	}
	return w
}

// words is what was collected, ready to be found.
func (w *draft) words() *words {
	t, order := newTrie(w.literals)
	uses := make([]use, len(order))
	for i, n := range order {
		uses[i] = w.uses[n]
	}
	w.done = &words{trie: t, uses: uses, phrases: w.phrases}
	w.literals, w.uses = nil, nil // a town over it needs only what it knows
	if w.base != nil {
		w.done.base = w.base.done
	}
	return w.done
}

// group defines @id.
func (w *draft) group(g Group) error {
	if g.ID == "" || w.groups[g.ID] != nil {
		return fmt.Errorf("組の id「%s」がないか、二度あります", g.ID)
	}
	if b := w.base; b != nil && b.groups[g.ID] != nil && slices.Equal(b.lists[g.ID], g.Words) && !slices.ContainsFunc(g.Words, w.moved) {
		w.groups[g.ID], w.gapped[g.ID] = b.groups[g.ID], b.gapped[g.ID]
		return nil
	}
	w.changed[g.ID] = true
	var forms []string
	for _, word := range g.Words {
		if strings.Contains(word, "…") {
			w.gapped[g.ID] = append(w.gapped[g.ID], word)
			continue
		}
		f, err := w.expand(word)
		if err != nil {
			return err
		}
		forms = append(forms, f...)
	}
	if len(forms)+len(w.gapped[g.ID]) == 0 {
		return fmt.Errorf("組「%s」にことばがありません", g.ID)
	}
	w.groups[g.ID], w.lists[g.ID] = forms, g.Words
	return nil
}

// moved says whether a phrase takes in a group that is not as in the base.
func (w *draft) moved(text string) bool {
	for _, part := range strings.Split(text, "@")[1:] {
		if w.changed[part[:nameEnd(part)]] {
			return true
		}
	}
	return false
}

// nameEnd is where the name of a group ends that a text begins with.
func nameEnd(text string) (end int) {
	for end < len(text) && (text[end] >= 'a' && text[end] <= 'z' || text[end] >= '0' && text[end] <= '9' || text[end] == '_') {
		end++
	}
	return end
}

// add compiles a phrase, unless that was done, and returns its number.
func (w *draft) add(text string) (int32, error) {
	if n, ok := w.known[text]; ok {
		return n, nil
	}
	if w.base != nil && !w.moved(text) {
		if n, ok := w.base.known[text]; ok {
			return n, nil
		}
	}
	return w.compile(text)
}

func (w *draft) compile(text string) (int32, error) {
	n := int32(len(w.phrases))
	parts := strings.Split(text, "…")
	forms := make([][]string, len(parts))
	for i, part := range parts {
		f, err := w.expand(part)
		if err != nil {
			return 0, err
		}
		forms[i] = f
	}
	for i, fs := range forms {
		for _, f := range fs {
			lit := plain(f)
			if len(lit) == 0 {
				if len(parts) > 1 || f == "" {
					continue
				}
				return 0, fmt.Errorf("「%s」には、さがすことばがありません", text)
			}
			w.literals, w.uses = append(w.literals, lit), append(w.uses, use{n, int32(i)})
		}
	}
	w.phrases = append(w.phrases, phrase{text, len(parts), nil})
	w.known[text] = n
	if id, ok := strings.CutPrefix(text, "@"); ok {
		for _, word := range w.gapped[id] {
			m, ok := w.known[word] // the base's own would find the base's group
			if !ok {
				var err error
				if m, err = w.compile(word); err != nil {
					return 0, err
				}
			}
			w.phrases[m].also = append(w.phrases[m].also, n)
		}
	}
	return n, nil
}

// expand writes out the alternatives and groups of a part of a phrase.
func (w *draft) expand(s string) ([]string, error) {
	forms := []string{""}
	join := func(tails []string) error {
		if len(forms)*len(tails) > maxForms {
			return fmt.Errorf("「%s」の書き方が多すぎます。( | ) や @ を減らすか、二つに分けます", s)
		}
		next := make([]string, 0, len(forms)*len(tails))
		for _, f := range forms {
			for _, t := range tails {
				next = append(next, f+t)
			}
		}
		forms = next
		return nil
	}
	rest := s
	for rest != "" {
		switch rest[0] {
		case '(':
			alts, end := alternatives(rest)
			if end < 0 {
				return nil, fmt.Errorf("「%s」の ( に、閉じる ) がありません", s)
			}
			var tails []string
			for _, alt := range alts {
				t, err := w.expand(alt)
				if err != nil {
					return nil, err
				}
				tails = append(tails, t...)
			}
			if err := join(tails); err != nil {
				return nil, err
			}
			rest = rest[end+1:]
		case ')', '|':
			return nil, fmt.Errorf("「%s」の %c のまえに ( がありません", s, rest[0])
		case '@':
			end := 1 + nameEnd(rest[1:])
			tails := w.groups[rest[1:end]]
			if tails == nil {
				return nil, fmt.Errorf("組「@%s」はありません", rest[1:end])
			}
			if err := join(tails); err != nil {
				return nil, err
			}
			rest = rest[end:]
		default:
			end := strings.IndexAny(rest, "()|@")
			if end < 0 {
				end = len(rest)
			}
			if err := join([]string{rest[:end]}); err != nil {
				return nil, err
			}
			rest = rest[end:]
		}
	}
	return forms, nil
}

// alternatives splits what stands between ( and its ) at every | that is not in
// a further pair; end is the place of the ), -1 when there is none.
func alternatives(s string) (alts []string, end int) {
	depth, from := 0, 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return append(alts, s[from:i]), i
			}
		case '|':
			if depth == 1 {
				alts, from = append(alts, s[from:i]), i+1
			}
		}
	}
	return nil, -1
}

// condition is a compiled When.
type condition struct{ all, any, not []int32 }

func (w *draft) condition(c When) (condition, error) {
	var out condition
	for _, l := range []struct {
		from []string
		to   *[]int32
	}{{c.All, &out.all}, {c.Any, &out.any}, {c.Not, &out.not}} {
		for _, text := range l.from {
			n, err := w.add(text)
			if err != nil {
				return out, err
			}
			*l.to = append(*l.to, n)
		}
	}
	if len(out.all)+len(out.any) == 0 {
		return out, fmt.Errorf("all か any に、ことばを書きます")
	}
	return out, nil
}

// holds says whether the condition is met; by is a phrase that met it.
func (c *condition) holds(s *scratch) (by int32, ok bool) {
	by = -1
	for _, p := range c.all {
		if !s.has(p) {
			return by, false
		}
		by = p
	}
	if len(c.any) > 0 {
		ok = false
		for _, p := range c.any {
			if s.has(p) {
				by, ok = p, true
				break
			}
		}
		if !ok {
			return by, false
		}
	}
	for _, p := range c.not {
		if s.has(p) {
			return by, false
		}
	}
	return by, true
}
