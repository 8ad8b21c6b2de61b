package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	maxStreams = 16                    // pages that look on at a time
	pace       = 40 * time.Millisecond // a stream brings no more than 25 states a second
	pulse      = 15 * time.Second      // a stream says at least so often that it lives
	patience   = 10 * time.Second      // for a page that does not read
)

// events streams the whole state at every change, as server-sent events.
func (d *Demo) events() http.HandlerFunc {
	streams := make(chan struct{}, maxStreams)
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case streams <- struct{}{}:
			defer func() { <-streams }()
		default:
			http.Error(w, "開いているページが多すぎます。", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		out := http.NewResponseController(w)
		if err := out.SetReadDeadline(time.Time{}); err != nil { // the request is read; the stream has no end
			return
		}
		last := ""
		for r.Context().Err() == nil {
			d.mu.Lock()
			shown, own := d.shown, d.changed
			d.mu.Unlock()
			line, slack := shown.line.Changed(), shown.slack.Changed()
			if err := out.SetWriteDeadline(time.Now().Add(patience)); err != nil {
				return
			}
			if err := send(w, d.state(), &last); err != nil || out.Flush() != nil {
				return
			}
			alive := time.NewTimer(pulse)
			select {
			case <-r.Context().Done():
			case <-own:
			case <-line:
			case <-slack:
			case <-alive.C:
			}
			alive.Stop()
			rest := time.NewTimer(pace)
			select {
			case <-r.Context().Done():
			case <-rest.C:
			}
			rest.Stop()
		}
	}
}

// send writes the state unless the page has it already but for the time.
func send(w http.ResponseWriter, s state, last *string) error {
	now := s.Now
	s.Now = 0
	still, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if string(still) == *last {
		_, err = fmt.Fprintf(w, ": %d\n\n", now)
		return err
	}
	*last = string(still)
	s.Now = now
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "retry: 1000\ndata: %s\n\n", body)
	return err
}
