package triage

import "slices"

// Places in a tree that are not questions.
const (
	// End is the Goto of an option after which the offices are shown.
	End = "end"
	// Unsure is the option 分からない（答えたくない） of every question.
	Unsure = "?"
	// Words is the option of an answer that was read from free text.
	Words = "+words"
	// Done is the option that ends a question with several answers.
	Done = "+done"
	// Also is the question ID of a further worry that came up later.
	Also = "+also"
)

// Tree is a town's decision tree.
type Tree struct {
	Start     string
	Questions []Question
	// AfterWords is where free text that was understood at a worry question
	// leads, past the questions it already answered.
	AfterWords string
}

// Question is one screen: a text and at most nine choices. 分からない, もどる and
// やめる stand at every question and are not listed.
type Question struct {
	ID   string
	Text string
	// Again is the same question in other words, for when nothing was understood.
	Again   string
	Options []Option
	// Many lets the resident choose several, the most pressing first; DoneLabel
	// ends the choice and Goto follows.
	Many      bool
	DoneLabel string
	Goto      string
	// OnlyFields asks the question only when one of these fields is concerned;
	// otherwise the walk goes on at Goto.
	OnlyFields []string
	// OnlyWho asks the question only for these answers to "about whom".
	OnlyWho []string
	// Unsure is where 分からない leads; "" means Goto of the first option.
	Unsure string
	// Districts is true when the options are the town's 地区.
	Districts bool
}

// Option is one choice.
type Option struct {
	ID    string
	Label string // at most 20 graphemes
	// Words are other ways of saying the label.
	Words []string
	Goto  string // question ID or End
	// What choosing it says. Empty means nothing.
	Field    string // the town's field ID
	Worry    string // 困りごと as staff read it
	Pattern  string // a named pattern such as 8050
	Who      string // self, family, neighbour, professional
	Age      string // child (under 18), young (18-39), middle (40-64), elderly (65 and over)
	District string
	Wish     string // 希望・配慮
	Complex  bool   // several worries at once
}

// Answer is one step of a resident's path: IDs only, never words.
type Answer struct {
	Question string `json:"q"`
	Option   string `json:"o"`
	// Fields, Patterns, By and Why are set when the answer was read from words;
	// Complex among the fields says that several worries meet.
	Fields   []string `json:"f,omitempty"`
	Patterns []string `json:"p,omitempty"`
	By       string   `json:"b,omitempty"`
	Why      string   `json:"w,omitempty"` // one Japanese clause for the card, without the resident's words
}

// Profile is what a path says.
type Profile struct {
	Fields   []string // the town's field IDs, the main one first
	Worries  []string // main first
	Patterns []string
	Wishes   []string
	Who      string
	Age      string
	District string
	Complex  bool
	// Unknown is true when the resident could not say what it is about.
	Unknown bool
	Why     []string
}

// Place is where a path leads.
type Place struct {
	// Question is what to ask next; nil at the end.
	Question *Question
	Profile  Profile
	// Path is the path as far as the tree still knows it; Cut is true when the
	// rules changed under it and answers were dropped.
	Path []Answer
	Cut  bool
}

// Find returns a question by its ID, or nil.
func (t *Tree) Find(id string) *Question {
	for i := range t.Questions {
		if t.Questions[i].ID == id {
			return &t.Questions[i]
		}
	}
	return nil
}

// Option returns a choice of the question by its ID, or nil.
func (q *Question) Option(id string) *Option {
	for i := range q.Options {
		if q.Options[i].ID == id {
			return &q.Options[i]
		}
	}
	return nil
}

// Left lists the choices of a question that the path has not taken yet; for
// questions with one answer that is all of them.
func (q *Question) Left(path []Answer) []Option {
	if !q.Many {
		return q.Options
	}
	var left []Option
	for _, o := range q.Options {
		if !slices.ContainsFunc(path, func(a Answer) bool { return a.Question == q.ID && a.Option == o.ID }) {
			left = append(left, o)
		}
	}
	return left
}

// Walk follows the path from the start. An answer that the tree no longer knows
// ends the path there.
func (t *Tree) Walk(path []Answer) Place {
	p := Place{Path: make([]Answer, 0, len(path))}
	at := t.settle(t.Start, p.Profile)
	for _, a := range path {
		if a.Question == Also {
			p.Profile.take(a)
			p.Path = append(p.Path, a)
			continue
		}
		q := t.Find(at)
		if q == nil || q.ID != a.Question {
			p.Cut = true
			break
		}
		next, ok := t.follow(q, a, &p.Profile)
		if !ok {
			p.Cut = true
			break
		}
		p.Path = append(p.Path, a)
		at = t.settle(next, p.Profile)
	}
	p.Question = t.Find(at)
	p.Profile.finish()
	return p
}

// follow applies one answer and says where it leads.
func (t *Tree) follow(q *Question, a Answer, p *Profile) (next string, ok bool) {
	switch a.Option {
	case Unsure:
		if q.ID == t.Start {
			p.Unknown = true
		}
		switch {
		case q.Unsure != "":
			return q.Unsure, true
		case q.Goto != "":
			return q.Goto, true
		case len(q.Options) > 0:
			return q.Options[0].Goto, true
		}
		return End, true
	case Words:
		p.take(a)
		return t.AfterWords, true
	case Done:
		return q.Goto, q.Many
	}
	o := q.Option(a.Option)
	if o == nil {
		return "", false
	}
	p.choose(o)
	if a.By != "" && a.Why != "" {
		p.Why = append(p.Why, a.Why)
	}
	if q.Many {
		return q.ID, true
	}
	if o.Goto == "" {
		return q.Goto, true
	}
	return o.Goto, true
}

// settle passes over questions that are not for this resident. A tree without
// loops settles in as many steps as it has questions.
func (t *Tree) settle(at string, p Profile) string {
	for range t.Questions {
		q := t.Find(at)
		if q == nil {
			return at
		}
		asked := (len(q.OnlyFields) == 0 || slices.ContainsFunc(q.OnlyFields, func(f string) bool { return slices.Contains(p.Fields, f) })) &&
			(len(q.OnlyWho) == 0 || slices.Contains(q.OnlyWho, p.Who))
		if asked {
			return at
		}
		at = q.Goto
	}
	return End
}

func (p *Profile) choose(o *Option) {
	p.Fields = add(p.Fields, o.Field)
	p.Worries = add(p.Worries, o.Worry)
	p.Patterns = add(p.Patterns, o.Pattern)
	p.Wishes = add(p.Wishes, o.Wish)
	p.Complex = p.Complex || o.Complex
	for _, s := range []struct {
		to   *string
		from string
	}{{&p.Who, o.Who}, {&p.Age, o.Age}, {&p.District, o.District}} {
		if s.from != "" {
			*s.to = s.from
		}
	}
}

func (p *Profile) take(a Answer) {
	for _, f := range a.Fields {
		if f == Complex {
			p.Complex = true
			continue
		}
		p.Fields = add(p.Fields, f)
	}
	for _, s := range a.Patterns {
		p.Patterns = add(p.Patterns, s)
		p.Complex = true
	}
	if a.Why != "" {
		p.Why = append(p.Why, a.Why)
	}
}

func (p *Profile) finish() {
	if len(p.Fields) > 1 {
		p.Complex = true
	}
	if len(p.Fields) == 0 && !p.Complex {
		p.Unknown = true
	}
}

// Back drops the last answer, and with it the further worries that came after.
func Back(path []Answer) []Answer {
	for len(path) > 0 && path[len(path)-1].Question == Also {
		path = path[:len(path)-1]
	}
	if len(path) > 0 {
		path = path[:len(path)-1]
	}
	return path
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
