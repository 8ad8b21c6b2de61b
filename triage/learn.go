package triage

import (
	"fmt"
	"slices"
	"sync"
)

// options of the learner, chosen by five-fold cross-validation on the base
// examples, folds cut by file; those of danger on the messages by others too
// (testdata), where calm and danger stand in a likelier proportion.
type options struct {
	epochs       int
	rate         float32 // AdaGrad's
	l2           float32
	l2Crisis     float32 // the same for danger: stronger, so that no few words decide alone
	wordValue    float32 // value of all words beside that of all pieces
	pairValue    float32 // of all pairs of words that stand apart
	conceptValue float32 // of each named thing
	restValue    float32 // of a run of kanji, of the sets and counts of groups, of the shape
	partAt       float32 // score from which a complex message holds a component
	minDF        int     // a rarer feature is not learned
	crisisWeight float32 // weight of a danger in the crisis head
	crisisAt     float32 // score of danger from which guidance is shown without any rule: recall first
	clauseOff    float32 // how many nats calm is favoured by in a single sentence of a long message
	turnOff      float32 // the same behind which the message turns to calm
	weakAt       float32 // score of danger from which a weak crisis rule counts
	calmAt       float32 // score of danger below which only a town's own crisis rule counts
	prior        float32 // how far a rule's weight counts
	bayes        float32 // how far the naive estimate counts beside the trained one
	bayesCrisis  float32 // the same for calm against danger
	alpha        float32 // its smoothing
}

var defaults = options{epochs: 2, rate: 1.1, l2: 1e-3, l2Crisis: 4e-3, wordValue: 0.7, pairValue: 0.5, conceptValue: 0.4, restValue: 0.2, partAt: -1, minDF: 3, crisisWeight: 1.3, crisisAt: 0.52, clauseOff: 2, turnOff: 3.5, weakAt: 0.45, calmAt: 0.15, prior: 1, bayes: 0.15, bayesCrisis: 0.15, alpha: 0.1}

// sample is one training message.
type sample struct {
	text     string
	features []feature
	values   values
	from     [outputs]float32 // its scores before anything is learned of it
	label    int
	parts    [4]bool
	danger   int
}

// learn trains from nothing, the same way every time: the two heads side by side,
// since they share no weight. To each its naive estimate is added.
func (m *model) learn(samples []sample, orders int) {
	rows := m.count(samples)
	topics, perils := m.opt.topics().begin(rows), m.opt.perils().begin(rows)
	var wait sync.WaitGroup
	for _, h := range []*head{topics, perils} {
		wait.Go(func() {
			h.mean(samples, orders, &m.opt)
			h.estimate(samples, 1, &m.opt)
		})
	}
	wait.Wait()
	m.take(rows, topics, perils)
}

// samples are what the examples say, but for their features.
func (r *Reader) samples(examples []Example, faults *[]Fault) []sample {
	out := make([]sample, 0, len(examples))
	for _, e := range examples {
		x := sample{text: e.Text, label: slices.Index(labels, e.Field), danger: slices.Index(dangers, e.Crisis)}
		if x.label < 0 || x.danger < 0 {
			*faults = append(*faults, Fault{"examples", fmt.Sprintf("分野「%s」か危機の種類「%s」はありません", e.Field, e.Crisis)})
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
		out = append(out, x)
	}
	return out
}

// prepare finds the features of each text.
func (r *Reader) prepare(samples []sample) {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	for i := range samples {
		v := r.view(samples[i].text, s)
		r.model.gather(v, s)
		samples[i].features = slices.Clone(s.features)
		r.model.opt.believe(v, &samples[i].from)
	}
}

// count gives the features that occur often enough their rows. It returns how many
// there are, with row 0, which is none's.
func (m *model) count(samples []sample) int {
	df := make([]uint32, 1<<hashBits)
	for i := range samples {
		for _, f := range samples[i].features {
			df[f.row()]++
		}
	}
	index, rows := newRowIndex(df, m.opt.minDF)
	m.docs, m.rows = len(samples), index
	var often []uint64 // each row with how often it occurs
	for hash, n := range df {
		if row := index.row(uint32(hash)); row != 0 {
			often = append(often, uint64(n)<<32|uint64(row))
		}
	}
	slices.Sort(often)
	for i, n := range often[max(0, len(often)-mostCommon):] {
		m.common[i] = uint32(n)
	}
	slices.Sort(m.common[:])
	halves(samples, func(half []sample) {
		for i := range half {
			s := &half[i]
			kept := s.features[:0]
			for _, f := range s.features {
				if row := m.rows.row(uint32(f.row())); row != 0 {
					kept = append(kept, f&^numbers|feature(row))
				}
			}
			s.features, s.values = kept, m.opt.valuesOf(kept)
		}
	})
	return int(rows)
}

// halves does the work on both halves of the samples at the same time.
func halves(samples []sample, work func(half []sample)) {
	var wait sync.WaitGroup
	wait.Go(func() { work(samples[:len(samples)/2]) })
	work(samples[len(samples)/2:])
	wait.Wait()
}
