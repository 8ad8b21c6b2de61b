package slacktest

import (
	"net/http"
	"slices"
	"time"
)

// Kind is a way for Slack to fail.
type Kind int

// The kinds of fault. Those that answer after the fact carry the call out
// first, unless Fault.Undone.
const (
	Away          Kind = iota // the connection is cut before anything is read
	ServerError               // HTTP 500 with an HTML page
	RateLimited               // HTTP 429 with Retry-After
	SoftLimited               // HTTP 200, ok:false, error ratelimited
	Hang                      // no answer until the caller gives up or the fault is mended
	Refuse                    // ok:false with Fault.Error, for token_revoked and the like
	LostAnswer                // done, then the connection is cut
	InternalError             // done, then ok:false, error internal_error
	EmptyAnswer               // done, then {}
	NoTS                      // done, then ok:true and nothing else
)

// String names a kind for test output.
func (k Kind) String() string {
	names := []string{"away", "server error", "rate limited", "soft limited", "hang", "refuse", "lost answer",
		"internal error", "empty answer", "no ts"}
	if k < 0 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Fault is something to go wrong from now on.
type Fault struct {
	Method     string // a Web API method or "response_url"; empty for all of them
	Kind       Kind
	Times      int           // calls it hits before it mends itself; 0 = until mended
	RetryAfter time.Duration // of RateLimited, in whole seconds; 1 s when 0
	Error      string        // of Refuse
	Undone     bool          // answer as if done, but do nothing

	hits   int
	mended chan struct{}
}

// Break starts a fault and returns what ends it. Of several that fit a call the
// one started last wins.
func (s *Server) Break(f Fault) (mend func()) {
	one := &f
	one.mended = make(chan struct{})
	s.set(func() { s.faults = append(s.faults, one) })
	return func() {
		s.set(func() { s.mendLocked(one) })
	}
}

// GoAway cuts every call and every Socket Mode connection until mended.
func (s *Server) GoAway() (comeBack func()) {
	mend := s.Break(Fault{Kind: Away})
	s.DropSockets()
	return mend
}

// MendAll ends every fault.
func (s *Server) MendAll() {
	s.set(func() {
		for _, f := range slices.Clone(s.faults) {
			s.mendLocked(f)
		}
	})
}

func (s *Server) mendLocked(f *Fault) {
	if i := slices.Index(s.faults, f); i >= 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
		close(f.mended) // frees the calls that hang on it, also when it is spent
	}
}

// faultFor takes one use of the fault that hits this call; nil when none does.
func (s *Server) faultFor(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range slices.Backward(s.faults) {
		if f.Method != "" && f.Method != method || f.Times > 0 && f.hits >= f.Times {
			continue
		}
		f.hits++
		return f
	}
	return nil
}

// spoils reports whether a fault keeps a call from being carried out.
func (f *Fault) spoils() bool { return f != nil && (f.Kind <= Refuse || f.Undone) }

// answer gives a fault's answer, or cuts the connection where that is the fault.
func (f *Fault) answer(s *Server, w http.ResponseWriter, r *http.Request) {
	switch f.Kind {
	case ServerError:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<html><body>Server Error</body></html>"))
	case RateLimited:
		tooMany(w, max(1, int(f.RetryAfter.Seconds())))
	case SoftLimited:
		writeJSON(w, http.StatusOK, reply{"ok": false, "error": "ratelimited"})
	case Refuse:
		writeJSON(w, http.StatusOK, reply{"ok": false, "error": f.Error})
	case InternalError:
		writeJSON(w, http.StatusOK, reply{"ok": false, "error": "internal_error"})
	case EmptyAnswer:
		writeJSON(w, http.StatusOK, reply{})
	case NoTS:
		writeJSON(w, http.StatusOK, reply{"ok": true})
	case Hang:
		select {
		case <-r.Context().Done():
		case <-f.mended:
		case <-s.done:
		}
		fallthrough
	default:
		panic(http.ErrAbortHandler) // net/http's way to cut a connection without an answer
	}
}
