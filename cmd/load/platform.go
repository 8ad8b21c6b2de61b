package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	lineSecret = "load-line-secret"
	lineToken  = "load-line-token"
)

// platform is LINE and Slack, light enough not to be what is measured: it
// looks at the bearer token and that there is a message, finds the resident by
// the reply token and hands over the buttons. Whether messages are what LINE
// takes is for linetest.
type platform struct {
	url    string
	server *http.Server
	// talks are all residents there ever were; a reply token begins with an
	// index.
	talks atomic.Pointer[[]*resident]
	// What never should be.
	pushes, strangers, doubles atomic.Int64
}

func newPlatform() (*platform, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &platform{url: "http://" + l.Addr().String()}
	p.talks.Store(&[]*resident{})
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return p, nil
}

func (p *platform) Close() error { return p.server.Close() }

// admit gives a resident its index. Only one goroutine admits.
func (p *platform) admit(r *resident) int {
	all := append((*p.talks.Load())[:len(*p.talks.Load()):len(*p.talks.Load())], r)
	p.talks.Store(&all)
	return len(all) - 1
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, min(max(r.ContentLength, 0), 1<<20)) // what measures should cost little
	_, err := io.ReadFull(r.Body, body)
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/v2/bot/message/reply":
	case "/v2/bot/message/push":
		p.pushes.Add(1)
		_, _ = io.WriteString(w, `{"sentMessages":[]}`)
		return
	default:
		_, _ = io.WriteString(w, `{"ok":true}`)
		return
	}
	who, seq, ok := readToken(between(body, `"replyToken":"`))
	talks := *p.talks.Load()
	if err != nil || !ok || who >= len(talks) || r.Header.Get("Authorization") != "Bearer "+lineToken || !bytes.Contains(body, []byte(`"messages":[{`)) {
		p.strangers.Add(1)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if !talks[who].answered(seq, taps(body)) {
		p.doubles.Add(1)
	}
	_, _ = io.WriteString(w, `{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"}]}`)
}

// between is what stands in body between the mark and the next quote.
func between(body []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(mark))
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return value
}

// taps are the data of all buttons of a message.
func taps(body []byte) (all []string) {
	const mark = `"data":"`
	for i := bytes.Index(body, []byte(mark)); i >= 0; i = bytes.Index(body, []byte(mark)) {
		all = append(all, string(between(body[i:], mark)))
		body = body[i+len(mark):]
	}
	return all
}

// token names the resident and its message.
func token(who int, seq int64) string {
	return "load" + strconv.FormatInt(int64(who), 16) + "-" + strconv.FormatInt(seq, 16)
}

func readToken(b []byte) (who int, seq int64, ok bool) {
	a, z, found := bytes.Cut(bytes.TrimPrefix(b, []byte("load")), []byte("-"))
	n, err1 := strconv.ParseInt(string(a), 16, 32)
	seq, err2 := strconv.ParseInt(string(z), 16, 64)
	return int(n), seq, found && err1 == nil && err2 == nil && n >= 0
}
