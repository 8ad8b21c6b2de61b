package triage

import "math/bits"

// rowTable tells the row of weights of each feature that has one, by its number: an open
// hash table of number<<32 | row. Row 0 is none's. Numbers are hashes already.
type rowTable []uint64

// newRowTable has room for as many rows as follow row 0.
func newRowTable(most int) rowTable { return make(rowTable, 1<<bits.Len(uint(most+most/2))) }

// put gives a number its row; it is called once for each.
func (r rowTable) put(number, row uint32) {
	i := int(number) & (len(r) - 1)
	for r[i] != 0 {
		i = (i + 1) & (len(r) - 1)
	}
	r[i] = uint64(number)<<32 | uint64(row)
}

// row is the row of a number, 0 = it has none.
func (r rowTable) row(number uint32) uint32 {
	for i := int(number) & (len(r) - 1); ; i = (i + 1) & (len(r) - 1) {
		if s := r[i]; s == 0 || uint32(s>>32) == number {
			return uint32(s)
		}
	}
}
