package triage

import "math"

// model is what was learned: one linear model whose heads say which label, which
// fields are present and which danger, over the same features.
type model struct {
	opt     options
	rows    rowIndex           // empty while samples are made
	weights string             // rows × outputs of an int8 each, in units; row 0 is none's
	common  [mostCommon]uint32 // rows of the commonest features, in order; 0s first where there are fewer
	bias    [outputs]float32
	docs    int           // how many examples it has learned
	tallies map[int]tally // of each head, by where it stands
	town    *town         // what a town's own examples add; nil = nothing
}

// Where the heads stand in a row.
const (
	headLabel  = 0  // 7, softmax
	headParts  = 7  // 4, each yes or no
	headCrisis = 11 // 9, softmax
	outputs    = 20
	lanes      = 4 // outputs scored at a time
)

// weightUnit is what a weight of one counts, in nats: less than learning can tell. One
// feature alone says up to four.
const weightUnit = 1. / 16

var labels = []string{Elderly, Disability, Child, Poverty, Complex, Unclear, OutOfScope}
var dangers = append([]string{None}, Kinds...)

func newModel(opt options) *model { return &model{opt: opt} }

// believe adds what the rules say to scores.
func (o *options) believe(v *view, scores *[outputs]float32) {
	for k, p := range v.prior {
		scores[k] += p * o.prior
	}
}

// scores adds up what the gathered features say for the outputs from one to another,
// and for those beside them that fill the lanes.
func (m *model) scores(s *scratch, v *values, out *[outputs]float32, from, to int) {
	values, list := *v, s.features
	for kind := range values {
		values[kind] *= weightUnit
	}
	for k := from / lanes * lanes; k < to; k += lanes {
		a, b, c, d := m.bias[k], m.bias[k+1], m.bias[k+2], m.bias[k+3]
		for _, f := range list {
			w, value := m.weights[f.row()*outputs+k:][:lanes], values[f.kind()]
			a += float32(int8(w[0])) * value
			b += float32(int8(w[1])) * value
			c += float32(int8(w[2])) * value
			d += float32(int8(w[3])) * value
		}
		out[k], out[k+1], out[k+2], out[k+3] = a, b, c, d
	}
	if m.town != nil {
		m.town.scores(s, v, out, from, to)
	}
}

// weight is what the gathered feature of a place says for one output, in nats.
func (m *model) weight(s *scratch, i int, v *values, output int) float32 {
	f := s.features[i]
	w := float32(int8(m.weights[f.row()*outputs+output])) * weightUnit
	if m.town != nil {
		w += m.town.weights[s.town[i]][output]
	}
	return w * v[f.kind()]
}

// take puts the trained heads together, their weights in whole units.
func (m *model) take(rows int, heads ...*head) {
	m.tallies = map[int]tally{}
	all := make([]byte, rows*outputs)
	for _, h := range heads {
		copy(m.bias[h.at:], h.bias[:h.outputs])
		m.tallies[h.at] = h.tally
		for row := range h.rows {
			w := &h.rows[row]
			for c := range h.classes {
				w[c] += h.guess[row*h.classes+c]
			}
			for k, w := range w[:h.outputs] {
				units := math.Round(float64(w) / weightUnit)
				all[row*outputs+h.at+k] = byte(int8(min(max(units, -math.MaxInt8), math.MaxInt8)))
			}
		}
	}
	m.weights = string(all)
}

// calibrate turns the winner's share into the probability that it is right. The
// slope and offset were fitted (Platt) to held-out fifths of the base examples,
// a complex case read as one of its own components counted as right.
func calibrate(p float64) float64 {
	const slope, offset = 0.74, 0.13
	p = min(max(p, 1e-6), 1-1e-6)
	return 1 / (1 + math.Exp(-slope*math.Log(p/(1-p))-offset))
}
