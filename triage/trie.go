package triage

import "slices"

// trie is a tree of characters. Nodes are numbered level by level, so that those
// below one node follow each other, in the order of the characters that lead to
// them; the root is 0.
type trie struct {
	first   []int32 // where the root's ways lead, by character: most texts end there
	letters []rune  // the character that leads to each node
	below   []int32 // where the nodes below each begin; the last is none's
}

// newTrie makes the ways of literals, none of which is empty; ends are the nodes
// where they end.
func newTrie(literals [][]rune) (t trie, ends []int32) {
	order := make([]int32, len(literals))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(literals[a], literals[b]) })
	ends = make([]int32, len(literals))
	type stretch struct{ from, to int } // of order: the literals that go through a node
	level := []stretch{{0, len(order)}}
	t = trie{first: make([]int32, 1<<16), letters: []rune{0}}
	for depth := 0; len(level) > 0; depth++ {
		var next []stretch
		node := int32(len(t.below))
		for _, s := range level {
			t.below = append(t.below, int32(len(t.letters)))
			for ; s.from < s.to && len(literals[order[s.from]]) == depth; s.from++ {
				ends[order[s.from]] = node
			}
			for from := s.from; from < s.to; {
				r := literals[order[from]][depth]
				to := from + 1
				for to < s.to && literals[order[to]][depth] == r {
					to++
				}
				if depth == 0 && int(r) < len(t.first) {
					t.first[r] = int32(len(t.letters))
				}
				t.letters = append(t.letters, r)
				next = append(next, stretch{from, to})
				from = to
			}
			node++
		}
		level = next
	}
	t.below = append(t.below, int32(len(t.letters)))
	t.letters, t.below = slices.Clip(t.letters), slices.Clip(t.below)
	return t, ends
}

// nodes is how many there are, the root too.
func (t *trie) nodes() int { return len(t.letters) }

// step follows the way from a node by a character; ok is false where none leads on.
func (t *trie) step(at int32, r rune) (next int32, ok bool) {
	if at == 0 && int(r) < len(t.first) {
		next = t.first[r]
		return next, next != 0
	}
	from, to := t.below[at], t.below[at+1]
	for to-from > 8 {
		if half := (from + to) / 2; t.letters[half] <= r {
			from = half
		} else {
			to = half
		}
	}
	for ; from < to; from++ {
		if t.letters[from] == r {
			return from, true
		}
	}
	return 0, false
}
