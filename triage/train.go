package triage

import (
	"math"
)

// head is a part of the model that is trained by itself.
type head struct {
	at       int // where it stands in the model's rows
	outputs  int
	l2       float32
	classes  int     // of which the naive estimate is added: the first
	naive    float32 // how far that counts
	class    func(*sample) int
	gradient func(s *sample, out, g *weights)
	rows     []weights
	bias     weights
	biasSum  float32   // AdaGrad's for the bias
	guess    []float32 // rows × classes: the naive estimate
	tally    tally
}

// weights are a row of a head: its outputs' and, last, AdaGrad's sum of squared
// errors, so that learning from a feature touches one place of the memory. As
// scores the last is nobody's.
type weights [12]float32

const gradSum = len(weights{}) - 1

// tally is what of the samples the naive estimate needs besides each feature's own.
type tally struct {
	All   float64
	Class [headParts]float64
}

// begin makes the rows of a head that has learned nothing.
func (h *head) begin(rows int) *head {
	h.rows, h.guess, h.bias, h.biasSum = make([]weights, rows), make([]float32, rows*h.classes), weights{}, 10
	for i := range h.rows {
		h.rows[i][gradSum] = 0.1
	}
	return h
}

// topics says which label, and which fields are present.
func (o *options) topics() *head {
	return &head{
		at: headLabel, outputs: headCrisis, l2: o.l2, classes: headParts, naive: o.bayes,
		class: func(s *sample) int { return s.label },
		gradient: func(s *sample, out, g *weights) {
			softmax(out[:headParts], g[:headParts])
			g[s.label]--
			for k := range s.parts {
				g[headParts+k] = sigmoid(out[headParts+k])
				if s.parts[k] {
					g[headParts+k]--
				}
			}
		},
	}
}

// perils says which danger.
func (o *options) perils() *head {
	const kinds = outputs - headCrisis
	return &head{
		at: headCrisis, outputs: kinds, l2: o.l2Crisis, classes: 1, naive: o.bayesCrisis,
		class: func(s *sample) int { return s.danger },
		gradient: func(s *sample, out, g *weights) {
			softmax(out[:kinds], g[:kinds])
			g[s.danger]--
			if s.danger != 0 {
				scale(g[:kinds], o.crisisWeight)
			}
		},
	}
}

// still is an error so small that nothing is learned from it. A sample of which
// no output errs by more than settled is not looked at again.
const (
	still   = 0.06
	settled = 0.15
)

// mean trains in several orders and keeps the mean of what was learned: the half of
// what is learned last hangs on the order.
func (h *head) mean(samples []sample, orders int, o *options) {
	one := *h
	for n := range orders {
		one.begin(len(h.rows))
		one.train(samples, o.epochs, uint64(n), o)
		for row := range h.rows {
			for k := range h.outputs {
				h.rows[row][k] += one.rows[row][k] / float32(orders)
			}
		}
		for k := range h.outputs {
			h.bias[k] += one.bias[k] / float32(orders)
		}
	}
}

// train runs AdaGrad over the samples in rounds, shuffled in the order of a number.
func (h *head) train(samples []sample, rounds int, number uint64, o *options) {
	order := make([]int32, len(samples))
	for i := range order {
		order[i] = int32(i)
	}
	rng := 88172645463325252 + number<<32
	var out, g weights
	var wrong []int // outputs that err noticeably: only they learn
	done := make([]bool, len(samples))
	for range rounds {
		for i := len(order) - 1; i > 0; i-- {
			rng ^= rng << 13
			rng ^= rng >> 7
			rng ^= rng << 17
			j := int(rng % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
		for _, n := range order {
			if done[n] {
				continue
			}
			s := &samples[n]
			h.scores(s, &out)
			for k, from := range s.from[h.at : h.at+h.outputs] {
				out[k] += from
			}
			h.gradient(s, &out, &g)
			wrong = wrong[:0]
			var norm, worst float32
			for k, e := range g[:h.outputs] {
				if e > still || e < -still {
					wrong = append(wrong, k)
					norm += e * e
					worst = max(worst, e, -e)
				}
			}
			done[n] = worst < settled
			if len(wrong) == 0 {
				continue
			}
			for _, f := range s.features {
				value, row := s.values[f.kind()], &h.rows[f.row()]
				row[gradSum] += norm * value * value
				step := o.rate * value / float32(math.Sqrt(float64(row[gradSum])))
				for _, k := range wrong {
					row[k] -= step*g[k] + h.l2*row[k]
				}
			}
			h.biasSum += 0.1
			step := o.rate / float32(math.Sqrt(float64(h.biasSum))) * 0.1
			for _, k := range wrong {
				h.bias[k] -= step * g[k]
			}
		}
	}
}

// scores adds up what the features say, four outputs at a time, so that the sums
// stay in registers.
func (h *head) scores(s *sample, out *weights) {
	for k := 0; k < len(out); k += lanes {
		a, b, c, d := h.bias[k], h.bias[k+1], h.bias[k+2], h.bias[k+3]
		for _, f := range s.features {
			w, value := (*[lanes]float32)(h.rows[f.row()][k:]), s.values[f.kind()]
			a += w[0] * value
			b += w[1] * value
			c += w[2] * value
			d += w[3] * value
		}
		out[k], out[k+1], out[k+2], out[k+3] = a, b, c, d
	}
}

// estimate makes the naive Bayes estimate of the first classes, each against all
// others, from samples that count so many times. Added to what is trained it helps:
// the two err differently, and together less.
func (h *head) estimate(samples []sample, times int, o *options) {
	sums := make([]float32, len(h.rows))
	for i := range samples {
		s := &samples[i]
		class := h.class(s)
		var sum float64
		for _, f := range s.features {
			v := s.values[f.kind()] * float32(times)
			sums[f.row()] += v
			if class < h.classes {
				h.guess[f.row()*h.classes+class] += v
			}
			sum += float64(v)
		}
		h.tally.All += sum
		if class < h.classes {
			h.tally.Class[class] += sum
		}
	}
	a := float64(o.alpha)
	const spread = 60_000 // over so many features what nobody has shown is spread
	for row, sum := range sums {
		if sum == 0 {
			continue
		}
		for c := range h.classes {
			n := &h.guess[row*h.classes+c]
			total := h.tally.Class[c]
			pro := (float64(*n) + a) / (total + a*spread)
			against := (float64(sum-*n) + a) / (h.tally.All - total + a*spread)
			*n = h.naive * float32(math.Log(pro/against))
		}
	}
}

func softmax(in, out []float32) {
	top := in[0]
	for _, v := range in {
		top = max(top, v)
	}
	var sum float32
	for i, v := range in {
		out[i] = float32(math.Exp(float64(v - top)))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
}

func scale(v []float32, by float32) {
	for i := range v {
		v[i] *= by
	}
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
