package linetest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is a way in which LINE fails. The zero Fault cuts the connection of
// every reply and push before anything is done, until it is mended.
type Fault struct {
	Paths  []string // prefixes of the paths it strikes; none: reply and push
	Times  int      // how many calls it strikes; 0: until mended
	Done   bool     // LINE carries the call out before it fails: a doubtful send
	Hang   bool     // no answer until mended, at most a minute
	Status int      // the answer; 0: the connection is cut
	// Message is the error text; by default LINE's own for Status.
	Message string
	mended  chan struct{}
}

// Everything is the Paths of a fault that strikes every endpoint.
var Everything = []string{"/"}

var sends = []string{"/v2/bot/message/reply", "/v2/bot/message/push"}

const longestHang = time.Minute

// Break lets LINE fail. The returned function mends this fault alone; calling
// it twice is harmless. Faults strike in the order they were set.
func (s *Server) Break(f Fault) (mend func()) {
	f.mended = make(chan struct{})
	f.Paths = slices.Clone(f.Paths)
	if len(f.Paths) == 0 {
		f.Paths = sends
	}
	if f.Times == 0 {
		f.Times = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.mend(&f)
	}
}

// Mend ends every fault; hanging calls end as their fault says.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.faults) > 0 {
		s.mend(s.faults[0])
	}
}

func (s *Server) mend(f *Fault) {
	if i := slices.Index(s.faults, f); i >= 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	select {
	case <-f.mended:
	default:
		close(f.mended)
	}
}

// fault finds the fault that strikes this call and takes one strike off it.
func (s *Server) fault(path string) (*Fault, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Times == 0 || !slices.ContainsFunc(f.Paths, func(p string) bool { return strings.HasPrefix(path, p) }) {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 && !f.Hang { // one that hangs stays, to be mended
			s.mend(f)
		}
		return f, f.mended
	}
	return nil, nil
}

// fail lets one call fail. Cutting aborts the handler the way net/http
// provides for it; net/http writes no log of it.
func (s *Server) fail(w http.ResponseWriter, c call, e endpoint, f *Fault, mended <-chan struct{}) {
	if f.Done {
		s.note(c, e(c), false)
	}
	if f.Hang {
		timer := time.NewTimer(longestHang)
		defer timer.Stop()
		select {
		case <-mended:
		case <-c.Context().Done():
		case <-timer.C:
		}
	}
	a := answer{body: struct{}{}}
	if f.Status >= 200 {
		a.status = f.Status
	}
	if f.Status >= 400 {
		a = refuse(f.Status, f.Message)
		if f.Message == "" {
			a = refuse(f.Status, defaultMessage(f.Status))
		}
	}
	s.note(c, a, true)
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	write(w, a)
}

func defaultMessage(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "Failed to send messages"
	case http.StatusTooManyRequests:
		return "The API rate limit has been exceeded. Try again later."
	case http.StatusInternalServerError:
		return "Internal Server Error"
	}
	return http.StatusText(status)
}

// SetMonthlyLimit sets how many pushes a month are allowed (0: any number) and
// how many are already used. SetMonthlyLimit(200, 200) is a spent quota.
func (s *Server) SetMonthlyLimit(limit, used int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quotaSpent(s.clock()) // settles which month the numbers are of
	s.limit, s.used = max(limit, 0), max(used, 0)
}

// DeliverTwice lets every webhook from now on arrive two times.
func (s *Server) DeliverTwice(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twice = on
}

// Hold keeps webhooks back from now on (true) or lets new ones through again
// (false). Residents see their own messages all the same.
func (s *Server) Hold(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = on
}

// Held says how many webhooks are held back.
func (s *Server) Held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

// Release sends webhooks that were held back. Indexes, counted from 0 in the
// order of happening, choose which and in what order; without any all go, as
// they happened. An index that does not exist, or is named again, is passed
// over.
func (s *Server) Release(indexes ...int) []Delivery {
	s.mu.Lock()
	if len(indexes) == 0 {
		for i := range s.held {
			indexes = append(indexes, i)
		}
	}
	var out, rest []Delivery
	chosen := map[int]bool{}
	for _, i := range indexes {
		if i >= 0 && i < len(s.held) && !chosen[i] {
			chosen[i] = true
			out = append(out, s.held[i])
		}
	}
	for i, d := range s.held {
		if !chosen[i] {
			rest = append(rest, d)
		}
	}
	s.held = rest
	s.mu.Unlock()
	for i := range out {
		out[i] = s.dispatch(out[i])
	}
	return out
}
