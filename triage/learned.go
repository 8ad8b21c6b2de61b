package triage

import (
	"encoding/binary"
	"fmt"
)

// learned begins what is written of a model; behind it stand its rowIndex and its
// weights, as they lie in memory. Numbers are little-endian.
type learned struct {
	Docs, Rows uint32
	Bias       [outputs]float32
	Tallies    [2]tally
	Common     [mostCommon]uint32
}

// Learned is what r has learned of the base's examples, written down for Recall. The
// same examples give the same bytes wherever floating-point numbers are not fused.
func (r *Reader) Learned() []byte {
	m := r.model
	l := learned{uint32(m.docs), uint32(len(m.weights) / outputs), m.bias, [2]tally{m.tallies[headLabel], m.tallies[headCrisis]}, m.common}
	out, _ := binary.Append(nil, binary.LittleEndian, l) // its size is fixed
	return append(append(out, m.rows...), m.weights...)
}

// Recall makes the reader that Learn made of the same lexicon, from what Learned wrote.
// It reads that where it lies, and takes no time.
func (u *Untaught) Recall(data string) (*Reader, error) {
	var l learned
	head := binary.Size(l)
	if len(data) < head+indexSize {
		return nil, fmt.Errorf("recall what was learned: %d bytes", len(data))
	}
	if _, err := binary.Decode([]byte(data[:head]), binary.LittleEndian, &l); err != nil {
		return nil, fmt.Errorf("recall what was learned: %w", err)
	}
	m := newModel(defaults)
	m.docs, m.bias, m.common = int(l.Docs), l.Bias, l.Common
	m.tallies = map[int]tally{headLabel: l.Tallies[0], headCrisis: l.Tallies[1]}
	m.rows, m.weights = rowIndex(data[head:][:indexSize]), data[head+indexSize:]
	if rows := m.rows.count(); rows != l.Rows || len(m.weights) != int(rows)*outputs {
		return nil, fmt.Errorf("recall what was learned: %d bytes of weights for %d rows, of which there are %d", len(m.weights), l.Rows, rows)
	}
	r := *u.reader
	r.scratch, r.model = newPool(), m
	return &r, nil
}
