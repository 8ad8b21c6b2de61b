package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// ask sends a request to the demo and returns the status and the body.
func ask(t *testing.T, d *Demo, method, path, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(d.URL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, string(got), res.Header
}

// seen is the first state a stream brings.
func seen(t *testing.T, d *Demo) state {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL()+"api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if data, is := strings.CutPrefix(line, "data: "); is {
			var s state
			if err := json.Unmarshal([]byte(data), &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
}

func TestOnlyThePageItselfIsHeard(t *testing.T) {
	d := running(t)
	port := d.listener.Addr().(*net.TCPAddr).Port
	say := `{"text":"x"}`
	for _, c := range []struct {
		what, method, path, body string
		header                   []string
		want                     int
	}{
		{"the page", "GET", "/", "", nil, 200},
		{"its script", "GET", "/app.js", "", nil, 200},
		{"by name", "GET", "/", "", []string{"Host", "localhost:" + itoa(port)}, 200},
		{"rebinding", "GET", "/", "", []string{"Host", "evil.example:" + itoa(port)}, 421},
		{"rebinding the stream", "GET", "/api/events", "", []string{"Host", "127.0.0.1.evil.example"}, 421},
		{"rebinding an act", "POST", "/api/resident/say", say, []string{"Host", "evil.example"}, 421},
		{"a foreign origin", "POST", "/api/resident/say", say, []string{"Origin", "http://evil.example"}, 403},
		{"another port", "POST", "/api/resident/say", say, []string{"Origin", "http://127.0.0.1:1"}, 403},
		{"a foreign site", "POST", "/api/resident/say", say, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port of the site", "POST", "/api/resident/say", say, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a form", "POST", "/api/resident/say", say, []string{"Content-Type", "text/plain"}, 400},
		{"no JSON", "POST", "/api/resident/say", "x", nil, 400},
		{"too much JSON", "POST", "/api/resident/say", say + say, nil, 400},
		{"an unknown key", "POST", "/api/resident/say", `{"txt":"x"}`, nil, 400},
		{"a large body", "POST", "/api/resident/say", `{"text":"` + strings.Repeat("x", maxRequest) + `"}`, nil, 400},
		{"nothing said", "POST", "/api/resident/say", `{"text":" "}`, nil, 409},
		{"the wrong method", "GET", "/api/resident/say", "", nil, 404},
		{"a file that is not there", "GET", "/demo.go", "", nil, 404},
		{"our own origin", "POST", "/api/resident/say", say, []string{"Origin", strings.TrimSuffix(d.URL(), "/")}, 200},
	} {
		status, body, h := ask(t, d, c.method, c.path, c.body, c.header...)
		if status != c.want {
			t.Errorf("%s: %d %s, want %d", c.what, status, body, c.want)
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", c.what, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", c.what, h)
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// TestThePageLoadsNothingFromOutside reads every file of the page.
func TestThePageLoadsNothingFromOutside(t *testing.T) {
	files, err := page.ReadDir("page")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := page.ReadFile("page/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(b), `xmlns="http://www.w3.org/2000/svg"`, "")
		for _, bad := range []string{"http://", "https://", "innerHTML", "insertAdjacentHTML", "eval(", "style=", "onclick=", "@import", "url("} {
			if strings.Contains(text, bad) {
				t.Errorf("%s contains %s", f.Name(), bad)
			}
		}
	}
}

func TestWhatCannotBeDoneIsRefusedInWords(t *testing.T) {
	d := running(t)
	for path, body := range map[string]string{
		"/api/resident/tap": `{"message":"1","index":0}`, "/api/resident/unsend": `{"message":""}`, "/api/world/city": `{"city":"tokyo"}`,
		"/api/world/clock": `{"to":"x"}`, "/api/world/switch": `{"name":"moon","on":true}`,
		"/api/staff/click":  `{"user":"UTOUBANA","channel":"C01DEFAULT","ts":"1.1","action":"claim"}`,
		"/api/staff/submit": `{"user":"UTOUBANA","view":"V1"}`, "/api/staff/say": `{"user":"UTOUBANA","channel":"C01DEFAULT","text":""}`,
		"/api/staff/race": `{"channel":"C01DEFAULT","ts":"1.1","action":"claim","users":["UTOUBANA"]}`,
		"/api/staff/edit": `{"user":"NOBODY","channel":"C01DEFAULT","ts":"1.1","text":"x"}`,
	} {
		status, answer, _ := ask(t, d, "POST", path, body)
		var a struct{ Error string }
		if err := json.Unmarshal([]byte(answer), &a); err != nil || status != 409 || a.Error == "" {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	if s := seen(t, d); s.City != "hokuto" || !s.Running {
		t.Errorf("the demo is not as before: %+v", s)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	d := running(t)
	for range maxStreams {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL()+"api/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
		defer res.Body.Close()
	}
	if status, _, _ := ask(t, d, "GET", "/api/events", ""); status != http.StatusServiceUnavailable {
		t.Errorf("one stream too many: %d", status)
	}
}

// TestAProgramThatDoesNotStart is said on the page, and a restart heals it.
func TestAProgramThatDoesNotStart(t *testing.T) {
	d := running(t)
	good := d.o.Start
	d.turn.Lock()
	d.o.Start = func(context.Context, World) (Program, error) { return Program{}, errors.New("the store is full") }
	d.turn.Unlock()
	if status, _, _ := ask(t, d, "POST", "/api/world/restart", "{}"); status != 500 {
		t.Errorf("the restart answered %d", status)
	}
	if s := seen(t, d); s.Running || !strings.Contains(s.Fault, "the store is full") {
		t.Errorf("the page does not say so: %+v", s.Fault)
	}
	if status, _, _ := ask(t, d, "POST", "/api/resident/sticker", "{}"); status != 409 {
		t.Errorf("somebody acted without a program: %d", status)
	}
	d.turn.Lock()
	d.o.Start = good
	d.turn.Unlock()
	if status, body, _ := ask(t, d, "POST", "/api/world/restart", "{}"); status != 200 || !seen(t, d).Running {
		t.Errorf("the restart does not heal: %d %s", status, body)
	}
}

// TestWorldsGetWhatTheyNeed looks at what the program is started with.
func TestWorldsGetWhatTheyNeed(t *testing.T) {
	d := running(t)
	var got []World
	good := d.o.Start
	d.turn.Lock()
	running := 1
	d.o.Start = func(ctx context.Context, w World) (Program, error) {
		if got = append(got, w); running != 0 && len(got) > 1 {
			t.Errorf("start %d while another program runs", len(got))
		}
		running = 1
		p, err := good(ctx, w)
		stop := p.Stop
		p.Stop = func() { running = 0; stop() }
		return p, err
	}
	first := d.now().spec
	d.turn.Unlock()
	for _, act := range [][2]string{{"restart", "{}"}, {"clock", `{"to":"1h"}`}, {"city", `{"city":"nonoichi"}`}, {"city", `{"city":"hokuto"}`}, {"fresh", "{}"}, {"clock", `{"to":"now"}`}} {
		if status, body, _ := ask(t, d, "POST", "/api/world/"+act[0], act[1]); status != 200 {
			t.Fatalf("%s: %d %s", act[0], status, body)
		}
	}
	d.turn.Lock()
	defer d.turn.Unlock()
	if len(got) != 6 {
		t.Fatalf("%d starts", len(got))
	}
	restarted, moved, other, back, fresh, now := got[0], got[1], got[2], got[3], got[4], got[5]
	if restarted.Dir != first.Dir || restarted.LINE != first.LINE || restarted.Offset != 0 {
		t.Errorf("restart: %+v", restarted)
	}
	if moved.Dir != first.Dir || moved.Offset < time.Hour || moved.Offset > time.Hour+time.Minute {
		t.Errorf("moved: %+v", moved)
	}
	if other.City != "nonoichi" || other.Dir == first.Dir || other.LINE.Secret == first.LINE.Secret || other.Offset != moved.Offset || len(other.Slack.Channels) != 3 {
		t.Errorf("another city: %+v", other)
	}
	if back.Dir != first.Dir || back.Offset != moved.Offset {
		t.Errorf("back again: %+v", back)
	}
	if fresh.City != "hokuto" || fresh.Dir == first.Dir || fresh.LINE.Token == first.LINE.Token || fresh.Offset != moved.Offset {
		t.Errorf("fresh: %+v", fresh)
	}
	if now.Dir == fresh.Dir || now.Offset != 0 {
		t.Errorf("the clock set back: %+v", now)
	}
	if _, err := os.Stat(first.Dir); err == nil {
		t.Error("the data of a world that is gone is still there")
	}
	if c := first.Slack.Channels; c["default"] == "" || c["elderly"] == "" || c["coordinator"] == "" || first.Slack.DutyGroup == "" || !strings.HasSuffix(first.Slack.APIURL, "/api/") {
		t.Errorf("Slack: %+v", first.Slack)
	}
}
