package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tsunagu/bot/sqlitestore"
)

// TestMain is the echo when it is started as one, as the program itself is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == echoName {
		fmt.Fprintln(os.Stderr, echo(os.Args[2], os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestAShortRunMeasuresTheEchoAndBothStores(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "tsunagu")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "tsunagu/cmd/tsunagu").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Chdir(dir)
	var out bytes.Buffer
	err := run(t.Context(), []string{"-tsunagu", "tsunagu", "-dir", ".", "-time", "1s", "-rounds", "1", "-residents", "4", "-stored", ""}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"echo  ", "sqlite  ", "redis  ", "redis-server", "Every acknowledged message was answered."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the report:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if f := strings.Fields(line); len(f) > 1 && (f[0] == "echo" || f[0] == "sqlite" || f[0] == "redis") && f[1] == "0" {
			t.Errorf("nothing was answered: %s", line)
		}
	}
}

func TestAProgramThatIsNotBuiltIsSaidFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out); err == nil || !strings.Contains(err.Error(), "make build") || out.Len() > 0 {
		t.Errorf("said %v after %q", err, out.String())
	}
}

func TestAFilledStoreHoldsSoManyConversations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "load.db")
	if err := fill(t.Context(), "sqlite:"+path, 1234); err != nil {
		t.Fatal(err)
	}
	s, err := sqlitestore.Open(path, []string{city})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n, err := s.Count(t.Context(), city, city+"/v/")
	waiting, _, werr := s.Waiting(t.Context(), time.Now())
	if err != nil || werr != nil || n != 1234 || waiting != 124 {
		t.Errorf("%d conversations and %d timers (%v, %v)", n, waiting, err, werr)
	}
}

// standIn is a server that residents knock at; answer is its reply to LINE.
func standIn(t *testing.T, line *platform, status int, answer func(token string), wait time.Duration) *subject {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if answer != nil {
			answer(string(between(body.Bytes(), `"replyToken":"`)))
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	s := newSubject("bot", line, 2, strings.TrimPrefix(srv.URL, "http://"), hookPath)
	for _, r := range s.residents {
		r.wait = wait
	}
	return s
}

func reply(t *testing.T, line *platform, token, auth string) {
	t.Helper()
	req, err := http.NewRequest("POST", line.url+"/v2/bot/message/reply", strings.NewReader(`{"replyToken":"`+token+`","messages":[{"type":"text","text":"はい"}]}`))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+auth)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	_ = res.Body.Close()
}

func TestWhatGoesWrongIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		answer func(*platform) func(string)
		fault  string // "" = all is well
	}{
		"answered":     {200, func(p *platform) func(string) { return func(tok string) { reply(t, p, tok, lineToken) } }, ""},
		"not answered": {200, func(*platform) func(string) { return nil }, "were not answered"},
		"wrong token":  {200, func(p *platform) func(string) { return func(tok string) { reply(t, p, tok, "another") } }, "not what LINE takes"},
		"refused":      {503, func(*platform) func(string) { return nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			line, err := newPlatform()
			if err != nil {
				t.Fatal(err)
			}
			defer line.Close()
			var out bytes.Buffer
			r := &report{out: &out}
			r.head(plan{})
			wait := time.Minute
			if c.fault != "" {
				wait = 200 * time.Millisecond // no answer comes
			}
			res := standIn(t, line, c.status, c.answer(line), wait).drive(t.Context(), 500*time.Millisecond, 0)
			r.add("bot", "max", res)
			switch err := r.faults(line); {
			case c.fault == "" && err != nil, c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Errorf("fault %v, want %q", err, c.fault)
			}
			if refused := c.status != 200; (res.refused > 0) != refused || refused && !strings.Contains(out.String(), "not acknowledged") {
				t.Errorf("%d refused\n%s", res.refused, out.String())
			}
			if name == "answered" && res.turns == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}
