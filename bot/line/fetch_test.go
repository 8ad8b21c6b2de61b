package line

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

// apart is a messenger whose two origins are two servers, as LINE's are.
func (r *rig) apart(data http.Handler) *Messenger {
	r.Helper()
	srv := httptest.NewServer(data)
	r.Cleanup(srv.Close)
	return r.newMessenger(MessengerOptions{Token: testToken, APIURL: r.api.URL, DataURL: srv.URL + "/", Timeout: time.Minute})
}

func TestFetchAsksTheDataOriginOnly(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	id := u.Image([]byte("a photograph")).MessageIDs[0]
	m := r.apart(r.line)
	r.messenger = r.newMessenger(MessengerOptions{Token: testToken, APIURL: "http://127.0.0.1:1", DataURL: r.api.URL})
	if got, err := r.messenger.Fetch(t.Context(), id, 100); err != nil || string(got) != "a photograph" {
		t.Fatalf("%q %v", got, err)
	}
	if got, err := m.Fetch(t.Context(), id, 12); err != nil || len(got) != 12 {
		t.Errorf("as many bytes as wanted: %d %v", len(got), err)
	}
	path := "/v2/bot/message/" + id + "/content"
	for _, x := range []struct {
		status int
		want   bot.Trouble
	}{{202, bot.Busy}, {429, bot.Busy}, {500, bot.Busy}, {404, bot.Gone}, {410, bot.Gone}, {400, bot.Refused}, {403, bot.Refused}} {
		r.line.Break(linetest.Fault{Paths: []string{path}, Status: x.status, Times: 1})
		_, err := m.Fetch(t.Context(), id, 100)
		if got := r.trouble(err); got != x.want {
			t.Errorf("%d is %q, not %q", x.status, got, x.want)
		}
	}
	if data, err := m.Fetch(t.Context(), id, 11); r.trouble(err) != bot.TooBig || data != nil {
		t.Error("more was given than wanted")
	}
	if _, err := m.Fetch(t.Context(), "../../v2/bot/info?", 100); r.trouble(err) != bot.Refused {
		t.Error("what is no message ID was asked for")
	}
	u.Unsend(id)
	if _, err := m.Fetch(t.Context(), id, 100); r.trouble(err) != bot.Gone {
		t.Error("taken back")
	}
	wrong := r.newMessenger(MessengerOptions{Token: "another-token", APIURL: r.api.URL, DataURL: r.api.URL})
	if _, err := wrong.Fetch(t.Context(), id, 100); r.trouble(err) != bot.Refused {
		t.Error("a wrong token was taken")
	}
}

// An answer may say anything of its length, go on for ever, break off, stand still
// or point elsewhere.
func TestFetchIsBounded(t *testing.T) {
	r := newRig(t)
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	raw := func(head string, more int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func(c net.Conn) { _ = c.Close() }(c)
			_, _ = io.WriteString(c, head+strings.Repeat("x", more))
		}
	}
	for _, x := range []struct {
		name string
		says http.HandlerFunc
		want bot.Trouble
		got  string
	}{
		{"it says more than it is wanted", raw("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n", 10), bot.TooBig, ""},
		{"it says less than it sends", raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n", 5000), "", "xxx"},
		{"it says more than it sends", raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", 10), bot.Busy, ""},
		{"it says nothing and goes on", func(w http.ResponseWriter, req *http.Request) {
			for range 1000 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, bot.TooBig, ""},
		{"it points elsewhere", func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, other.URL, http.StatusFound) }, bot.Refused, ""},
		{"it breaks off at once", raw("", 0), bot.Busy, ""},
		{"it stands still", func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }, bot.Busy, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			m := r.apart(x.says)
			long := time.Minute
			if x.name == "it stands still" {
				long = time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), long)
			defer cancel()
			data, err := m.Fetch(ctx, "460000000000000001", 100)
			if got := r.trouble(err); got != x.want || string(data) != x.got {
				t.Errorf("%q %q", got, data)
			}
		})
	}
	if elsewhere > 0 {
		t.Error("another host was asked")
	}
	if _, err := NewMessenger(MessengerOptions{Token: testToken, DataURL: "https://user@example.jp"}); err == nil {
		t.Error("no origin was taken for one")
	}
}
