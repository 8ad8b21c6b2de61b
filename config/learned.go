package config

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"tsunagu/triage"
)

// orders is in how many orders the examples were learned, of which learned is the mean.
const orders = 16

// recall makes the reader of the base from data, what was learned. Where words or examples
// were changed since then it learns anew, in one order, which takes some seconds.
func recall(data string, untaught *triage.Untaught, printed string, examples func() taught) func() *triage.Reader {
	return func() *triage.Reader {
		if from, what, _ := strings.Cut(data, "\n"); from == learnedFrom(printed) {
			if r, err := untaught.Recall(what); err == nil {
				return r
			}
		}
		r, _ := untaught.Learn(examples().examples, 1) // its faults are told where the words are read
		return r
	}
}

// Learned learns the base's examples, for the file that is built in.
func (b *Base) Learned() []byte {
	r, _ := b.untaught.Learn(b.examples().examples, orders)
	return append([]byte(learnedFrom(b.printed)+"\n"), r.Learned()...)
}

// learnedFrom is the fingerprint of the files that are learned from.
func learnedFrom(printed string) string {
	sum := sha256.New()
	for line := range strings.Lines(printed) {
		for _, from := range []string{examplesDir + "/", wordsFile, crisisFile, vocabulary} {
			if strings.HasPrefix(line, from) {
				sum.Write([]byte(line))
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
