package bot

import "sync"

// recent keeps the records of the conversations that this process has thought of
// last, sealed as they are stored. Whoever begins from one of them must have the
// store say that it still stands.
type recent struct {
	mu         sync.Mutex
	young, old map[string]*memory
}

// memory is a record and what its last thought said.
type memory struct {
	*Record
	said chan struct{} // gets a token when that is said; nil when nothing is
}

const (
	maxRecent     = 1000     // of each generation
	maxRecentBody = 16 << 10 // bytes; a longer one is not kept
)

// take gives the record out; nil when it is not there.
func (r *recent) take(id string) *memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.young[id]
	if m == nil {
		m = r.old[id]
	}
	delete(r.young, id)
	delete(r.old, id)
	return m
}

func (r *recent) keep(m *memory) {
	if len(m.Body) > maxRecentBody {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.young == nil || len(r.young) >= maxRecent {
		r.young, r.old = map[string]*memory{}, r.young
	}
	r.young[m.ID] = m
}
