package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

func TestReplyAndPushArrive(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	for _, url := range []string{r.api.URL, r.api.URL + "/", " " + r.api.URL + "//\n"} {
		m := r.newMessenger(MessengerOptions{Token: testToken + "\n", APIURL: url})
		if err := m.Reply(t.Context(), r.token(u), text(words)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.messenger.Push(t.Context(), u.ID, testKey, true, text(words)); err != nil {
		t.Fatal(err)
	}
	heard := u.Heard()
	if len(heard) != 4 || heard[0].Text != words || heard[0].How != linetest.Reply {
		t.Fatalf("heard %+v", heard)
	}
	if p := heard[3]; p.How != linetest.Push || !p.Silent || p.RetryKey != testKey || p.Text != words {
		t.Errorf("pushed %+v", p)
	}
}

func TestARepeatedPushIsTakenOnce(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	for range 3 {
		if err := r.messenger.Push(t.Context(), u.ID, testKey, false, text(words)); err != nil {
			t.Fatal(err)
		}
	}
	if c := r.line.Counts(); c.Pushes != 1 || c.Conflicts != 2 || len(u.Heard()) != 1 {
		t.Errorf("%d pushes, %d conflicts, %d heard", c.Pushes, c.Conflicts, len(u.Heard()))
	}
}

func TestASpentReplyTokenIsDead(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	token := r.token(u)
	if err := r.messenger.Reply(t.Context(), token, text("1")); err != nil {
		t.Fatal(err)
	}
	err := r.messenger.Reply(t.Context(), token, text("2"))
	if got := r.trouble(err); got != bot.TokenDead {
		t.Errorf("%s", got)
	}
	var se *bot.SendError
	if errors.As(err, &se); se.Status != 400 || !plainID.MatchString(se.Request) {
		t.Errorf("%+v", se)
	}
}

func TestStatusesBecomeTroubles(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	for _, c := range []struct {
		fault       linetest.Fault
		reply, push bot.Trouble
	}{
		{linetest.Fault{Status: 400}, bot.TokenDead, bot.Refused},
		{linetest.Fault{Status: 400, Message: "Invalid reply token " + words}, bot.TokenDead, bot.Refused},
		{linetest.Fault{Status: 401}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 403, Message: words}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 404}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 410}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 413}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 307}, bot.Refused, bot.Refused},
		{linetest.Fault{Status: 409}, bot.Refused, ""},
		{linetest.Fault{Status: 429}, bot.Busy, bot.Busy},
		{linetest.Fault{Status: 429, Message: "You have reached your monthly limit."}, bot.Busy, bot.Quota},
		{linetest.Fault{Status: 408}, bot.Doubtful, bot.Doubtful},
		{linetest.Fault{Status: 500, Message: words}, bot.Doubtful, bot.Doubtful},
		{linetest.Fault{Status: 503}, bot.Doubtful, bot.Doubtful},
		{linetest.Fault{}, bot.Doubtful, bot.Doubtful},           // cut off
		{linetest.Fault{Done: true}, bot.Doubtful, bot.Doubtful}, // cut off after it was done
		{linetest.Fault{Status: 200, Done: true}, "", ""},        // {} is no list of messages
		{linetest.Fault{Status: 202, Done: true, Hang: false}, "", ""},
	} {
		mend := r.line.Break(c.fault)
		if got := r.trouble(r.messenger.Reply(t.Context(), strings.Repeat("a", 32), text(words))); got != c.reply {
			t.Errorf("%+v: reply %q, want %q", c.fault, got, c.reply)
		}
		if got := r.trouble(r.messenger.Push(t.Context(), u.ID, testKey, false, text(words))); got != c.push {
			t.Errorf("%+v: push %q, want %q", c.fault, got, c.push)
		}
		mend()
	}
}

func TestASpentMonthIsToldByTheQuotaToo(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	r.line.SetMonthlyLimit(200, 200)
	if got := r.trouble(r.messenger.Push(t.Context(), u.ID, testKey, false, text(words))); got != bot.Quota {
		t.Errorf("by the text: %q", got)
	}
	defer r.line.Break(linetest.Fault{Status: 429, Message: "Genug."})()
	if got := r.trouble(r.messenger.Push(t.Context(), u.ID, testKey, false, text(words))); got != bot.Quota {
		t.Errorf("by the quota: %q", got)
	}
	r.line.SetMonthlyLimit(200, 199)
	if got := r.trouble(r.messenger.Push(t.Context(), u.ID, testKey, false, text(words))); got != bot.Busy {
		t.Errorf("with one left: %q", got)
	}
}

func TestAMessageLINEBlamesIsRefused(t *testing.T) {
	details := `{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"messages[0].text"}]}`
	r := newRig(t)
	m, _ := r.other(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, details)
	})
	if got := r.trouble(m.Reply(t.Context(), "token", text(words))); got != bot.Refused {
		t.Errorf("%q", got)
	}
}

// other is a Messenger to another server than linetest; it also counts the
// server's calls.
func (r *rig) other(h http.HandlerFunc) (*Messenger, *atomic.Int32) {
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		calls.Add(1)
		h(w, q)
	}))
	r.Cleanup(s.Close)
	return r.newMessenger(MessengerOptions{Token: testToken, APIURL: s.URL}), &calls
}

func TestHowLongToWaitIsPassedOn(t *testing.T) {
	r := newRig(t)
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "-1": 0, "": 0, words: 0, "99999999": maxAfter,
		time.Now().Add(72 * time.Hour).UTC().Format(http.TimeFormat): maxAfter,
		"Thu, 01 Jan 1970 00:00:00 GMT":                              0,
	} {
		m, _ := r.other(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.Header().Set("X-Line-Request-Id", words)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		err := m.Reply(t.Context(), "token", text("x"))
		var se *bot.SendError
		if r.trouble(err) != bot.Busy || !errors.As(err, &se) || se.After != want || se.Request != "" {
			t.Errorf("%q: %+v", header, err)
		}
	}
}

func TestNothingGoesElsewhere(t *testing.T) {
	r := newRig(t)
	_, calls := r.other(func(http.ResponseWriter, *http.Request) {})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer elsewhere.Close()
	m, _ := r.other(func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if got := r.trouble(m.Reply(t.Context(), "token", text(words))); got != bot.Refused || calls.Load() != 0 {
		t.Errorf("%q after %d calls elsewhere", got, calls.Load())
	}
}

func TestWhatCannotBeSentIsNotSent(t *testing.T) {
	r := newRig(t)
	m, calls := r.other(func(http.ResponseWriter, *http.Request) {})
	u := linetest.NewUserID()
	for name, c := range map[string]struct {
		err  error
		want bot.Trouble
	}{
		"no words":        {m.Reply(t.Context(), "token", []bot.Bubble{{}, {Text: " \n"}, {Buttons: []bot.Button{{Label: "a", Data: "b"}}}}), bot.Refused},
		"no bubbles":      {m.Push(t.Context(), u, testKey, false, nil), bot.Refused},
		"no token":        {m.Reply(t.Context(), "", text(words)), bot.TokenDead},
		"an odd token":    {m.Reply(t.Context(), words, text(words)), bot.TokenDead},
		"a group":         {m.Push(t.Context(), linetest.NewGroupID(), testKey, false, text(words)), bot.Refused},
		"an odd user":     {m.Push(t.Context(), u+"/../x", testKey, false, text(words)), bot.Refused},
		"no key":          {m.Push(t.Context(), u, "", false, text(words)), bot.Refused},
		"an odd key":      {m.Push(t.Context(), u, words, false, text(words)), bot.Refused},
		"an odd room":     {m.Leave(t.Context(), "C1/../../message/push", true), bot.Refused},
		"a user as group": {m.Leave(t.Context(), u, true), bot.Refused},
	} {
		if got := r.trouble(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestWhereNobodyListensNothingWasSent(t *testing.T) {
	r := newRig(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	m := r.newMessenger(MessengerOptions{Token: testToken, APIURL: "http://" + l.Addr().String()})
	if got := r.trouble(m.Reply(t.Context(), "token", text(words))); got != bot.Busy {
		t.Errorf("closed: %q", got)
	}
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake that is meant to fail
	tls.StartTLS()
	defer tls.Close()
	m = r.newMessenger(MessengerOptions{Token: testToken, APIURL: tls.URL})
	if got := r.trouble(m.Reply(t.Context(), "token", text(words))); got != bot.Busy {
		t.Errorf("unknown certificate: %q", got)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.trouble(r.messenger.Reply(gone, "token", text(words))); got != bot.Busy {
		t.Errorf("cancelled before: %q", got)
	}
}

func TestALINEThatHangsIsNotWaitedFor(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	token := r.token(u)
	defer r.line.Break(linetest.Fault{Hang: true})()

	// The Messenger's own time.
	m := r.newMessenger(MessengerOptions{Token: testToken, APIURL: r.api.URL, Timeout: time.Second})
	if got := r.trouble(m.Push(t.Context(), u.ID, testKey, false, text(words))); got != bot.Doubtful {
		t.Errorf("timeout: %q", got)
	}
	// The caller's: cancelled while LINE holds the call, and no other call with it.
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan error)
	go func() { said <- r.messenger.Reply(ctx, token, text(words)) }()
	if err := r.line.WaitFor(t.Context(), func() bool { return r.line.Calls("POST /v2/bot/message/reply") == 1 }); err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := r.trouble(<-said); got != bot.Doubtful {
		t.Errorf("cancelled: %q", got)
	}
	r.line.Mend()
	if err := r.messenger.Reply(t.Context(), token, text(words)); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestManySpeakAtTheSameTime(t *testing.T) {
	r := newRig(t)
	var all sync.WaitGroup
	const residents = 20
	opened := countConnections(r)
	for i := range residents {
		u := r.resident()
		token := r.token(u)
		all.Go(func() {
			mine := fmt.Sprintf("あなたは%d番です", i)
			bubbles := []bot.Bubble{{Text: mine, Buttons: []bot.Button{{Label: "はい", Data: "1:yes"}}}}
			if err := r.messenger.Reply(t.Context(), token, bubbles); err != nil {
				t.Error(err)
			}
			if err := r.messenger.Push(t.Context(), u.ID, fmt.Sprintf("123e4567-e89b-12d3-a456-%012d", i), false, text(mine)); err != nil {
				t.Error(err)
			}
			if heard := u.Heard(); len(heard) != 2 || heard[0].Text != mine || heard[1].Text != mine {
				t.Errorf("%d heard %+v", i, heard)
			}
		})
	}
	all.Wait()
	before := opened.Load()
	for range 20 {
		if _, err := r.messenger.Info(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := opened.Load() - before; n > 1 {
		t.Errorf("%d connections for calls one after the other", n)
	}
}

// countConnections lets the rig's messenger speak through a server that counts
// connections.
func countConnections(r *rig) *atomic.Int32 {
	var n atomic.Int32
	s := httptest.NewUnstartedServer(r.line)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
	s.Start()
	r.Cleanup(s.Close)
	r.messenger = r.newMessenger(MessengerOptions{Token: testToken, APIURL: s.URL})
	return &n
}

func TestLeavingGroupsAndRooms(t *testing.T) {
	r := newRig(t)
	group, room := linetest.NewGroupID(), linetest.NewRoomID()
	for _, id := range []string{group, room} {
		if d := r.line.Join(id); !d.OK() {
			t.Fatal(d.Err)
		}
		e := r.accepted()[0]
		for range 2 { // the second time the bot is not there any more
			if err := r.messenger.Leave(t.Context(), e.Room, e.Group); err != nil {
				t.Error(err)
			}
		}
	}
	if left := r.line.Counts().Left; len(left) != 2 || left[0] != group || left[1] != room {
		t.Errorf("left %v", left)
	}
	defer r.line.Break(linetest.Fault{Paths: linetest.Everything, Status: 500})()
	if got := r.trouble(r.messenger.Leave(t.Context(), group, true)); got != bot.Doubtful {
		t.Errorf("%q", got)
	}
}

func TestWhatLINEGetsIsWhatItsReferenceAsksFor(t *testing.T) {
	var header http.Header
	var body map[string]json.RawMessage
	r := newRig(t)
	m, _ := r.other(func(_ http.ResponseWriter, q *http.Request) {
		header = q.Header
		body = nil
		json.NewDecoder(q.Body).Decode(&body)
	})
	if err := m.Reply(t.Context(), "token", text(words)); err != nil {
		t.Fatal(err)
	}
	if _, has := header["X-Line-Retry-Key"]; has {
		t.Error("a reply has no retry key")
	}
	if err := m.Push(t.Context(), linetest.NewUserID(), testKey, false, text(words)); err != nil {
		t.Fatal(err)
	}
	for name, value := range body {
		if string(value) == "null" {
			t.Errorf("%s is null", name)
		}
	}
	if header.Get("X-Line-Retry-Key") != testKey || header.Get("Authorization") != "Bearer "+testToken {
		t.Errorf("%v", header)
	}
}
