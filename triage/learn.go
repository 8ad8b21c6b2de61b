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
//
// A row of weights is two lines of a processor's cache, and the two halves that
// are trained side by side do not share one.
const (
	headLabel  = 0 // 7, softmax
	headParts  = 7 // 4, each yes or no
	headFields = 11
	headCrisis = 16 // 9, softmax
	outputs    = 25
	rowSize    = 32
	lanes      = 4 // outputs scored at a time
)

var labels = []string{Elderly, Disability, Child, Poverty, Complex, Unclear, OutOfScope}
var dangers = append([]string{None}, Kinds...)

// options of the learner, chosen by five-fold cross-validation on the base
// examples, folds cut by file; those of danger on the messages by others too
// (testdata), where calm and danger stand in a likelier proportion.
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
	bayes        float32 // how far the naive estimate counts beside the trained one
	bayesCrisis  float32 // the same for calm against danger
	alpha        float32 // its smoothing
}

var defaults = options{epochs: 3, rate: 0.8, l2: 1e-4, l2Crisis: 1e-3, conceptValue: 0.4, pairValue: 0.03, setValue: 0.2, countValue: 0.2, kanjiValue: 0.2, shapeValue: 0.2, partAt: -0.8, minDF: 2, crisisWeight: 2, crisisAt: 0.45, clauseOff: 2, weakAt: 0.3, prior: 1, bayes: 0.15, bayesCrisis: 0.3, alpha: 0.1}

// model is what was learned. Pieces that were learned have a row of weights, the
// commonest first, so that what is read most lies together; row 0 is no piece's.
type model struct {
	opt     options
	rows    []uint32 // of each hash; nil while samples are made
	idfs    []float32
	weights []float32 // rows × rowSize
	bias    [rowSize]float32
	docs    int
}

// row gives a piece's row and how rare it is; before anything is counted, its
// hash and 1.
func (m *model) row(h uint32) (row uint32, idf float32) {
	if m.rows == nil {
		return h, 1
	}
	row = m.rows[h]
	return row, m.idfs[row]
}

// sample is one training message.
type sample struct {
	pieces []piece
	label  int
	parts  [4]bool
	danger int
	prior  [headParts]float32
}

func newModel(opt options) *model { return &model{opt: opt} }

// learn trains from nothing: the crisis head beside the others, since they
// share no weight.
func (m *model) learn(samples []sample) {
	m.count(samples)
	var wait sync.WaitGroup
	wait.Go(func() { m.train(samples, headCrisis, outputs) })
	m.train(samples, 0, headFields)
	wait.Wait()
	m.estimate(samples)
}

// estimate adds the naive Bayes estimate, each label against all others, to the
// trained label head: the two err differently, and together less.
func (m *model) estimate(samples []sample) {
	var total [headParts]float64
	var all float64
	sums := make([]float32, len(m.idfs)*headParts)
	calm := make([]float32, len(m.idfs))
	var calmAll float64
	seen := make([]float32, len(m.idfs))
	for _, s := range samples {
		for _, p := range s.pieces {
			v := p.value
			sums[int(p.row)*headParts+s.label] += v
			seen[p.row] += v
			total[s.label] += float64(v)
			all += float64(v)
			if s.danger == 0 {
				calm[p.row] += v
				calmAll += float64(v)
			}
		}
	}
	a := float64(m.opt.alpha)
	const spread = 60_000 // about how many features there are
	for row, n := range seen {
		if n == 0 {
			continue
		}
		for k := range headParts {
			in := float64(sums[row*headParts+k])
			pro := (in + a) / (total[k] + a*spread)
			against := (float64(n) - in + a) / (all - total[k] + a*spread)
			m.weights[row*rowSize+k] += m.opt.bayes * float32(math.Log(pro/against))
		}
		in := float64(calm[row])
		pro := (in + a) / (calmAll + a*spread)
		against := (float64(n) - in + a) / (all - calmAll + a*spread)
		m.weights[row*rowSize+headCrisis] += m.opt.bayesCrisis * float32(math.Log(pro/against))
	}
}

func (m *model) weight(p piece, label int) float32 {
	return m.weights[int(p.row)*rowSize+label] * p.value
}

// calibrate turns the winner's share into the probability that it is right. The
// slope and offset were fitted (Platt) to held-out fifths of the base examples,
// a complex case read as one of its own components counted as right.
func calibrate(p float64) float64 {
	const slope, offset = 0.60, -0.08
	p = min(max(p, 1e-6), 1-1e-6)
	return 1 / (1 + math.Exp(-slope*math.Log(p/(1-p))-offset))
}

// samples makes the examples ready to learn, the halves side by side.
func (r *Reader) samples(examples []Example, faults *[]Fault) []sample {
	out := make([]sample, 0, len(examples))
	texts := make([]string, 0, len(examples))
	for _, e := range examples {
		x := sample{label: slices.Index(labels, e.Field), danger: slices.Index(dangers, e.Crisis)}
		if x.label < 0 || x.danger < 0 {
			*faults = append(*faults, Fault{"examples", fmt.Sprintf("unknown field %q or crisis %q", e.Field, e.Crisis)})
			continue
		}
		if x.label < 4 {
			x.parts[x.label] = true
		}
		for _, f := range e.Fields {
			if k := slices.Index(labels[:4], f); k >= 0 {
				x.parts[k] = true
			}
		}
		out, texts = append(out, x), append(texts, e.Text)
	}
	half := len(out) / 2
	var wait sync.WaitGroup
	wait.Go(func() { r.prepare(out[:half], texts[:half]) })
	r.prepare(out[half:], texts[half:])
	wait.Wait()
	return out
}

// prepare finds the pieces of each text.
func (r *Reader) prepare(out []sample, texts []string) {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	for i, text := range texts {
		v := r.view(text, s)
		out[i].pieces, out[i].prior = slices.Clone(r.model.pieces(v, s)), v.prior
	}
}

// count gives the pieces that occur often enough their rows and learns how
// common they are.
func (m *model) count(samples []sample) {
	df := make([]uint32, tableSize)
	for _, s := range samples {
		for _, p := range s.pieces {
			df[p.row]++
		}
	}
	hashes := []uint32{0}
	for h, n := range df {
		if int(n) >= m.opt.minDF {
			hashes = append(hashes, uint32(h))
		}
	}
	slices.SortStableFunc(hashes[1:], func(a, b uint32) int { return int(df[b]) - int(df[a]) })
	m.docs = len(samples)
	m.rows = make([]uint32, tableSize)
	m.idfs = make([]float32, len(hashes))
	m.weights = make([]float32, len(hashes)*rowSize)
	for row, h := range hashes {
		if row > 0 {
			m.rows[h] = uint32(row)
			m.idfs[row] = float32(math.Log(float64(m.docs+1)/float64(df[h]))) / 3
		}
	}
	for i := range samples {
		m.weigh(&samples[i])
	}
}

// weigh gives the pieces of a counted sample their rows and values.
func (m *model) weigh(s *sample) {
	kept := s.pieces[:0]
	var sum float64
	for _, p := range s.pieces {
		row, idf := m.row(p.row)
		if row == 0 {
			continue
		}
		p.row = row
		if p.value == 1 {
			p.value = idf
			sum += float64(idf) * float64(idf)
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

// settled is the square of an error so small that nothing is learned from it.
const settled = 1e-4

// train runs AdaGrad over the samples in a fixed shuffled order.
func (m *model) train(samples []sample, from, to int) {
	w := m.weights
	grad := make([]float32, len(m.idfs))
	for i := range grad {
		grad[i] = 0.1
	}
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	rng := uint64(88172645463325252)
	l2 := m.opt.l2
	if from == headCrisis {
		l2 = m.opt.l2Crisis
	}
	var out, g [rowSize]float32
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
			var norm float32
			for k := from; k < to; k++ {
				norm += g[k] * g[k]
			}
			if norm < settled {
				continue
			}
			for _, p := range s.pieces {
				row := w[int(p.row)*rowSize:][from:to]
				grad[p.row] += norm * p.value * p.value
				step := m.opt.rate * p.value / float32(math.Sqrt(float64(grad[p.row])))
				for k, x := range g[from:to] {
					row[k] -= step*x + l2*row[k]
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

// scores adds up what the pieces say, four outputs at a time, so that the sums
// stay in registers.
func (m *model) scores(pieces []piece, out *[rowSize]float32, from, to int) {
	for k := from; k < to; k += lanes {
		a, b, c, d := m.bias[k], m.bias[k+1], m.bias[k+2], m.bias[k+3]
		for i := range pieces {
			p := &pieces[i]
			w := (*[lanes]float32)(m.weights[int(p.row)*rowSize+k:])
			a += w[0] * p.value
			b += w[1] * p.value
			c += w[2] * p.value
			d += w[3] * p.value
		}
		out[k], out[k+1], out[k+2], out[k+3] = a, b, c, d
	}
}

func (m *model) gradient(s *sample, out, g *[rowSize]float32, from, to int) {
	if from < headFields {
		softmax(out[headLabel:headParts], g[headLabel:headParts])
		g[headLabel+s.label]--
		for k := range 4 {
			g[headParts+k] = sigmoid(out[headParts+k])
			if s.parts[k] {
				g[headParts+k]--
			}
		}
	}
	if to == outputs {
		softmax(out[headCrisis:outputs], g[headCrisis:outputs])
		g[headCrisis+s.danger]--
		if s.danger != 0 {
			scale(g[headCrisis:outputs], m.opt.crisisWeight)
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
