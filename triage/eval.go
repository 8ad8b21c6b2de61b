package triage

import (
	"slices"
	"sort"
	"strings"
)

// Labelled is one message of a labelled set; the JSON names are those of the
// sets that cities keep.
type Labelled struct {
	ID       string   `json:"id"`
	Text     string   `json:"text"`
	Field    string   `json:"field"`
	Fields   []string `json:"fields"`
	AlsoOK   []string `json:"also_ok"`
	Crisis   string   `json:"crisis"`
	Decoy    bool     `json:"decoy"`
	Register string   `json:"register"`
	Who      string   `json:"who"`
	Note     string   `json:"note"`
}

// soft marks a message near the border of danger.
func (l *Labelled) soft() bool { return strings.Contains(l.Note, "soft") }

// Share is so many of so many.
type Share struct{ Hit, Of int }

func (s *Share) add(hit bool) {
	s.Of++
	if hit {
		s.Hit++
	}
}

// Rate is the share as a number, 1 when there was nothing to count.
func (s Share) Rate() float64 {
	if s.Of == 0 {
		return 1
	}
	return float64(s.Hit) / float64(s.Of)
}

// Report says how well a reader did on a labelled set.
type Report struct {
	Strict, Lenient Share // the label; the label or one a careful worker could choose
	Recall          map[string]Share
	Precision       map[string]Share
	Registers       map[string]Share          // lenient, by register
	Confusion       map[string]map[string]int // labelled → read
	Components      Share                     // exact sets, where complex was labelled with components and read

	CrisisAny  Share // any guidance was shown for a labelled danger
	CrisisHard Share // the same without the lines marked soft
	CrisisKind Share // the right kind
	CalmAlarm  Share // guidance on a calm message that is no decoy and not soft
	DecoyAlarm Share // guidance on a decoy

	Bins []Bin
	// Threshold is the lowest confidence at which 95 % of the answers are
	// right; 2 when there is none. Answered is what it answers at once.
	Threshold float64
	Answered  Share
	// Accepted is what the city's own confidence answers at once, AcceptedRight
	// how much of that is right (lenient).
	Accepted, AcceptedRight Share
	// At70 is how many are right among the most confident 70 %.
	At70 Share
	// Mistakes are the wrong ones, the most confident first.
	Mistakes []Mistake
}

// Bin is one step of the calibration table.
type Bin struct {
	From, To   float64
	Confidence float64 // mean
	Right      Share
}

// Mistake is a wrong reading. What is "field", "missed" or "alarm".
type Mistake struct {
	What    string
	Message Labelled
	Reading Reading
}

// Evaluate reads every message, in order, and scores it; accept is the confidence
// from which the city takes a reading at once, 0..1.
func Evaluate(set []Labelled, read func(string) Reading, accept float64) Report {
	rep := Report{Recall: map[string]Share{}, Precision: map[string]Share{}, Registers: map[string]Share{}, Confusion: map[string]map[string]int{}}
	type answer struct {
		sure  float64
		right bool
	}
	answers := make([]answer, 0, len(set))
	for _, m := range set {
		got := read(m.Text)
		strict := got.Field == m.Field
		lenient := strict || slices.Contains(m.AlsoOK, got.Field)
		rep.Strict.add(strict)
		rep.Lenient.add(lenient)
		count(rep.Recall, m.Field, strict)
		count(rep.Precision, got.Field, strict)
		count(rep.Registers, m.Register, lenient)
		if rep.Confusion[m.Field] == nil {
			rep.Confusion[m.Field] = map[string]int{}
		}
		rep.Confusion[m.Field][got.Field]++
		if m.Field == Complex && strict && len(m.Fields) > 0 {
			rep.Components.add(sameSet(m.Fields, got.Fields))
		}
		if !lenient {
			rep.Mistakes = append(rep.Mistakes, Mistake{"field", m, got})
		}
		rep.danger(m, got)
		answers = append(answers, answer{got.Confidence, lenient})
		rep.Accepted.add(got.Confidence >= accept)
		if got.Confidence >= accept {
			rep.AcceptedRight.add(lenient)
		}
	}
	sort.SliceStable(answers, func(i, j int) bool { return answers[i].sure > answers[j].sure })
	rep.Threshold = 2
	var so Share
	for i, a := range answers {
		so.add(a.right)
		if i+1 == (len(answers)*7+9)/10 {
			rep.At70 = so
		}
		if last := i+1 == len(answers) || answers[i+1].sure < a.sure; last && so.Rate() >= 0.95 {
			rep.Threshold, rep.Answered = a.sure, Share{so.Of, len(answers)}
		}
	}
	for b := range 10 {
		bin := Bin{From: float64(b) / 10, To: float64(b+1) / 10}
		for _, a := range answers {
			if a.sure >= bin.From && (a.sure < bin.To || b == 9) {
				bin.Confidence += a.sure
				bin.Right.add(a.right)
			}
		}
		if bin.Right.Of > 0 {
			bin.Confidence /= float64(bin.Right.Of)
			rep.Bins = append(rep.Bins, bin)
		}
	}
	sort.SliceStable(rep.Mistakes, func(i, j int) bool {
		return rep.Mistakes[i].Reading.Confidence > rep.Mistakes[j].Reading.Confidence
	})
	return rep
}

// danger scores the crisis side of one message.
func (rep *Report) danger(m Labelled, got Reading) {
	shown := got.Crisis != None && got.Crisis != ""
	switch {
	case m.Crisis != None && m.Crisis != "":
		rep.CrisisAny.add(shown)
		if !m.soft() {
			rep.CrisisHard.add(shown)
		}
		rep.CrisisKind.add(got.Crisis == m.Crisis)
		if !shown {
			rep.Mistakes = append(rep.Mistakes, Mistake{"missed", m, got})
		}
	case m.Decoy:
		rep.DecoyAlarm.add(shown)
	case !m.soft():
		rep.CalmAlarm.add(shown)
	}
	if (m.Crisis == None || m.Crisis == "") && shown && !m.soft() {
		rep.Mistakes = append(rep.Mistakes, Mistake{"alarm", m, got})
	}
}

func count(m map[string]Share, key string, hit bool) {
	s := m[key]
	s.add(hit)
	m[key] = s
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	return true
}
