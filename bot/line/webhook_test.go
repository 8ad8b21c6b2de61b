package line

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

// post sends bytes to the handler as somebody on the internet.
func (r *rig) post(method, signature string, body []byte) int {
	r.Helper()
	req, err := http.NewRequest(method, r.hookURL, bytes.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	if signature != "" {
		req.Header["x-line-signature"] = []string{signature}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(res.Body)
	r.mu.Lock()
	r.said = append(r.said, string(said))
	r.mu.Unlock()
	return res.StatusCode
}

func TestLINEsOwnSignatureVectorIsTaken(t *testing.T) {
	r := newRig(t)
	const signature = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
	body := []byte(`{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}`)
	if got := r.post("POST", signature, body); got != http.StatusOK {
		t.Errorf("the vector: %d", got)
	}
	body[len(body)-1] = ' '
	if got := r.post("POST", signature, body); got != http.StatusUnauthorized {
		t.Errorf("another body: %d", got)
	}
}

func TestStatusCodesOfWebhooks(t *testing.T) {
	r := newRig(t)
	padded := func(n int) []byte { return append([]byte(`{"events":[]}`), bytes.Repeat([]byte(" "), n-13)...) }
	sign := func(b []byte) string { return linetest.Sign(testSecret, b) }
	for name, c := range map[string]struct {
		method, signature string
		body              []byte
		want              int
	}{
		"no events":         {"POST", sign([]byte(`{"events":[]}`)), []byte(`{"events":[]}`), 200},
		"no list":           {"POST", sign([]byte(`{}`)), []byte(`{}`), 200},
		"GET":               {"GET", "", nil, 405},
		"PUT":               {"PUT", sign([]byte(`{}`)), []byte(`{}`), 405},
		"no signature":      {"POST", "", []byte(`{"events":[]}`), 401},
		"not base64":        {"POST", "%%%", []byte(`{"events":[]}`), 401},
		"another secret":    {"POST", linetest.Sign("other", []byte(`{}`)), []byte(`{}`), 401},
		"an empty secret":   {"POST", linetest.Sign("", []byte(`{}`)), []byte(`{}`), 401},
		"broken":            {"POST", sign([]byte(`{"events":[`)), []byte(`{"events":[`), 400},
		"a list":            {"POST", sign([]byte(`[]`)), []byte(`[]`), 400},
		"events no list":    {"POST", sign([]byte(`{"events":{}}`)), []byte(`{"events":{}}`), 400},
		"empty":             {"POST", sign(nil), nil, 400},
		"1 MiB":             {"POST", sign(padded(1 << 20)), padded(1 << 20), 200},
		"above 1 MiB":       {"POST", sign(padded(1<<20 + 1)), padded(1<<20 + 1), 413},
		"above, not signed": {"POST", "", padded(1<<20 + 1), 413},
	} {
		if got := r.post(c.method, c.signature, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if r.calls != nil {
		t.Errorf("accepted %v", r.calls)
	}
	if n := strings.Count(r.logged(), "was refused"); n != 1 {
		t.Errorf("%d log lines of refusals within a minute", n)
	}
}

func TestOldAndNewSecretBothSign(t *testing.T) {
	r := newRig(t, func(o *WebhookOptions) { o.Secrets = []string{"the new one", testSecret + "\n"} })
	for _, secret := range []string{testSecret, "the new one"} {
		if got := r.post("POST", linetest.Sign(secret, []byte(`{}`)), []byte(`{}`)); got != http.StatusOK {
			t.Errorf("%d", got)
		}
	}
	accept := func(context.Context, ...bot.Event) error { return nil }
	for _, o := range []WebhookOptions{
		{City: "hokuto", Accept: accept},
		{City: "hokuto", Accept: accept, Secrets: []string{testSecret, ""}},
		{City: "hokuto", Accept: accept, Secrets: []string{" \n"}},
		{City: "hokuto", Secrets: []string{testSecret}},
		{Accept: accept, Secrets: []string{testSecret}},
	} {
		if _, err := NewWebhook(o); err == nil {
			t.Errorf("%+v: taken", o)
		}
	}
}

func TestWhatAResidentDoesBecomesAnEvent(t *testing.T) {
	r := newRig(t)
	u := r.line.Resident("")
	group, room := linetest.NewGroupID(), linetest.NewRoomID()
	is := func(kind bot.EventKind, more bot.Event) bot.Event {
		more.Kind, more.User, more.City = kind, u.ID, "hokuto"
		return more
	}
	media := func(kind string) *bot.Event { e := is(bot.Other, bot.Event{Media: kind}); return &e }
	text := func(s string) *bot.Event { e := is(bot.Text, bot.Event{Text: s}); return &e }
	leave := func(id string, group bool) *bot.Event {
		return &bot.Event{City: "hokuto", Kind: bot.Join, Room: id, Group: group}
	}
	follow, unfollow := is(bot.Follow, bot.Event{}), is(bot.Unfollow, bot.Event{})
	tap, unsend := is(bot.Tap, bot.Event{Data: "3:a:q/x"}), is(bot.Unsend, bot.Event{Message: "4711"})
	for _, c := range []struct {
		name string
		e    linetest.Event
		want *bot.Event // nil: nothing
	}{
		{"follow", u.FollowEvent(false), &follow},
		{"text", u.TextEvent(words), text(words)},
		{"text with a quotation", u.TextEvent(words).With("quotedMessageId", "1"), text(words)},
		{"5,001 characters", u.TextEvent(strings.Repeat("あ", 5001)), text(strings.Repeat("あ", 5000))},
		{"2,501 apples", u.TextEvent(strings.Repeat("🍎", 2501)), text(strings.Repeat("🍎", 2500))},
		{"empty text", u.TextEvent(""), media("unknown")},
		{"postback", u.PostbackEvent("3:a:q/x", "はい", nil), &tap},
		{"postback with odd params", u.PostbackEvent("3:a:q/x", "", nil).With("postback", map[string]any{"data": "3:a:q/x", "params": map[string]any{"date": 5}}), &tap},
		{"sticker", u.StickerEvent("1", "2"), media("sticker")},
		{"image", u.MediaEvent("image", linetest.Content{}), media("image")},
		{"video", u.MediaEvent("video", linetest.Content{}), media("video")},
		{"voice", u.MediaEvent("audio", linetest.Content{}), media("audio")},
		{"file", u.FileEvent("通帳.pdf", linetest.Content{}), media("file")},
		{"place", u.LocationEvent("家", "市内", 35, 138), media("location")},
		{"a message of the future", u.UnknownMessageEvent("hologram"), media("unknown")},
		{"a message of the future with another text", u.UnknownMessageEvent("hologram").With("message", map[string]any{"id": "1", "type": "hologram", "text": map[string]any{"ja": words}}), media("unknown")},
		{"an event of the future", u.UnknownEvent("dream"), nil},
		{"watched", u.UnknownEvent("videoPlayComplete"), nil},
		{"standby", u.StandbyEvent(words), nil},
		{"no source", u.TextEvent(words).With("source", nil), nil},
		{"no user", u.TextEvent(words).With("source", map[string]any{"type": "user"}), nil},
		{"a source of the future", u.TextEvent(words).With("source", map[string]any{"type": "robot", "userId": u.ID}), nil},
		{"unsend", u.UnsendEvent("4711"), &unsend},
		{"unfollow", u.UnfollowEvent(), &unfollow},
		{"follow again", u.FollowEvent(true), &follow},
		{"text in a group", u.In(group).TextEvent(words), leave(group, true)},
		{"text in a room", u.In(room).TextEvent(words), leave(room, false)},
		{"unsend in a group", u.In(group).UnsendEvent("1"), leave(group, true)},
		{"joined by others", u.In(group).UnknownEvent("memberJoined"), leave(group, true)},
		{"sent out of a group", u.In(group).UnknownEvent("leave"), nil},
	} {
		d := r.line.Deliver(c.e)
		if d.Status != http.StatusOK {
			t.Fatalf("%s: %d %v", c.name, d.Status, d.Err)
		}
		got := r.accepted()
		if c.want == nil {
			if got != nil {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Fatalf("%s: %d events", c.name, len(got))
		}
		want, e := *c.want, got[0]
		want.ID, want.At = d.EventIDs[0], e.At
		if d.ReplyTokens != nil && want.Kind != bot.Join {
			want.Token = d.ReplyTokens[0]
		}
		if d.MessageIDs != nil && want.Kind != bot.Join {
			want.Message = d.MessageIDs[0]
		}
		if e != want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, e, want)
		}
		if age := time.Since(e.At); age < -time.Second || age > time.Minute {
			t.Errorf("%s: happened %v ago", c.name, age)
		}
	}
	if r.logged() != "" {
		t.Errorf("logged %s", r.logged())
	}
}

func TestOneSpoiltEventSpoilsNoOther(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	good := u.TextEvent("1")
	bad := []linetest.Event{
		linetest.Raw(`"` + words + `"`), linetest.Raw("null"), linetest.Raw(`{"message":{"text":"` + words + `"}}`),
		u.TextEvent(words).With("type", nil), u.TextEvent(words).With("type", 5),
		u.TextEvent(words).With("timestamp", "soon"), u.TextEvent(words).With("source", words),
		u.TextEvent(words).With("message", words), u.TextEvent(words).With("message", nil),
		u.TextEvent(words).With("message", map[string]any{"id": "1", "type": "text", "text": []string{words}}),
		u.TextEvent(words).With("message", map[string]any{"id": words, "type": "text", "text": words}),
		u.TextEvent(words).With("source", map[string]any{"type": "user", "userId": "U1/../" + words}),
		u.TextEvent(words).With("source", map[string]any{"type": "group", "groupId": "../" + words}),
		u.PostbackEvent(words, "", nil).With("postback", nil), u.PostbackEvent(words, "", nil).With("postback", map[string]any{"data": 7}),
		u.PostbackEvent(words, "", nil).With("webhookEventId", nil), u.UnsendEvent(words),
	}
	for i, e := range bad {
		d := r.line.Deliver(good, e, u.TextEvent("2"))
		if d.Status != http.StatusOK {
			t.Fatalf("%d: %d %v", i, d.Status, d.Err)
		}
		if got := r.accepted(); len(got) != 2 || got[0].Text != "1" || got[1].Text != "2" {
			t.Errorf("%d: accepted %+v", i, got)
		}
		if n := strings.Count(r.logged(), "cannot be read"); n != i+1 {
			t.Errorf("%d: %d log lines", i, n)
		}
	}
	named := u.TextEvent(words).With("message", nil)
	d := r.line.Deliver(linetest.Raw("null"), named)
	if log := r.logged(); !strings.Contains(log, d.EventIDs[0]) || !strings.Contains(log, "events[0]") {
		t.Errorf("the log names no event:\n%s", log)
	}
}

func TestAMessageWithoutEventIDIsNamedAfterTheMessage(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	for want, e := range map[string]linetest.Event{
		"unsend-12":  u.UnsendEvent("12").With("webhookEventId", nil),
		"message-13": u.TextEvent(words).With("webhookEventId", words).With("message", map[string]any{"id": "13", "type": "text", "text": words}),
	} {
		r.line.Deliver(e)
		if got := r.accepted(); len(got) != 1 || got[0].ID != want {
			t.Errorf("%s: %+v", want, got)
		}
	}
}

func TestEventsOfOneWebhookComeInOneCallAndTheirOrder(t *testing.T) {
	r := newRig(t)
	a, b := r.resident(), r.resident()
	d := r.line.Deliver(a.TextEvent("1"), b.TextEvent("2"), a.PostbackEvent("3", "", nil), b.UnfollowEvent())
	if len(r.calls) != 1 {
		t.Fatalf("%d calls", len(r.calls))
	}
	var ids []string
	for _, e := range r.accepted() {
		ids = append(ids, e.ID)
	}
	if !slices.Equal(ids, d.EventIDs) {
		t.Errorf("got %v, want %v", ids, d.EventIDs)
	}
}

func TestARedeliveryPassesTheSameID(t *testing.T) {
	r := newRig(t)
	u := r.resident()
	d := u.Say(words)
	r.line.Redeliver(d)
	got := r.accepted()
	if len(got) != 2 || got[0] != got[1] || got[0].ID != d.EventIDs[0] {
		t.Errorf("%+v", got)
	}
}

func TestEventsThatCannotBeStoredAre503AndAnsweredOtherwise(t *testing.T) {
	r := newRig(t)
	a, b := r.resident(), r.resident()
	r.refuse = errors.New("the disk is full")
	d := r.line.Deliver(a.TextEvent(words), b.UnfollowEvent(), b.In(linetest.NewGroupID()).TextEvent(words), a.PostbackEvent("x", "", nil))
	if d.Status != http.StatusServiceUnavailable {
		t.Errorf("%d", d.Status)
	}
	tokens := []string{}
	for _, e := range r.fallback {
		tokens = append(tokens, e.Token)
	}
	want := []string{d.ReplyTokens[0], d.ReplyTokens[2]} // the group's is not used
	slices.Sort(tokens)
	slices.Sort(want)
	if !slices.Equal(tokens, want) {
		t.Errorf("answered %v, want %v", tokens, want)
	}
	if !strings.Contains(r.logged(), "the disk is full") {
		t.Error("nobody is told")
	}
	if d := r.line.Deliver(); d.Status != http.StatusOK {
		t.Errorf("without events the store does not matter: %d", d.Status)
	}
}

func TestNobodyWaitsForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var running, most, answered int
		h, err := NewWebhook(WebhookOptions{City: "hokuto", Secrets: []string{testSecret},
			Accept: func(ctx context.Context, _ ...bot.Event) error { <-ctx.Done(); return ctx.Err() },
			Fallback: func(ctx context.Context, _ bot.Event) {
				mu.Lock()
				running, answered = running+1, answered+1
				most = max(most, running)
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				running--
				mu.Unlock()
			}})
		if err != nil {
			t.Fatal(err)
		}
		var events []string
		for i := range 100 {
			events = append(events, fmt.Sprintf(`{"type":"follow","webhookEventId":"e%d","replyToken":"t","source":{"type":"user","userId":"U%032d"}}`, i, i))
		}
		body := `{"events":[` + strings.Join(events, ",") + `]}`
		gone, hangUp := context.WithCancel(t.Context())
		hangUp() // LINE has hung up: what arrived is stored all the same
		req := httptest.NewRequestWithContext(gone, "POST", "/", strings.NewReader(body))
		req.Header.Set("X-Line-Signature", linetest.Sign(testSecret, []byte(body)))
		w := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(w, req)
		if took := time.Since(start); w.Code != 503 || took != acceptTime+fallbackTime {
			t.Errorf("%d after %v", w.Code, took)
		}
		if running != 0 || most != fallbacks || answered < fallbacks {
			t.Errorf("%d running, %d at most, %d answered", running, most, answered)
		}
	})
}
