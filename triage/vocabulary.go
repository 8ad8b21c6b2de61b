package triage

import (
	"math"
	"slices"
)

// Word is one of the vocabulary: how it is written, the form that a dictionary
// has it under, and how often it was counted, from 1.
type Word struct {
	Text, Base string
	Count      int
}

// vocabulary cuts plain text into words. Of all ways to cut, it takes the one
// whose words are the likeliest together (Viterbi over single words).
type vocabulary struct {
	trie
	entries []entry // of the trie's literals
}

// entry is what a word costs, in nats, and what it stands for.
type entry struct {
	base uint64
	cost float32
}

// Costs in nats of what the vocabulary does not know: a character, and each
// further one of a Latin word or a number that it joins.
const (
	strange     = 14
	strangeMore = 0.1
)

// token is a word of a text: what it stands for, where, and whether the vocabulary
// has it.
type token struct {
	base     uint64
	from, to int32
	known    bool
}

// newVocabulary takes the words as plain text; of several that are written alike
// the commonest counts.
func newVocabulary(words []Word) *vocabulary {
	var literals [][]rune
	var kept []Word
	total := 0
	for _, w := range words {
		total += w.Count
		if text := plain(w.Text); len(text) > 0 && w.Count > 0 {
			literals, kept = append(literals, text), append(kept, w)
		}
	}
	t, order := newTrie(literals)
	entries := make([]entry, len(order))
	for i, n := range order {
		entries[i] = entry{hashOf(plain(kept[n].Base)), float32(math.Log(float64(total+1) / float64(kept[n].Count)))}
	}
	return &vocabulary{t, entries}
}

// step of the cutting: how a prefix is cut most cheaply.
type cutting struct {
	cost  float32
	from  int32  // where its last word begins
	base  uint64 // what that stands for
	known bool
}

// cut appends the words of a text, marks and spaces left out.
func (v *vocabulary) cut(text []rune, s *scratch) []token {
	n := len(text)
	ways := append(s.ways[:0], cutting{})
	for range n {
		ways = append(ways, cutting{cost: math.MaxFloat32})
	}
	for i := range n {
		from := ways[i].cost
		to := i + 1
		for latin(text[i]) && to < n && latin(text[to]) && text[to] != ' ' {
			to++ // Latin words and numbers stay whole
		}
		if c := from + strange + strangeMore*float32(to-i); c < ways[to].cost {
			ways[to] = cutting{c, int32(i), hashOf(text[i:to]), false}
		}
		for j, at := i, int32(0); j < n; j++ {
			next, ok := v.step(at, text[j])
			if !ok {
				break
			}
			at = next
			for k, end := v.ending(at); k < end; k++ {
				if e := &v.entries[k]; from+e.cost < ways[j+1].cost {
					ways[j+1] = cutting{from + e.cost, int32(i), e.base, true}
				}
			}
		}
	}
	out := s.tokens[:0]
	for at := int32(n); at > 0; at = ways[at].from {
		if from := ways[at].from; text[from] != stop && text[from] != pause && text[from] != ' ' {
			out = append(out, token{ways[at].base, from, at, ways[at].known})
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	s.ways, s.tokens = ways, out
	return out
}

// unheard says whether the examples can tell nothing about a text: a short one made
// of nothing that was ever learned, with no word of two characters and hardly a piece
// (letters alone are known of any), or one of strangers alone.
func (r *Reader) unheard(v *view, s *scratch) bool {
	return len(r.speech.entries) > 0 && v.strangers(s) || len(v.text) < shortText && s.hardlyKnown() &&
		!slices.ContainsFunc(v.words, func(w token) bool { return w.known && w.to-w.from > 1 })
}

// besideNames are words that stand beside any name and say nothing.
var besideNames = map[string]bool{"さん": true, "さま": true, "くん": true, "ちゃん": true, "です": true, "ます": true, "申し": true, "もうし": true, string(somebody): true}

// strangers says whether a Japanese text is but names and words that nobody taught:
// it has no group, age or rule, known words are less than a third of it, and not
// nearly all of its pieces were ever learned, as those of a town's own word are; or
// there is nothing but what stands beside names. Each piece of a name may have stood
// in a danger.
func (v *view) strangers(s *scratch) bool {
	if len(v.concepts) > 0 || !slices.ContainsFunc(v.text, hiragana) {
		return false
	}
	known, all, nothing := 0, 0, true
	for _, w := range v.words {
		text := v.text[w.from:w.to]
		if besideNames[string(text)] {
			continue
		}
		nothing = false
		if latin(text[0]) {
			continue
		}
		all += len(text)
		if w.known && len(text) > 1 {
			known += len(text)
		}
	}
	return nothing || known*3 < all && s.known*5 < s.pieces*4
}

// hardlyKnown says whether fewer than three in five of the pieces that were gathered
// were ever learned.
func (s *scratch) hardlyKnown() bool { return s.known*5 < s.pieces*3 }

// hashOf tells words apart; numbers of as many digits are one.
func hashOf(text []rune) uint64 {
	h := offset
	for _, r := range text {
		h = (h ^ uint64(uint32(digitless(r)))) * prime
	}
	return h
}
