package triage

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

const (
	// ownTimes is how often a town's own example is learned for each time that the
	// base's are: ten lines of a town must be heard beside the base's seventy thousand.
	ownTimes = 5
	// mostCommon is how many of the base's commonest features, and what stands nowhere in
	// a message, no town teaches: they stand in everything that people write, and say
	// the same everywhere.
	mostCommon = 2000
)

// town is what a town's own examples add to what was learned of the base's, which
// they leave as it is: rows of the town's own, for the features that they show. A
// message with none of these is read as everywhere.
type town struct {
	own     rowTable
	weights [][outputs]float32 // of each row, in nats
}

// newTown gives each number a row of zeros, in their order.
func newTown(numbers []uint32) *town {
	t := &town{newRowTable(len(numbers)), make([][outputs]float32, 1+len(numbers))}
	for i, n := range numbers {
		t.own.put(n, uint32(i+1))
	}
	return t
}

// rowTable tells the row of a town's own of each feature that has one, by its number: an
// open hash table of number<<32 | row, never full. Row 0 is none's. Few rows among many
// numbers: the base's rowIndex would be megabytes for each town.
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

// scores adds what the town's own rows say of the gathered features.
func (t *town) scores(s *scratch, v *values, out *[outputs]float32, from, to int) {
	for i, row := range s.town {
		if row == 0 {
			continue
		}
		w, value := &t.weights[row], v[s.features[i].kind()]
		for k := from; k < to; k++ {
			out[k] += w[k] * value
		}
	}
}

// teach learns a town's own examples on top of the model, which it shares with others:
// from then on r has a model of its own.
func (r *Reader) teach(own []Example, faults *[]Fault) {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	samples := r.samples(own, faults)
	m := *r.model
	m.docs += len(samples)
	shown := map[uint32]bool{}
	unlearned := newModel(m.opt)
	for i := range samples {
		unlearned.gather(r.view(samples[i].text, s), s)
		for j, f := range s.features {
			row := m.rows.row(uint32(f.row()))
			if _, known := slices.BinarySearch(m.common[:], row); s.spans[j].from >= 0 && (row == 0 || !known) {
				shown[uint32(f.row())] = true
			}
		}
	}
	numbers := slices.Sorted(maps.Keys(shown))
	m.town = newTown(numbers)
	for i := range samples {
		x := &samples[i]
		v := r.view(x.text, s)
		m.gather(v, s)
		x.values = m.opt.valuesOf(s.features)
		m.scores(s, &x.values, &x.from, 0, outputs)
		m.opt.believe(v, &x.from)
		for j, row := range s.town {
			if row != 0 {
				x.features = append(x.features, feature(s.features[j].kind()<<kindShift)|feature(row))
			}
		}
	}
	for _, h := range []*head{m.opt.topics(), m.opt.perils()} {
		h.begin(1 + len(numbers))
		h.biasSum = float32(math.Inf(1)) // what is said without a word stays
		h.train(samples, ownTimes*m.opt.epochs, 0, &m.opt)
		h.tally = m.tallies[h.at]
		h.estimate(samples, ownTimes, &m.opt)
		for i, n := range numbers {
			row := &m.town.weights[i+1]
			copy(row[h.at:], h.rows[i+1][:h.outputs])
			for c := range h.classes {
				if m.rows.row(n) == 0 { // else the base's naive estimate holds
					row[h.at+c] += h.guess[(i+1)*h.classes+c]
				}
			}
		}
	}
	r.model = &m
}
