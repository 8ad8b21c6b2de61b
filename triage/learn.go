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
	l2Crisis     float32 // the same for danger: stronger, so that no few words decide alone
	wordValue    float32 // value of all words beside that of all pieces
	conceptValue float32 // of each named thing
	restValue    float32 // of a run of kanji, of the sets and counts of groups, of the shape
	partAt       float32 // score from which a complex message holds a component
	minDF        int     // a rarer feature is not learned
	crisisWeight float32 // weight of a danger in the crisis head
	crisisAt     float32 // score of danger from which guidance is shown without any rule: recall first
	clauseOff    float32 // how many nats calm is favoured by in a single sentence of a long message
	weakAt       float32 // score of danger from which a weak crisis rule counts
	calmAt       float32 // score of danger below which only a town's own crisis rule counts
	prior        float32 // how far a rule's weight counts
	bayes        float32 // how far the naive estimate counts beside the trained one
	bayesCrisis  float32 // the same for calm against danger
	alpha        float32 // its smoothing
}

var defaults = options{epochs: 3, rate: 1.1, l2: 1e-3, l2Crisis: 4e-3, wordValue: 0.7, conceptValue: 0.4, restValue: 0.2, partAt: -1, minDF: 3, crisisWeight: 2, crisisAt: 0.48, clauseOff: 2, weakAt: 0.48, calmAt: 0.05, prior: 1, bayes: 0.15, bayesCrisis: 0.3, alpha: 0.1}

// model is what was learned. Features that were learned have a row of weights,
// the commonest first, so that what is read most lies together; row 0 is none's.
type model struct {
	opt     options
	rows    []uint32  // of each hash; nil while samples are made
	weights []float32 // rows × rowSize
	bias    [rowSize]float32
	docs    int
}

// size is above every number that a feature may have now.
func (m *model) size() int {
	if m.rows == nil {
		return tableSize
	}
	return len(m.weights) / rowSize
}

// sample is one training message.
type sample struct {
	text     string
	own      bool
	features []feature
	values   values
	label    int
	parts    [4]bool
	danger   int
	prior    [headParts]float32
}

func newModel(opt options) *model { return &model{opt: opt} }

// learn trains from nothing: the crisis head beside the others, since they
// share no weight. To each its naive estimate is added.
func (m *model) learn(samples []sample) {
	m.count(samples)
	var wait sync.WaitGroup
	wait.Go(func() {
		m.train(samples, headCrisis, outputs)
		m.estimate(samples, headCrisis, 1, m.opt.bayesCrisis, func(s *sample) int { return s.danger })
	})
	m.train(samples, 0, headFields)
	m.estimate(samples, headLabel, headParts, m.opt.bayes, func(s *sample) int { return s.label })
	wait.Wait()
}

// estimate adds the naive Bayes estimate of the first classes of a head, each
// against all others, to what was trained: the two err differently, and together
// less.
func (m *model) estimate(samples []sample, head, classes int, by float32, class func(*sample) int) {
	sums := make([]float32, m.size()*(classes+1)) // the last is all classes'
	total := make([]float64, classes+1)
	for i := range samples {
		s := &samples[i]
		c := class(s)
		for _, f := range s.features {
			v := s.values[f.kind()]
			row := sums[f.row()*(classes+1):]
			row[classes] += v
			total[classes] += float64(v)
			if c < classes {
				row[c] += v
				total[c] += float64(v)
			}
		}
	}
	a := float64(m.opt.alpha)
	const spread = 60_000 // about how many features there are
	for row := range m.size() {
		n := sums[row*(classes+1):][:classes+1]
		if n[classes] == 0 {
			continue
		}
		for c := range classes {
			pro := (float64(n[c]) + a) / (total[c] + a*spread)
			against := (float64(n[classes]-n[c]) + a) / (total[classes] - total[c] + a*spread)
			m.weights[row*rowSize+head+c] += by * float32(math.Log(pro/against))
		}
	}
}

func (m *model) weight(f feature, v *values, label int) float32 {
	return m.weights[f.row()*rowSize+label] * v[f.kind()]
}

// calibrate turns the winner's share into the probability that it is right. The
// slope and offset were fitted (Platt) to held-out fifths of the base examples,
// a complex case read as one of its own components counted as right.
func calibrate(p float64) float64 {
	const slope, offset = 0.74, 0.13
	p = min(max(p, 1e-6), 1-1e-6)
	return 1 / (1 + math.Exp(-slope*math.Log(p/(1-p))-offset))
}

// ownTimes is how often a town's own example is learned: ten lines of a town must
// be heard beside the forty thousand of the base.
const ownTimes = 5

// samples makes the examples ready to learn, the halves side by side.
func (r *Reader) samples(examples []Example, faults *[]Fault) []sample {
	out := make([]sample, 0, len(examples))
	for _, e := range examples {
		x := sample{text: e.Text, own: e.Own, label: slices.Index(labels, e.Field), danger: slices.Index(dangers, e.Crisis)}
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
		times := 1
		if e.Own {
			times = ownTimes
		}
		for range times {
			out = append(out, x)
		}
	}
	halves(out, r.prepare)
	return out
}

// prepare finds the features of each text.
func (r *Reader) prepare(samples []sample) {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	for i := range samples {
		v := r.view(samples[i].text, s)
		r.model.gather(v, s)
		samples[i].features, samples[i].prior = slices.Clone(s.features), v.prior
	}
}

// count gives the features that occur often enough their rows.
func (m *model) count(samples []sample) {
	df := make([]uint32, tableSize)
	for i := range samples {
		for _, f := range samples[i].features {
			df[f.row()]++
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
	for row, h := range hashes[1:] {
		m.rows[h] = uint32(row + 1)
	}
	m.weights = make([]float32, len(hashes)*rowSize)
	halves(samples, func(half []sample) {
		for i := range half {
			s := &half[i]
			kept := s.features[:0]
			for _, f := range s.features {
				if row := m.rows[f.row()]; row != 0 {
					kept = append(kept, f&^numbers|feature(row))
				}
			}
			s.features, s.values = kept, m.opt.valuesOf(kept)
		}
	})
}

// halves does the work on both halves of the samples at the same time.
func halves(samples []sample, work func(half []sample)) {
	var wait sync.WaitGroup
	wait.Go(func() { work(samples[:len(samples)/2]) })
	work(samples[len(samples)/2:])
	wait.Wait()
}

// still is an error so small that nothing is learned from it. A sample of which
// no output errs by more than settled is not looked at again.
const (
	still   = 0.02
	settled = 0.15
)

// train runs AdaGrad over the samples in a fixed shuffled order.
func (m *model) train(samples []sample, from, to int) {
	grad := make([]float32, m.size())
	for i := range grad {
		grad[i] = 0.1
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
	l2 := m.opt.l2
	if from == headCrisis {
		l2 = m.opt.l2Crisis
	}
	var out, g [rowSize]float32
	var wrong []int // outputs that err noticeably: only they learn
	done := make([]bool, len(samples))
	var biasGrad float32 = 10
	for range m.opt.epochs {
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
			m.scores(s.features, &s.values, &out, from, to)
			if from == 0 {
				for k, p := range s.prior {
					out[k] += p * m.opt.prior
				}
			}
			m.gradient(s, &out, &g, from, to)
			wrong = wrong[:0]
			var norm, worst float32
			for k := from; k < to; k++ {
				if g[k] > still || g[k] < -still {
					wrong = append(wrong, k)
					norm += g[k] * g[k]
					worst = max(worst, g[k], -g[k])
				}
			}
			done[n] = worst < settled
			if len(wrong) == 0 {
				continue
			}
			for _, f := range s.features {
				value := s.values[f.kind()]
				row := (*[rowSize]float32)(m.weights[f.row()*rowSize:])
				grad[f.row()] += norm * value * value
				step := m.opt.rate * value / float32(math.Sqrt(float64(grad[f.row()])))
				for _, k := range wrong {
					row[k&(rowSize-1)] -= step*g[k&(rowSize-1)] + l2*row[k&(rowSize-1)]
				}
			}
			biasGrad += 0.1
			step := m.opt.rate / float32(math.Sqrt(float64(biasGrad))) * 0.1
			for _, k := range wrong {
				m.bias[k] -= step * g[k]
			}
		}
	}
}

// scores adds up what the features say, four outputs at a time, so that the sums
// stay in registers.
func (m *model) scores(list []feature, v *values, out *[rowSize]float32, from, to int) {
	for k := from; k < to; k += lanes {
		a, b, c, d := m.bias[k], m.bias[k+1], m.bias[k+2], m.bias[k+3]
		for _, f := range list {
			w, value := (*[lanes]float32)(m.weights[f.row()*rowSize+k:]), v[f.kind()]
			a += w[0] * value
			b += w[1] * value
			c += w[2] * value
			d += w[3] * value
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
