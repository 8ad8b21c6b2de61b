package line

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

func TestAnOddAnswerThatSays200IsAYes(t *testing.T) {
	r := newRig(t)
	for name, h := range map[string]http.HandlerFunc{
		"empty": func(w http.ResponseWriter, _ *http.Request) {},
		"html":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "{")
		},
	} {
		m, _ := r.other(h)
		if err := m.Reply(t.Context(), "token", text(words)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := m.Push(t.Context(), linetest.NewUserID(), testKey, false, text(words)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusForbidden} {
		r := newRig(t)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			w.WriteHeader(status)
			w.Write(make([]byte, 4*maxAnswer))
		}))
		defer s.Close()
		c := &counter{base: newTransport()}
		m := r.newMessenger(MessengerOptions{Token: testToken, APIURL: s.URL, Client: &http.Client{Transport: c}})
		if got := r.trouble(m.Reply(t.Context(), "token", text(words))); (got == "") != (status == http.StatusOK) {
			t.Errorf("%d: %q", status, got)
		}
		if c.read > maxAnswer {
			t.Errorf("%d: read %d bytes", status, c.read)
		}
	}
}

// counter counts the bytes of answers that are read.
type counter struct {
	base http.RoundTripper
	io.ReadCloser
	read int
}

func (c *counter) RoundTrip(q *http.Request) (*http.Response, error) {
	res, err := c.base.RoundTrip(q)
	if err == nil {
		c.ReadCloser, res.Body = res.Body, c
	}
	return res, err
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read += n
	return n, err
}

func TestMessengerOptionsThatCannotWork(t *testing.T) {
	for _, o := range []MessengerOptions{
		{}, {Token: " \n"}, {Token: "a b"}, {Token: "a\nb"}, {Token: "通"},
		{Token: "t", APIURL: "api.line.me"}, {Token: "t", APIURL: "ftp://a"}, {Token: "t", APIURL: "http://"},
		{Token: "t", APIURL: "https://u:p@a"}, {Token: "t", APIURL: "https://a?b"}, {Token: "t", APIURL: "https://a/%zz"},
	} {
		if _, err := NewMessenger(o); err == nil {
			t.Errorf("%+v: taken", o)
		}
	}
	m, err := NewMessenger(MessengerOptions{Token: "t", Timeout: time.Hour})
	if err != nil || m.origin != defaultOrigin || m.timeout != callTime {
		t.Errorf("%+v %v", m, err)
	}
}

func TestTheDoctorsQuestions(t *testing.T) {
	r := newRig(t)
	info, err := r.messenger.Info(t.Context())
	if err != nil || info != (Info{Name: "相談窓口", BasicID: "@000aaaaa"}) {
		t.Errorf("%+v %v", info, err)
	}
	if q, err := r.messenger.Quota(t.Context()); err != nil || q.Limited {
		t.Errorf("%+v %v", q, err)
	}
	r.line.SetMonthlyLimit(200, 12)
	if q, err := r.messenger.Quota(t.Context()); err != nil || q != (bot.Allowance{Limited: true, Limit: 200, Used: 12}) {
		t.Errorf("%+v %v", q, err)
	}
	if e, err := r.messenger.WebhookEndpoint(t.Context()); err != nil || e != (Endpoint{r.hookURL, true}) {
		t.Errorf("%+v %v", e, err)
	}
	if tr, err := r.messenger.TestWebhook(t.Context()); err != nil || !tr.OK || tr.Status != 200 {
		t.Errorf("%+v %v", tr, err)
	}
	for _, f := range []linetest.Fault{{Status: 401, Message: words}, {Status: 200}, {Status: 500, Message: testToken}, {}} {
		f.Paths = linetest.Everything
		mend := r.line.Break(f)
		if _, err := r.messenger.TestWebhook(t.Context()); f.Status != 200 && err == nil {
			t.Errorf("%+v: no error", f)
		} else if err != nil {
			r.said = append(r.said, err.Error())
		}
		mend()
	}
}
