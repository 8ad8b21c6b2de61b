package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tsunagu/bot"
)

// collector is where traces go: it knows OTLP over HTTP in JSON.
type collector struct {
	t     *testing.T
	url   string
	mu    sync.Mutex
	raw   []string
	spans []spanGot
	away  bool
	calls int
}

type spanGot struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                int
	StartTimeUnixNano, EndTimeUnixNano  string
	Status                              struct{ Code int }
	Attributes                          []attribute
}

type attribute struct {
	Key   string
	Value struct{ StringValue, IntValue string }
}

func newCollector(t *testing.T) *collector {
	c := &collector{t: t}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	var in struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []attribute }
			ScopeSpans []struct {
				Scope struct{ Name string }
				Spans []spanGot
			}
		}
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil || r.Method != "POST" || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
		c.t.Errorf("%s %s (%s): %v", r.Method, r.URL.Path, r.Header.Get("Content-Type"), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.away {
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	c.raw = append(c.raw, string(body))
	for _, r := range in.ResourceSpans {
		for _, s := range r.ScopeSpans {
			c.spans = append(c.spans, s.Spans...)
		}
	}
	_, _ = io.WriteString(w, "{}")
}

func (c *collector) named(name string) []spanGot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spansOf(name)
}

// spansOf needs the lock.
func (c *collector) spansOf(name string) (out []spanGot) {
	for _, s := range c.spans {
		if s.Name == name {
			out = append(out, s)
		}
	}
	return out
}

func (c *collector) goAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

func (c *collector) called() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

func TestTracesFollowAMessageFromTheDoorToTheAnswer(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t, "", "hokuto"), newCollector(t)
	w.env = append(w.env, tracesEnv+"="+c.url+"/")
	w.start()
	tn := w.towns["hokuto"]
	r := tn.line.Resident("")
	receipt := w.consent(r, "母の介護のことで困っています")
	card := w.card(tn, receipt)
	w.claims(tn, shiftUser, card)
	// The card was posted, then claimed; and what comes in parts has come whole.
	w.eventually("the card's span, and those before it", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		here := map[string]bool{"": true}
		for _, s := range c.spans {
			here[s.SpanID] = true
		}
		return !slices.ContainsFunc(c.spans, func(s spanGot) bool { return !here[s.ParentSpanID] }) &&
			len(c.spansOf("card")) >= 2
	})

	c.mu.Lock()
	all, raw := slices.Clone(c.spans), strings.Join(c.raw, "\n")
	c.mu.Unlock()
	byID := map[string]spanGot{}
	for _, s := range all {
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(s.TraceID) || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(s.SpanID) {
			t.Errorf("numbers of another form: %+v", s)
		}
		start, _ := strconv.ParseInt(s.StartTimeUnixNano, 10, 64)
		end, _ := strconv.ParseInt(s.EndTimeUnixNano, 10, 64)
		if start <= 0 || end < start || s.Kind < 1 || s.Kind > 3 {
			t.Errorf("a span from %d to %d of kind %d", start, end, s.Kind)
		}
		if s.Name != "accept" && !slices.Contains(bot.Kinds, s.Name) {
			t.Errorf("a span is named %q", s.Name)
		}
		for _, a := range s.Attributes {
			may := map[string][]string{"tsunagu.city": {"hokuto"}, "tsunagu.outcome": allowed["jobs_total"]["outcome"]}[a.Key]
			if a.Key != "tsunagu.tries" && !slices.Contains(may, a.Value.StringValue) {
				t.Errorf("an attribute says %s=%q", a.Key, a.Value.StringValue)
			}
		}
		if _, twice := byID[s.SpanID]; twice {
			t.Errorf("two spans have the number %s", s.SpanID)
		}
		byID[s.SpanID] = s
	}
	// What LINE and Slack were told leads back to a door, in one trace.
	for _, name := range []string{"say", "card"} {
		for _, s := range c.named(name) {
			way := []string{s.Name}
			for s.ParentSpanID != "" {
				up, ok := byID[s.ParentSpanID]
				if !ok || up.TraceID != s.TraceID {
					t.Errorf("%v has no parent in its trace", way)
					break
				}
				s, way = up, append(way, up.Name)
			}
			if got := strings.Join(way, " "); !strings.HasPrefix(got, name+" think") || !strings.HasSuffix(got, "think accept") {
				t.Errorf("%s came by %s", name, got)
			}
		}
	}
	for _, never := range []string{r.ID, receipt, shiftUser, "介護", "01K", "hokuto/"} {
		if strings.Contains(raw, never) {
			t.Errorf("a trace says %q", never)
		}
	}

	// A collector that is away costs one line in the log, and nobody an answer.
	c.goAway(true)
	for range 2 {
		before := c.called()
		w.exchange(tn.line.Resident(""), "母の介護のことで困っています")
		w.eventually("another call", func() bool { return c.called() > before })
	}
	w.eventually("a line in the log", func() bool { return strings.Contains(w.log.String(), "traces are not taken") })
	if n := strings.Count(w.log.String(), "traces are not taken"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}

func TestABadAddressForTracesStopsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.env = append(w.env, tracesEnv+"=localhost:4317")
	w.start()
	w.exchange(w.towns["hokuto"].line.Resident(""), "母の介護のことで困っています")
	if !strings.Contains(w.log.String(), "there are no traces") {
		t.Error("the log does not say why there are no traces")
	}
}
