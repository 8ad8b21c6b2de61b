package triage

// Lexicon is what a reader knows: pure data, filled by the configuration from
// words.yaml, crisis.yaml and the example files. Names map one to one to the
// lower-case YAML keys.
//
// A phrase is written as it is said: plain words; (a|b) for alternatives; … for
// a gap of at most twelve characters inside one sentence; @name for any word of
// a group. Width, kana, long vowels, spaces and punctuation make no difference.
type Lexicon struct {
	Groups     []Group
	Rules      []WordRule
	Patterns   []PatternRule
	Crisis     []CrisisRule
	Queries    []QueryRule
	Examples   []Example
	Vocabulary []Word // may be empty: then words of one character only are known
}

// Group is a set of words that speak of the same thing.
type Group struct {
	ID string
	// Field is the label that these words mostly belong to, or "". Which labels
	// are touched together tells a complex case from a passing mention.
	Field string
	// Words are phrases; @other takes in the gapless ones of another group that
	// stands before this one. Inside a longer phrase @id means the gapless ones.
	Words []string
}

// When is a condition on a message: every phrase of All, one of Any (if any are
// given) and none of Not.
type When struct {
	All []string
	Any []string
	Not []string
}

// WordRule says what a message with these words is probably about: a field, who
// writes or whose worry it is. What is empty is not said.
type WordRule struct {
	ID     string
	Field  string  // one of the seven labels
	Fine   string  // a town's own field ID
	Who    string  // self, family, neighbour, professional
	Age    string  // child, young, middle, elderly
	Weight float64 // evidence for Field in nats, 0 = 1
	When   `yaml:",inline"`
}

// PatternRule is a named case such as 8050: it reads as complex, or as Field
// when that is set.
type PatternRule struct {
	ID     string // in romaji
	Name   string // as staff say it
	Field  string
	Fields []string // components that the case implies
	Weight float64
	When   `yaml:",inline"`
}

// CrisisRule recognises one danger. Not holds its excuses: phrases that make it
// harmless. Examples and Decoys are sentences that the rule must and must not
// catch; each is a test.
//
// A rule of kind None recognises where a message turns to calm: 「と思ったら」,
// 「何ともありませんでした」. What stands before it is dangerous only where the
// examples are very sure, unless more danger stands behind it. It excuses no town's
// own rule. Only the phrases of Any are such turns.
type CrisisRule struct {
	ID   string
	Kind string
	// Weak rules count only where the examples, too, find danger likely: at least
	// weakAt. A reader without examples takes them at their word.
	Weak bool
	// Own is a town's own rule: it counts whatever the examples say.
	Own  bool
	When `yaml:",inline"`
	// Examples must be read as a crisis, by this rule.
	Examples []string
	// Decoys must pass this rule.
	Decoys []string
}

// QueryRule recognises a question about the service itself (who reads this, what it
// costs, whether a machine answers), which no field answers. Examples and Decoys are
// sentences that it must and must not take; each is a test.
type QueryRule struct {
	ID string
	// Whole are messages that ask it with nothing else said.
	Whole    []string
	When     `yaml:",inline"`
	Examples []string
	Decoys   []string
}

// Example is one labelled message.
type Example struct {
	Text   string
	Field  string
	Fields []string // components, for complex
	Crisis string   // None or a kind
	Decoy  bool     // alarming words in harmless use
	// File and Line say where it stands; "" and 0 = nowhere.
	File string
	Line int
}

// Fault is something wrong in the lexicon. Where names the entry, as
// "rules.kaigo" or "crisis.shinitai"; Text is Japanese, for those who wrote it.
type Fault struct {
	Where string
	Text  string
}
