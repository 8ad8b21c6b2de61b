package triage

import "context"

// Labels of a reading. A town's finer fields map to one of the first four.
const (
	Elderly    = "elderly"
	Disability = "disability"
	Child      = "child"
	Poverty    = "poverty"
	Complex    = "complex"
	Unclear    = "unclear"
	OutOfScope = "outofscope"
)

// Kinds of crisis, in the order in which they are answered when several apply.
const (
	None             = "none"
	MedicalEmergency = "medical_emergency"
	FireCrime        = "fire_crime"
	Suicide          = "suicide"
	ChildAbuse       = "child_abuse"
	Violence         = "violence"
	ElderAbuse       = "elder_abuse"
	DisabilityAbuse  = "disability_abuse"
	NoFoodOrShelter  = "no_food_or_shelter"
)

// Kinds lists every kind of crisis but None.
var Kinds = []string{MedicalEmergency, FireCrime, Suicide, ChildAbuse, Violence, ElderAbuse, DisabilityAbuse, NoFoodOrShelter}

// What spoke for a reading.
const (
	ByRule    = "rule"
	ByExample = "example"
	ByLLM     = "llm"
	ByTap     = "tap"
)

// Reading is what free text was understood to say.
type Reading struct {
	Field string // one of the seven labels
	// Fields are the components: one for a basic field, those stated for complex.
	Fields []string
	// Fine is the town's own field ID when its word rules name one, else "".
	Fine string
	// Second is the next likely label, for asking which of two; "" = none.
	Second     string
	Crisis     string   // None or a kind
	Patterns   []string // named patterns such as 8050, by their ID
	Who        string   // self, family, neighbour, professional; "" = not said
	Age        string   // whose worry: child, young, middle, elderly; "" = not said
	Confidence float64  // calibrated probability that Field is right, 0..1
	By         string   // ByRule, ByExample or ByLLM
	Why        []Reason // what spoke for it, strongest first
}

// Reason is one piece of evidence. Text names the rule or the piece of the
// message; it is shown in the terminal only, never logged or sent to Slack.
type Reason struct {
	By     string
	Rule   string // ID of the rule, "" for learned pieces
	Text   string
	Label  string
	Weight float64
}

// Guess is a classifier's second opinion.
type Guess struct {
	Field      string
	Fields     []string
	Confidence float64
}

// Classifier is an outside opinion on masked text, chosen from a closed set.
// It is never asked about a message with a crisis.
type Classifier interface {
	// Classify returns within the context's deadline; any answer outside the
	// closed set is an error.
	Classify(ctx context.Context, masked string) (Guess, error)
}
