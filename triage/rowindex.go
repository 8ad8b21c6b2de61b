package triage

import (
	"encoding/binary"
	"math/bits"
)

// rowIndex tells the row of weights of each feature that has one, by its hash: for
// every 64 hashes a bit each, little-endian, and how many rows there are before them.
// Rows follow each other as their hashes do; row 0 is none's. It is a string so that it
// can be read where it lies in the program.
type rowIndex string

const (
	blockSize = 8 + 4
	indexSize = 1 << hashBits / 64 * blockSize
)

// newRowIndex gives rows to the hashes that have occurred often enough, and returns
// how many there are, with row 0.
func newRowIndex(df []uint32, least int) (index rowIndex, rows uint32) {
	rows = 1
	out := make([]byte, 0, indexSize)
	for ; len(df) > 0; df = df[64:] {
		var has uint64
		for i, n := range df[:64] {
			if int(n) >= least {
				has |= 1 << i
			}
		}
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(out, has), rows)
		rows += uint32(bits.OnesCount64(has))
	}
	return rowIndex(out), rows
}

// row is the row of a hash, 0 = it has none.
func (x rowIndex) row(hash uint32) uint32 {
	has, before := x.block(hash >> 6)
	bit := hash & 63
	if has>>bit&1 == 0 {
		return 0
	}
	return before + uint32(bits.OnesCount64(has&(1<<bit-1)))
}

func (x rowIndex) block(n uint32) (has uint64, before uint32) {
	b := x[n*blockSize:][:blockSize]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56,
		uint32(b[8]) | uint32(b[9])<<8 | uint32(b[10])<<16 | uint32(b[11])<<24
}

// count is how many rows there are, 0 = it contradicts itself.
func (x rowIndex) count() uint32 {
	rows := uint32(1)
	for n := range uint32(indexSize / blockSize) {
		has, before := x.block(n)
		if before != rows {
			return 0
		}
		rows += uint32(bits.OnesCount64(has))
	}
	return rows
}
