package slacktest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Throttle says how rate limits behave. The zero value is Slack's behaviour.
type Throttle struct {
	Off   bool // no limits at all
	Soft  bool // refuse with HTTP 200 and ok:false, error ratelimited, instead of HTTP 429
	Burst int  // posts a channel takes at once before one a second holds; 3 when 0
}

// SetThrottle changes how rate limits behave from the next call on.
func (s *Server) SetThrottle(t Throttle) {
	s.set(func() { s.throttle, s.buckets = t, map[string]*bucket{} })
}

// bucket holds what may still be called at once and fills up by the clock.
type bucket struct {
	left float64
	at   time.Time
}

// tooFast takes one call out of its bucket, or says how many seconds to wait.
func (s *Server) tooFast(name, channelID string) (wait int) {
	size, perSecond, key := 0.0, 0.0, name
	switch name {
	case "chat.postMessage": // one a second and channel, short bursts
		size, perSecond, key = 3, 1, name+" "+channelID
		if s.throttle.Burst > 0 {
			size = float64(s.throttle.Burst)
		}
	case "chat.update", "chat.delete", "files.delete": // tier 3
		size, perSecond = 50, 50.0/60
	case "chat.postEphemeral", "views.open", "views.push", "views.publish", "views.update", "files.info", "files.getUploadURLExternal", "files.completeUploadExternal": // tier 4
		size, perSecond = 100, 100.0/60
	}
	if s.throttle.Off || size == 0 {
		return 0
	}
	now := s.clock()
	b := s.buckets[key]
	if b == nil {
		b = &bucket{left: size, at: now}
		s.buckets[key] = b
	}
	b.left = min(size, b.left+max(0, now.Sub(b.at).Seconds())*perSecond)
	b.at = now
	if b.left < 1 {
		return max(1, int(math.Ceil((1-b.left)/perSecond)))
	}
	b.left--
	return 0
}

func tooMany(w http.ResponseWriter, seconds int) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	writeJSON(w, http.StatusTooManyRequests, reply{"ok": false, "error": "ratelimited"})
}
