package triage

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// The learner is one linear model with three heads over the same features:
// which label, which fields are present, which danger. It is trained at the
// start from the examples, the same way every time.
const (
	headLabel  = 0 // 7, softmax
	headParts  = 7 // 4, each yes or no
	headCrisis = 11
	outputs    = 20 // 9 for crisis, softmax
)

var labels = []string{Elderly, Disability, Child, Poverty, Complex, Unclear, OutOfScope}
var dangers = append([]string{None}, Kinds...)

// options of the learner, chosen by five-fold cross-validation on the base
// examples, folds cut by file.
type options struct {
	epochs       int
	rate         float32 // AdaGrad's
	l2           float32
	l2Crisis     float32 // the same for danger: strong, so that no few words decide alone
	conceptValue float32 // value of a named thing beside a message's pieces of length 1
	pairValue    float32 // of two of them together
	setValue     float32 // of the set of labels touched
	countValue   float32 // of how many groups of each label were touched
	kanjiValue   float32 // of a run of kanji
	shapeValue   float32 // of the length and the scripts of a message
	partAt       float32 // score from which a complex message holds a component
	minDF        int     // a rarer piece is not learned
	crisisWeight float32 // weight of a danger in the crisis head
	crisisAt     float32 // score of danger from which guidance is shown without any rule: recall first
	clauseOff    float32 // how many nats calm is favoured by in a single sentence of a long message
	weakAt       float32 // score of danger from which a weak crisis rule counts
	prior        float32 // how far a rule's weight counts
	seed         uint64
	short        float32 // weight of the shortest messages; full from 25 characters on
	decoy        float32 // weight of a decoy in the crisis head
	bayes        float32 // how far the naive estimate counts beside the trained one
	bayesCrisis  float32 // the same for calm against danger
	alpha        float32 // its smoothing
}

var defaults = options{epochs: 4, rate: 0.8, l2: 1e-4, l2Crisis: 1e-3, conceptValue: 0.4, pairValue: 0.03, setValue: 0.2, countValue: 0.2, kanjiValue: 0.2, shapeValue: 0.2, partAt: -0.8, minDF: 2, crisisWeight: 2, crisisAt: 0.5, clauseOff: 2, weakAt: 0.3, prior: 1, short: 1, decoy: 1, bayes: 0.15, bayesCrisis: 0.3, alpha: 0.1}

type model struct {
	opt     options
	weights []float32 // tableSize × outputs
	bias    [outputs]float32
	df      []uint16
	idfs    []float32
	docs    int
}

func (m *model) idf(h uint32) float32 {
	if m.idfs == nil {
		return 1
	}
	return m.idfs[h]
}

// sample is one training message.
type sample struct {
	pieces []piece
	label  int
	parts  [4]bool
	known  bool // parts are known
	danger int
	prior  [headParts]float32
	weight float32
	decoy  bool
}

func newModel(opt options) *model {
	return &model{opt: opt, weights: make([]float32, tableSize*outputs)}
}

// learn trains from nothing: the crisis head beside the others, since they
// share no weight.
func (m *model) learn(samples []sample) {
	m.count(samples)
	var wait sync.WaitGroup
	wait.Go(func() { m.train(samples, headCrisis, outputs) })
	m.train(samples, 0, headCrisis)
	wait.Wait()
	m.estimate(samples)
}

// estimate adds the naive Bayes estimate, each label against all others, to the
// trained label head: the two err differently, and together less.
func (m *model) estimate(samples []sample) {
	var total [headParts]float64
	var all float64
	sums := make([]float32, tableSize*headParts)
	calm := make([]float32, tableSize)
	var calmAll float64
	seen := make([]float32, tableSize)
	for _, s := range samples {
		for _, p := range s.pieces {
			v := p.value * s.weight
			sums[int(p.hash)*headParts+s.label] += v
			seen[p.hash] += v
			total[s.label] += float64(v)
			all += float64(v)
			if s.danger == 0 {
				calm[p.hash] += v
				calmAll += float64(v)
			}
		}
	}
	a := float64(m.opt.alpha)
	const spread = 60_000 // about how many features there are
	for h, n := range seen {
		if n == 0 {
			continue
		}
		for k := range headParts {
			in := float64(sums[h*headParts+k])
			pro := (in + a) / (total[k] + a*spread)
			against := (float64(n) - in + a) / (all - total[k] + a*spread)
			m.weights[h*outputs+k] += m.opt.bayes * float32(math.Log(pro/against))
		}
		in := float64(calm[h])
		pro := (in + a) / (calmAll + a*spread)
		against := (float64(n) - in + a) / (all - calmAll + a*spread)
		m.weights[h*outputs+headCrisis] += m.opt.bayesCrisis * float32(math.Log(pro/against))
	}
}

func (m *model) weight(p piece, label int) float32 {
	return m.weights[int(p.hash)*outputs+label] * p.value
}

// calibrate turns the winner's share into the probability that it is right. The
// slope and offset were fitted (Platt) to held-out fifths of the base examples,
// a complex case read as one of its own components counted as right.
func calibrate(p float64) float64 {
	const slope, offset = 0.60, -0.08
	p = min(max(p, 1e-6), 1-1e-6)
	return 1 / (1 + math.Exp(-slope*math.Log(p/(1-p))-offset))
}

// samples makes the examples ready to learn.
func (r *Reader) samples(examples []Example, faults *[]Fault) []sample {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	out := make([]sample, 0, len(examples))
	for _, e := range examples {
		label, danger := slices.Index(labels, e.Field), slices.Index(dangers, e.Crisis)
		if label < 0 || danger < 0 {
			*faults = append(*faults, Fault{"examples", fmt.Sprintf("unknown field %q or crisis %q", e.Field, e.Crisis)})
			continue
		}
		v := r.view(e.Text, s)
		x := sample{pieces: slices.Clone(r.model.pieces(v, s)), label: label, danger: danger, prior: v.prior, weight: 1, known: true}
		if label < 4 {
			x.parts[label] = true
		}
		x.weight = min(1, r.model.opt.short+(1-r.model.opt.short)*float32(len(v.text))/25)
		x.decoy = e.Decoy
		for _, f := range e.Fields {
			if k := slices.Index(labels[:4], f); k >= 0 {
				x.parts[k] = true
			}
		}
		out = append(out, x)
	}
	return out
}

// count learns which pieces are common.
func (m *model) count(samples []sample) {
	m.df = make([]uint16, tableSize)
	for _, s := range samples {
		for _, p := range s.pieces {
			if m.df[p.hash] < math.MaxUint16 {
				m.df[p.hash]++
			}
		}
	}
	m.docs = len(samples)
	m.idfs = make([]float32, tableSize)
	for h, n := range m.df {
		if int(n) >= m.opt.minDF {
			m.idfs[h] = float32(math.Log(float64(m.docs+1)/float64(n))) / 3
		}
	}
	for i := range samples {
		m.weigh(&samples[i])
	}
}

// weigh gives the pieces of a counted sample their values.
func (m *model) weigh(s *sample) {
	kept := s.pieces[:0]
	var sum float64
	for _, p := range s.pieces {
		v := m.idfs[p.hash]
		if v == 0 {
			continue
		}
		if p.value == 1 {
			p.value = v
			sum += float64(v) * float64(v)
		} else {
			p.value = -p.value
		}
		kept = append(kept, p)
	}
	scale := float32(1)
	if sum > 0 {
		scale = float32(1 / math.Sqrt(sum))
	}
	for i := range kept {
		if kept[i].value < 0 {
			kept[i].value = -kept[i].value
		} else {
			kept[i].value *= scale
		}
	}
	s.pieces = kept
}

// train runs AdaGrad over the samples in a fixed shuffled order.
func (m *model) train(samples []sample, from, to int) {
	w := m.weights
	grad := make([]float32, tableSize)
	for i := range grad {
		grad[i] = 0.1
	}
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	rng := m.opt.seed + 88172645463325252
	l2 := m.opt.l2
	if from == headCrisis {
		l2 = m.opt.l2Crisis
	}
	var out, g [outputs]float32
	var biasGrad float32 = 10
	for epoch := 0; epoch < m.opt.epochs; epoch++ {
		for i := len(order) - 1; i > 0; i-- {
			rng ^= rng << 13
			rng ^= rng >> 7
			rng ^= rng << 17
			j := int(rng % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
		for _, n := range order {
			s := &samples[n]
			m.scores(s.pieces, &out, from, to)
			if from == 0 {
				for k, p := range s.prior {
					out[k] += p * m.opt.prior
				}
			}
			m.gradient(s, &out, &g, from, to)
			own := g[from:to]
			var norm float32
			for _, v := range own {
				norm += v * v
			}
			for _, p := range s.pieces {
				row := w[int(p.hash)*outputs+from:][:len(own)]
				grad[p.hash] += norm * p.value * p.value
				step := m.opt.rate * p.value / float32(math.Sqrt(float64(grad[p.hash])))
				for k, v := range own {
					row[k] -= step*v + l2*row[k]
				}
			}
			biasGrad += 0.1
			step := m.opt.rate / float32(math.Sqrt(float64(biasGrad))) * 0.1
			for k := from; k < to; k++ {
				m.bias[k] -= step * g[k]
			}
		}
	}
}

func (m *model) scores(pieces []piece, out *[outputs]float32, from, to int) {
	own := out[from:to]
	copy(own, m.bias[from:to])
	for _, p := range pieces {
		row := m.weights[int(p.hash)*outputs+from:][:len(own)]
		for k, v := range row {
			own[k] += v * p.value
		}
	}
}

func (m *model) gradient(s *sample, out, g *[outputs]float32, from, to int) {
	if from < headParts {
		softmax(out[headLabel:headParts], g[headLabel:headParts])
		g[headLabel+s.label]--
		scale(g[headLabel:headParts], s.weight)
	}
	if from < headCrisis {
		for k := range 4 {
			p := sigmoid(out[headParts+k])
			if s.parts[k] {
				p--
			}
			if !s.known {
				p = 0
			}
			g[headParts+k] = p * s.weight
		}
	}
	if to == outputs {
		softmax(out[headCrisis:outputs], g[headCrisis:outputs])
		g[headCrisis+s.danger]--
		w := s.weight
		if s.danger != 0 {
			w *= m.opt.crisisWeight
		} else if s.decoy {
			w *= m.opt.decoy
		}
		scale(g[headCrisis:outputs], w)
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
