package triage

// trie is a tree of characters. Its edges stand in one open hash table, so that
// a step costs one look-up however many ways lead on.
type trie struct {
	first []int32  // where the root's edges lead, by character: most ways end there
	keys  []uint64 // node<<32 | character, 0 = free
	next  []int32  // the node that the edge leads to
	edges int
	nodes int32 // beside the root, which is 0
}

func newTrie() trie {
	return trie{first: make([]int32, 1<<16), keys: make([]uint64, 1024), next: make([]int32, 1024)}
}

func edge(node int32, r rune) uint64 { return uint64(node)<<32 | uint64(uint32(r)) }

// slot is where an edge stands or would stand.
func (t *trie) slot(key uint64) int {
	mask := len(t.keys) - 1
	for i := int(key*0x9e3779b97f4a7c15>>32) & mask; ; i = (i + 1) & mask {
		if t.keys[i] == key || t.keys[i] == 0 {
			return i
		}
	}
}

// step follows the edge from a node; ok is false where none leads on.
func (t *trie) step(at int32, r rune) (next int32, ok bool) {
	if at == 0 && int(r) < len(t.first) {
		next = t.first[r]
		return next, next != 0
	}
	key := edge(at, r)
	i := t.slot(key)
	return t.next[i], t.keys[i] != 0
}

// insert makes the way of a literal and returns the node where it ends.
func (t *trie) insert(literal []rune) int32 {
	at := int32(0)
	for _, r := range literal {
		next, ok := t.step(at, r)
		if !ok {
			if t.edges*2 >= len(t.keys) {
				t.grow()
			}
			t.nodes++
			next = t.nodes
			i := t.slot(edge(at, r))
			t.keys[i], t.next[i] = edge(at, r), next
			t.edges++
			if at == 0 && int(r) < len(t.first) {
				t.first[r] = next
			}
		}
		at = next
	}
	return at
}

func (t *trie) grow() {
	keys, next := t.keys, t.next
	t.keys, t.next = make([]uint64, 2*len(keys)), make([]int32, 2*len(keys))
	for i, key := range keys {
		if key != 0 {
			j := t.slot(key)
			t.keys[j], t.next[j] = key, next[i]
		}
	}
}
