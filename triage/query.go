package triage

import "slices"

const (
	// maxQuery is up to how many characters a message may be a question about the
	// service: a longer one is somebody's story.
	maxQuery = 30
	// calmQuery is up to how many it says so little besides that examples alone do not
	// make it a danger.
	calmQuery = 16
)

// Query names the rule of the question about the service that the text asks, ""
// when it asks none: the first that holds.
func (r *Reader) Query(text string) string {
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	return r.look(text, s).query
}

// query is Query of a text that was scanned.
func (r *Reader) query(text string, plain []rune, s *scratch) string {
	if len(plain) > maxQuery {
		return ""
	}
	folded := Fold(text)
	for i := range r.queries {
		q := &r.queries[i]
		if _, ok := q.holds(s); ok || slices.Contains(q.whole, folded) {
			return q.ID
		}
	}
	return ""
}
