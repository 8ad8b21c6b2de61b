package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is one piece of work as those who trace see it: no words and nobody's ID.
// What follows from one message or click is one trace; its numbers follow from the
// jobs' IDs under the naming key, so that nothing needs to be carried along and
// several processes agree.
type Span struct {
	Trace      [16]byte
	ID, Parent [8]byte // no Parent = zero
	Name       string  // accept, or a kind of job
	City       string
	Outcome    string // as jobs_total has it
	Tries      int
	Start, End time.Time // by the machine's clock
}

// spanAccept is the name of the span in which the door stores an event.
const spanAccept = "accept"

// traced tells the tracer of an attempt at a job.
func (b *Bot) traced(job *Job, name, outcome string, start time.Time) {
	root := rootOf(job.ID)
	s := Span{Trace: [16]byte(b.number("trace", root)), ID: [8]byte(b.number("span", job.ID)), Name: name, City: job.City, Outcome: outcome, Tries: job.Tries, Start: start, End: time.Now()}
	switch {
	case name == spanAccept:
		s.ID = [8]byte(b.number(spanAccept, root))
	case job.ID != root:
		s.Parent = [8]byte(b.number("span", job.ID[:strings.LastIndexByte(job.ID, '/')]))
	case atDoor(root):
		s.Parent = [8]byte(b.number(spanAccept, root))
	}
	if again := max(job.Tries, job.Takes-1); again > 0 {
		s.ID = [8]byte(b.number("span", job.ID+" "+strconv.Itoa(again)))
	}
	b.trace(s)
}

// accepted tells the tracer that the door stored jobs.
func (b *Bot) accepted(jobs []Job, err error, start time.Time) {
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	for i := range jobs {
		b.traced(&Job{ID: jobs[i].ID, City: jobs[i].City}, spanAccept, outcome, start)
	}
}

// number is what a name is called in traces.
func (b *Bot) number(what, id string) []byte {
	m := hmac.New(sha256.New, b.namer.key)
	m.Write([]byte("trace\x00" + what + "\x00" + id))
	sum := m.Sum(nil)
	if what == "trace" {
		return sum[:16]
	}
	return sum[:8]
}

// rootOf is the ID of the job that the others follow from: a job's own are
// numbered below its ID, what came of it is "r".
func rootOf(id string) string {
	for {
		i := strings.LastIndexByte(id, '/')
		if i < 0 || !follows(id[i+1:]) {
			return id
		}
		id = id[:i]
	}
}

func follows(part string) bool {
	_, err := strconv.ParseUint(part, 10, 16)
	return part == "r" || err == nil && len(part) <= 4
}

// atDoor says whether a job came in by a door.
func atDoor(id string) bool {
	parts := strings.SplitN(id, "/", 3)
	return len(parts) == 3 && slices.Contains([]string{"line", "slack"}, parts[1])
}
