package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"

	"tsunagu/triage"
)

// learned is the base's file of what its examples teach, so that nobody waits for it
// at a start: a line that says from what it was learned, and behind it what
// triage.Learned wrote. `make learn` writes it.
const learned = "learned.bin"

// orders of the examples the file is the mean of.
const orders = 4

// recall makes the reader of the base. Where words or examples were changed since the
// file was written it learns anew, in one order, which takes some seconds.
func recall(files fs.FS, untaught *triage.Untaught, printed string, examples func() taught) func() *triage.Reader {
	return func() *triage.Reader {
		data, _ := fs.ReadFile(files, learned)
		if from, what, ok := bytes.Cut(data, []byte("\n")); ok && string(from) == learnedFrom(printed) {
			if r, err := untaught.Recall(what); err == nil {
				return r
			}
		}
		r, _ := untaught.Learn(examples().examples, 1) // its faults are told where the words are read
		return r
	}
}

// Learned learns the base's examples and returns them as the file has them.
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
