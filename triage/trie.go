package triage

import (
	"cmp"
	"slices"
)

// trie is a tree of characters over a list of literals. Nodes are numbered level
// by level, so that those below one node follow each other, in the order of the
// characters that lead to them; the root is 0.
type trie struct {
	first []int32 // of a big one, where the root's ways lead by character: most texts end there
	nodes []node  // and one more, where all ends
}

// node is where a way through the trie has come. What belongs to it ends where that
// of the next node begins.
type node struct {
	letter   rune  // that leads here
	below    int32 // where the nodes below begin
	literals int32 // where the literals that end here begin
}

// bigTrie is from how many literals on a table of the root's ways is worth its memory.
const bigTrie = 1000

// newTrie makes the ways of literals, none of which is empty. order is how the
// literals follow each other in the trie; equal ones stay as they came.
func newTrie(literals [][]rune) (t trie, order []int32) {
	sorted := make([]int32, len(literals))
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortFunc(sorted, func(a, b int32) int { return cmp.Or(slices.Compare(literals[a], literals[b]), int(a-b)) })
	nodes := 2 // the root, and the one more
	for i, n := range sorted {
		nodes += len(literals[n])
		if i > 0 {
			nodes -= shared(literals[sorted[i-1]], literals[n])
		}
	}
	t = trie{nodes: make([]node, 1, nodes)}
	if len(literals) > bigTrie {
		t.first = make([]int32, 1<<16)
	}
	order = make([]int32, 0, len(literals))
	// Each node with the literals that go through it, a stretch of the sorted ones.
	type stretch struct{ from, to int32 }
	queue := append(make([]stretch, 0, nodes), stretch{0, int32(len(sorted))})
	for depth, at := 0, 0; at < len(queue); depth++ {
		for level := len(queue); at < level; at++ {
			s := queue[at]
			t.nodes[at].below, t.nodes[at].literals = int32(len(queue)), int32(len(order))
			for ; s.from < s.to && len(literals[sorted[s.from]]) == depth; s.from++ {
				order = append(order, sorted[s.from])
			}
			for from := s.from; from < s.to; {
				letter, to := literals[sorted[from]][depth], from+1
				for to < s.to && literals[sorted[to]][depth] == letter {
					to++
				}
				if depth == 0 && int(letter) < len(t.first) {
					t.first[letter] = int32(len(queue))
				}
				queue, t.nodes = append(queue, stretch{from, to}), append(t.nodes, node{letter: letter})
				from = to
			}
		}
	}
	t.nodes = append(t.nodes, node{below: int32(len(queue)), literals: int32(len(order))})
	return t, order
}

// shared is how many characters two literals begin with alike.
func shared(a, b []rune) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// step follows the way from a node by a character; ok is false where none leads on.
func (t *trie) step(at int32, r rune) (next int32, ok bool) {
	if at == 0 && int(r) < len(t.first) {
		next = t.first[r]
		return next, next != 0
	}
	from, to := t.nodes[at].below, t.nodes[at+1].below
	for to-from > 8 {
		if half := (from + to) / 2; t.nodes[half].letter <= r {
			from = half
		} else {
			to = half
		}
	}
	for ; from < to; from++ {
		if t.nodes[from].letter == r {
			return from, true
		}
	}
	return 0, false
}

// ending is where the literals that end at a node begin and end.
func (t *trie) ending(at int32) (from, to int32) {
	return t.nodes[at].literals, t.nodes[at+1].literals
}
