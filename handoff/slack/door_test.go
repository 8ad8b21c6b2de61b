package slack

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tsunagu/handoff/slack/slacktest"
)

func TestSignatures(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	for name, x := range map[string]struct {
		how  slacktest.How
		want int
	}{
		"unsigned":              {slacktest.Unsigned(), 401},
		"forged":                {slacktest.Forged(), 401},
		"six minutes old":       {slacktest.At(time.Now().Add(-6 * time.Minute)), 401},
		"six minutes ahead":     {slacktest.At(time.Now().Add(6 * time.Minute)), 401},
		"four minutes old":      {slacktest.At(time.Now().Add(-4 * time.Minute)), 200},
		"four minutes ahead":    {slacktest.At(time.Now().Add(4 * time.Minute)), 200},
		"payload in query only": {slacktest.InQuery(), 200},
	} {
		before := len(tw.taken())
		a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim", x.how)
		if err != nil || a.Status != x.want {
			t.Errorf("%s: a click got %d, %v", name, a.Status, err)
		}
		wanted := 0
		if strings.HasPrefix(name, "four") {
			wanted = 1
		}
		if n := len(tw.taken()) - before; n != wanted {
			t.Errorf("%s: %d were accepted", name, n)
		}
		if a, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", "help", x.how); a.Status != x.want {
			t.Errorf("%s: a command got %d, %v", name, a.Status, err)
		}
		a, err = tw.VerifyURL(within(t), x.how)
		if echoed := err == nil && a.Status == 200; a.Status != x.want || echoed != (wanted == 1) {
			t.Errorf("%s: verification got %d, %v", name, a.Status, err)
		}
	}
}

func TestTheDoor(t *testing.T) {
	tw := newTown(t)
	for _, h := range []http.Handler{tw.desk.Events(), tw.desk.Interactions(), tw.desk.Commands()} {
		ask := func(method string, body []byte) int {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(method, "/?payload={}", bytes.NewReader(body))
			now := time.Now().Unix()
			r.Header.Set("X-Slack-Request-Timestamp", itoa(int(now)))
			r.Header.Set("X-Slack-Signature", slacktest.Sign(slacktest.DefaultSigningSecret, itoa(int(now)), body))
			h.ServeHTTP(w, r)
			return w.Code
		}
		for want, x := range map[int]struct {
			method string
			size   int
		}{405: {"GET", 0}, 413: {"POST", maxBody + 1}, 200: {"POST", maxBody}} {
			if got := ask(x.method, bytes.Repeat([]byte("%"), x.size)); got != want {
				t.Errorf("%s of %d bytes got %d, want %d", x.method, x.size, got, want)
			}
		}
	}
}

// TestTheOldSecretCounts signs with the other of two secrets.
func TestTheOldSecretCounts(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.SigningSecrets = []string{slacktest.DefaultSigningSecret, "the new one"} })
	if a, err := tw.VerifyURL(within(t)); err != nil || !a.Acked() {
		t.Error(a.Status, err)
	}
}

func TestAnEditThatCannotBeStoredComesAgain(t *testing.T) {
	tw := newTown(t)
	tw.desk.o.Edited = nil
	body := `{"type":"event_callback","event":{"type":"message","subtype":"message_deleted","channel":"C02","deleted_ts":"2.1","previous_message":{"ts":"2.1","thread_ts":"1.1","user":"UDUTY"}}}`
	if a := tw.desk.event(within(t), []byte(body)); a.status != 0 {
		t.Errorf("nobody to tell: %d", a.status)
	}
	for _, strange := range []string{"", "[", `{"type":"` + secretWords + `"}`} {
		if a := tw.desk.event(within(t), []byte(strange)); a.status != 0 {
			t.Errorf("%q got %d", strange, a.status)
		}
	}
	if tw.desk.Unknown() != 3 {
		t.Errorf("%d were counted", tw.desk.Unknown())
	}
	// A block that nobody knows spoils nothing.
	odd := `{"type":"event_callback","event":{"type":"message","subtype":"message_changed","channel":"C02","event_ts":"5.1",
		"message":{"ts":"2.1","thread_ts":"1.1","text":"あと","blocks":[{"type":"brand_new","elements":7}]},"previous_message":{"ts":"2.1","thread_ts":"1.1","text":"まえ"}}}`
	tw.desk.o.Edited = tw.edited
	if a := tw.desk.event(within(t), []byte(odd)); a.status != 0 || len(tw.edits) != 1 || tw.edits[0] != "C02 1.1 2.1 5.1" {
		t.Errorf("got %+v, %q", a, tw.edits)
	}
}
