package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/bot"
)

// pipes is a listener whose connections are in memory, for fake time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, errors.New("closed")
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

// TestSlowClientsAreCutOff lets clients dawdle at every stage of a request: each
// loses its connection in its time, and a quick one beside them is served.
func TestSlowClientsAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipes{make(chan net.Conn), make(chan struct{})}
		s := server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)); err != nil {
				return
			}
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		}))
		go func() { _ = s.Serve(p) }()
		const head = "POST / HTTP/1.1\r\nHost: a\r\n"
		for name, c := range map[string]struct {
			first, drop string // drop is sent again and again, a byte a second
			reads       bool
			within      time.Duration
		}{
			"says nothing":       {"", "", true, 6 * time.Second},
			"drips its head":     {head, "X", true, 6 * time.Second},
			"drips its body":     {head + "Content-Length: 100000\r\n\r\n", "x", true, 17 * time.Second},
			"stops in its body":  {head + "Content-Length: 10\r\n\r\nx", "", true, 17 * time.Second},
			"does not read":      {head + "Content-Length: 0\r\n\r\n", "", false, 32 * time.Second},
			"keeps it for later": {head + "Content-Length: 0\r\n\r\n", "", true, 3 * time.Minute},
		} {
			conn, began := p.dial(), time.Now()
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				if c.reads {
					_, _ = io.Copy(io.Discard, conn)
				}
			}()
			_, err := io.WriteString(conn, c.first)
			for err == nil && time.Since(began) < time.Hour {
				time.Sleep(time.Second) // fake time
				if c.drop != "" {
					_, err = io.WriteString(conn, c.drop)
					continue
				}
				if !c.reads {
					// A write shows that the server has left without reading its answer.
					_ = conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
					if _, err = conn.Write([]byte("G")); errors.Is(err, io.ErrClosedPipe) {
						break
					}
					err = nil
					continue
				}
				select {
				case <-gone:
					err = io.EOF
				default:
				}
			}
			if took := time.Since(began); took > c.within {
				t.Errorf("who %s stays for %v, want at most %v", name, took, c.within)
			}
			_ = conn.Close()
			<-gone
		}
		conn := p.dial()
		go func() { _, _ = io.WriteString(conn, head+"Connection: close\r\nContent-Length: 2\r\n\r\nok") }()
		if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 200") {
			t.Errorf("a quick client: %v, %.40q", err, got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestTheDoorTakesNoEndlessHead and says the same to browsers everywhere.
func TestTheDoorTakesNoEndlessHead(t *testing.T) {
	s := httptest.NewUnstartedServer(nil)
	s.Config = server(http.NotFoundHandler())
	s.Start()
	defer s.Close()
	for size, want := range map[int]int{1 << 10: 404, 128 << 10: 431} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", size))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("a head of %d bytes: %d, want %d", size, res.StatusCode, want)
		}
		if want == 404 {
			for name, part := range map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
				if !strings.Contains(res.Header.Get(name), part) {
					t.Errorf("%s: %q", name, res.Header.Get(name))
				}
			}
		}
	}
}

// TestAHundredThousandWaitingJobsLeaveTheOperatorAnAnswer: readiness, the counts
// and the next job come while a city's queue is as long as a bad day makes it.
func TestAHundredThousandWaitingJobsLeaveTheOperatorAnAnswer(t *testing.T) {
	store, err := openStore(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), []string{"hokuto", "miyoshi"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	now := time.Now()
	const n, batch = 100_000, 5000
	for i := 0; i < n; i += batch {
		jobs := make([]bot.Job, batch)
		for k := range jobs {
			jobs[k] = bot.Job{ID: fmt.Sprint("hokuto/line/", i+k), City: "hokuto", Lane: fmt.Sprint("hokuto/v/", (i+k)%5000, "/think"), Kind: "think", Due: now, Made: now, Body: []byte("x")}
		}
		if err := store.Put(t.Context(), jobs...); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Put(t.Context(), bot.Job{ID: "miyoshi/line/1", City: "miyoshi", Lane: "miyoshi/v/1/think", Kind: "think", Due: now, Made: now, Body: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	keys, err := bot.NewKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	p := &program{store: store}
	if p.bot, err = bot.New(t.Context(), bot.Options{Store: store, Keys: keys, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if !poll(ctx, func() bool { // it gives up after 2 s, which a machine may need that does other things
		w := httptest.NewRecorder()
		p.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code == http.StatusOK
	}) {
		t.Error("it never says that it is ready")
	}
	if waiting, oldest, err := store.Waiting(ctx, now); err != nil || waiting != n+1 || oldest.IsZero() {
		t.Errorf("%d wait since %v, %v", waiting, oldest, err)
	}
	if queues, err := store.Queues(ctx, now); err != nil || len(queues) != 1 || queues[0].N < bot.MaxQueue {
		t.Errorf("%+v, %v", queues, err)
	}
	// The other city does not stand behind the queue.
	other := false
	for i := range 2 {
		j, _, err := store.Take(ctx, fmt.Sprint("token", i), now, time.Minute)
		if err != nil || j == nil {
			t.Fatal(j, err)
		}
		other = other || j.City == "miyoshi"
	}
	if !other {
		t.Error("a long queue of one city keeps another waiting")
	}
}
