package triage

// trie is a tree of characters. Its edges stand in one open hash table, so that
// a step costs one look-up however many ways lead on.
type trie struct {
	first []int32 // where the root's edges lead, by character: most ways end there
	table []way
	edges int
	nodes int32 // beside the root, which is 0
}

// way is an edge: from a node by a character (0 = free) to another node.
type way struct {
	edge uint64
	to   int32
}

func newTrie() trie { return trie{first: make([]int32, 1<<16), table: make([]way, 1024)} }

func edge(node int32, r rune) uint64 { return uint64(node)<<32 | uint64(uint32(r)) }

// slot is where an edge stands or would stand.
func (t *trie) slot(edge uint64) *way {
	mask := len(t.table) - 1
	for i := int(edge*0x9e3779b97f4a7c15>>32) & mask; ; i = (i + 1) & mask {
		if w := &t.table[i]; w.edge == edge || w.edge == 0 {
			return w
		}
	}
}

// step follows the edge from a node; ok is false where none leads on.
func (t *trie) step(at int32, r rune) (next int32, ok bool) {
	if at == 0 && int(r) < len(t.first) {
		next = t.first[r]
		return next, next != 0
	}
	w := t.slot(edge(at, r))
	return w.to, w.edge != 0
}

// insert makes the way of a literal and returns the node where it ends.
func (t *trie) insert(literal []rune) int32 {
	at := int32(0)
	for _, r := range literal {
		next, ok := t.step(at, r)
		if !ok {
			if t.edges*2 >= len(t.table) {
				t.grow()
			}
			t.nodes++
			t.edges++
			next = t.nodes
			*t.slot(edge(at, r)) = way{edge(at, r), next}
			if at == 0 && int(r) < len(t.first) {
				t.first[r] = next
			}
		}
		at = next
	}
	return at
}

func (t *trie) grow() {
	old := t.table
	t.table = make([]way, 2*len(old))
	for _, w := range old {
		if w.edge != 0 {
			*t.slot(w.edge) = w
		}
	}
}
