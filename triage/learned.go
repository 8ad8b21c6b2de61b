package triage

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
)

// learned begins what is written of a model; behind it stand the hashes of its rows
// and its weights, all in one DEFLATE stream:
//
//	hashes   of each row but row 0 a varint: how far on from the hash of the row
//	         before, which occurred as often; 0 = those from here on are rarer, and
//	         begin anew
//	weights  a byte each, of all rows for the first output, then for the next
type learned struct {
	Docs, Rows uint32
	Bias       [outputs]float32
	Tallies    [2]tally
}

// Learned is what r has learned of the base's examples, written down for Recall. The
// same examples give the same bytes wherever floating-point numbers are not fused.
func (r *Reader) Learned() []byte {
	m := r.model
	rows := len(m.weights) / outputs
	var out bytes.Buffer // writing into memory does not fail
	w, _ := flate.NewWriter(&out, flate.BestCompression)
	_ = binary.Write(w, binary.LittleEndian, learned{
		uint32(m.docs), uint32(rows), m.bias, [2]tally{m.tallies[headLabel], m.tallies[headCrisis]},
	})
	hashes := make([]int, rows)
	for _, slot := range m.rows {
		hashes[uint32(slot)] = int(slot >> 32)
	}
	var steps []byte
	before := -1
	for _, hash := range hashes[1:] {
		if hash <= before {
			steps, before = append(steps, 0), -1
		}
		steps, before = binary.AppendUvarint(steps, uint64(hash-before)), hash
	}
	_, _ = w.Write(steps)
	column := make([]byte, rows)
	for k := range outputs {
		for row := range column {
			column[row] = byte(m.weights[row*outputs+k])
		}
		_, _ = w.Write(column)
	}
	_ = w.Close()
	return out.Bytes()
}

// Recall makes the reader that Learn made of the same lexicon, from what Learned wrote,
// in a tenth of the time.
func (u *Untaught) Recall(data []byte) (*Reader, error) {
	m := newModel(defaults)
	if err := m.recall(bufio.NewReader(flate.NewReader(bytes.NewReader(data)))); err != nil {
		return nil, fmt.Errorf("recall what was learned: %w", err)
	}
	r := *u.reader
	r.scratch, r.model = newPool(), m
	return &r, nil
}

func (m *model) recall(in *bufio.Reader) error {
	var l learned
	if err := binary.Read(in, binary.LittleEndian, &l); err != nil {
		return err
	}
	if l.Rows < 1 || l.Rows > 1<<hashBits {
		return fmt.Errorf("%d rows", l.Rows)
	}
	m.docs, m.bias = int(l.Docs), l.Bias
	m.tallies = map[int]tally{headLabel: l.Tallies[0], headCrisis: l.Tallies[1]}
	m.rows = newRowTable(int(l.Rows))
	before := -1
	for row := uint32(1); row < l.Rows; {
		step, err := binary.ReadUvarint(in)
		switch {
		case err != nil:
			return err
		case step == 0:
			before = -1
		case step > 1<<hashBits || before+int(step) >= 1<<hashBits:
			return fmt.Errorf("a hash too great for row %d", row)
		default:
			before += int(step)
			m.rows.put(uint32(before), row)
			row++
		}
	}
	m.weights = make([]int8, l.Rows*outputs)
	column := make([]byte, l.Rows)
	for k := range outputs {
		if _, err := io.ReadFull(in, column); err != nil {
			return err
		}
		for row, w := range column {
			m.weights[row*outputs+k] = int8(w)
		}
	}
	return nil
}
