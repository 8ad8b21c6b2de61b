package triage

import (
	"math"
	"slices"
)

// head is a part of the model that is trained by itself.
type head struct {
	at       int // where it stands in the model's rows
	outputs  int
	l2       float32
	classes  int     // of which the naive estimate is added: the first
	naive    float32 // how far that counts
	class    func(*sample) int
	priors   bool // word rules and patterns speak for its outputs
	gradient func(s *sample, out, g *weights)
	rows     []weights
	bias     weights
	guess    []float32 // rows × classes: the naive estimate
}

// weights are a row of a head: its outputs' and, last, AdaGrad's sum of squared
// errors, so that learning from a feature touches one place of the memory. As
// scores the last is nobody's.
type weights [12]float32

const gradSum = len(weights{}) - 1

// topics says which label, and which fields are present.
func (o *options) topics() *head {
	return &head{
		at: headLabel, outputs: headCrisis, l2: o.l2, classes: headParts, naive: o.bayes, priors: true,
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

// train runs AdaGrad over the samples in a fixed shuffled order.
func (h *head) train(samples []sample, rows int, o *options) {
	h.rows = make([]weights, rows)
	for i := range h.rows {
		h.rows[i][gradSum] = 0.1
	}
	order := make([]int32, len(samples))
	for i := range order {
		order[i] = int32(i)
	}
	// A town's own come last each time, so that a line more or less of theirs leaves
	// the way through the base as it was.
	shared := len(order)
	if own := slices.IndexFunc(samples, func(s sample) bool { return s.own }); own >= 0 {
		shared = own
	}
	rng := uint64(88172645463325252)
	var out, g weights
	var wrong []int // outputs that err noticeably: only they learn
	done := make([]bool, len(samples))
	var biasSum float32 = 10
	for range o.epochs {
		for i := shared - 1; i > 0; i-- {
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
			if h.priors {
				for k, p := range s.prior {
					out[k] += p * o.prior
				}
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
			biasSum += 0.1
			step := o.rate / float32(math.Sqrt(float64(biasSum))) * 0.1
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
// others. Added to what is trained it helps: the two err differently, and together
// less.
func (h *head) estimate(samples []sample, rows int, o *options) {
	h.guess = make([]float32, rows*h.classes)
	sums, all := make([]float32, rows), 0.0
	total := make([]float64, h.classes)
	for i := range samples {
		s := &samples[i]
		class := h.class(s)
		var sum float64
		for _, f := range s.features {
			v := s.values[f.kind()]
			sums[f.row()] += v
			if class < h.classes {
				h.guess[f.row()*h.classes+class] += v
			}
			sum += float64(v)
		}
		all += sum
		if class < h.classes {
			total[class] += sum
		}
	}
	a := float64(o.alpha)
	const spread = 60_000 // about how many features there are
	for row, sum := range sums {
		if sum == 0 {
			continue
		}
		for c := range h.classes {
			n := &h.guess[row*h.classes+c]
			pro := (float64(*n) + a) / (total[c] + a*spread)
			against := (float64(sum-*n) + a) / (all - total[c] + a*spread)
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
