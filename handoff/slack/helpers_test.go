package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// secretWords must never be seen in a log or an error.
const secretWords = "ひみつのことば"

// town is a workspace, a Desk and whoever it asks, over real HTTP.
type town struct {
	*slacktest.Server
	desk *Desk
	log  *lines

	mu      sync.Mutex
	cases   map[string]handoff.Case
	actions []handoff.Action
	edits   []string
	gones   []string // of edits: that were deletions
	refuse  error    // of Accept
}

// lines is a log that can be read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newTown opens a town over real HTTP; change may bend the Desk's options.
func newTown(t *testing.T, change ...func(*Options)) *town {
	t.Helper()
	s := slacktest.New(slacktest.Options{})
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	s.SetURL(front.URL)
	tw := settle(t, s, change...)
	back := httptest.NewServer(tw.doors())
	t.Cleanup(back.Close)
	tw.listen(back.URL)
	return tw
}

// newFakeTown opens a town without a network, for a synctest bubble's fake time.
func newFakeTown(t *testing.T, change ...func(*Options)) *town {
	t.Helper()
	var tw *town
	s := slacktest.New(slacktest.Options{URL: "http://slack.test", Client: &http.Client{Transport: slacktest.Direct(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tw.doors().ServeHTTP(w, r) }))}})
	tw = settle(t, s, append(change, func(o *Options) { o.Client = &http.Client{Transport: slacktest.Direct(s)} })...)
	tw.listen("http://desk.test")
	return tw
}

func (tw *town) doors() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/events", tw.desk.Events())
	mux.Handle("/interactions", tw.desk.Interactions())
	mux.Handle("/commands", tw.desk.Commands())
	return mux
}

func (tw *town) listen(url string) {
	tw.SetEventsURL(url + "/events")
	tw.SetInteractionsURL(url + "/interactions")
	tw.SetCommandsURL(url + "/commands")
}

// settle puts people and channels into a workspace and makes its Desk.
func settle(t *testing.T, s *slacktest.Server, change ...func(*Options)) *town {
	t.Helper()
	tw := &town{Server: s, log: &lines{}, cases: map[string]handoff.Case{}}
	for _, u := range []slacktest.User{{ID: "UDUTY", Name: "当番"}, {ID: "USECOND", Name: "二番"}, {ID: "UOTHER", Name: "別の人"},
		{ID: "UGUEST", Name: "guest", Restricted: true}, {ID: "UFOREIGN", Name: "foreign", TeamID: "T0ELSE"}, {ID: "UROBOT", Name: "robot", Bot: true}} {
		tw.AddUser(u)
	}
	everyone := []string{slacktest.BotUser, "UDUTY", "USECOND", "UOTHER", "UGUEST", "UFOREIGN", "UROBOT"}
	tw.AddChannel(slacktest.Channel{ID: "C01", Name: "soudan", Members: everyone})
	tw.AddChannel(slacktest.Channel{ID: "C02", Name: "kourei", Private: true, Members: everyone})
	tw.AddChannel(slacktest.Channel{ID: "C03", Name: "shared", ExtShared: true, Members: everyone})
	tw.AddGroup(slacktest.Group{ID: "S01", Handle: "toban", Members: []string{"UDUTY", "USECOND", "UGUEST", "UFOREIGN", "UROBOT"}})
	o := Options{
		City: "hokuto", Token: slacktest.DefaultBotToken, SigningSecrets: []string{"an old secret", slacktest.DefaultSigningSecret},
		APIURL: strings.TrimSuffix(tw.APIURL(), "/"), DutyGroup: "S01", Command: "/tsunagu",
		Channels: map[string]string{"default": "C01", "elderly": "C02"},
		Fields:   []Field{{"elderly", "高齢"}, {"child", "子ども"}},
		Look:     tw.look, Find: tw.find, Accept: tw.accept, Edited: tw.edited,
		List: func(_ context.Context, user, what, arg string) (string, error) {
			return what + " " + arg + " <@" + user + "> <!channel>", nil
		},
		Log: slog.New(slog.NewTextHandler(tw.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if tw.desk, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tw.desk.Close()
		tw.everyCallIsCareful(t)
		tw.Close()
		for _, secret := range []string{secretWords, slacktest.DefaultBotToken, slacktest.DefaultSigningSecret, slacktest.DefaultAppToken} {
			if strings.Contains(tw.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
	return tw
}

func (tw *town) look(_ context.Context, id string) (handoff.Case, error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if c, has := tw.cases[id]; has {
		return c, nil
	}
	return handoff.Case{}, handoff.ErrNoCase
}

func (tw *town) find(_ context.Context, channel, thread string) (handoff.Case, error) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for _, c := range tw.cases {
		if c.Card.Channel == channel && c.Card.TS == thread {
			return c, nil
		}
	}
	return handoff.Case{}, handoff.ErrNoCase
}

func (tw *town) accept(_ context.Context, a handoff.Action) error {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if tw.refuse != nil {
		return tw.refuse
	}
	if _, has := tw.cases[a.Case]; !has {
		return handoff.ErrNoCase
	}
	tw.actions = append(tw.actions, a)
	return nil
}

func (tw *town) edited(_ context.Context, channel, thread, ts, id string, gone bool) error {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.edits = append(tw.edits, channel+" "+thread+" "+ts+" "+id)
	if gone {
		tw.gones = append(tw.gones, ts)
	}
	return nil
}

func (tw *town) put(c handoff.Case) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.cases[c.ID] = c
}

// taken are the actions accepted so far.
func (tw *town) taken() []handoff.Action {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return append([]handoff.Action(nil), tw.actions...)
}

const caseID = "hokuto/c/0001"

var opened = time.Date(2026, 11, 22, 10, 0, 0, 0, tokyo)

func openCase() handoff.Case {
	return handoff.Case{
		ID: caseID, City: "hokuto", Receipt: "みかん-4821", State: handoff.Open, Version: 1, Field: "elderly", Opened: opened,
		Sheet: handoff.Sheet{Main: "介護のこと", Offices: []string{"地域包括支援センター"}},
	}
}

func claimedBy(user string) handoff.Case {
	c := openCase()
	c.State, c.Owner, c.Version = handoff.Claimed, user, 2
	c.History = []handoff.Event{{At: opened, Who: user, What: "claim"}}
	return c
}

// posted draws a case's card and remembers where it stands.
func (tw *town) posted(t *testing.T, c handoff.Case, words ...string) handoff.Case {
	t.Helper()
	spot, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(c, words), handoff.Outbox{ID: c.ID})
	if err != nil {
		t.Fatalf("the card was not posted: %v", err)
	}
	c.Card = spot
	tw.put(c)
	return c
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// whispered waits for what only that user sees.
func (tw *town) whispered(t *testing.T, user string, n int) slacktest.Message {
	t.Helper()
	if err := tw.WaitFor(within(t), func() bool { return len(tw.Ephemerals(user)) >= n }); err != nil {
		t.Fatalf("%s was told nothing", user)
	}
	return tw.Ephemerals(user)[n-1]
}

func deskError(t *testing.T, err error) *handoff.DeskError {
	t.Helper()
	de, is := errors.AsType[*handoff.DeskError](err)
	if !is {
		t.Fatalf("got %v, want a DeskError", err)
	}
	for _, secret := range []string{secretWords, "xoxb", "http://"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
	return de
}

// nothingRefused wants Slack to have taken every call.
func (tw *town) nothingRefused(t *testing.T) {
	t.Helper()
	for _, c := range tw.Refused() {
		t.Errorf("Slack refused %s: %s %v", c.Method, c.Error, c.Messages)
	}
}

// everyCallIsCareful looks at all that was sent to Slack: mrkdwn is verbatim,
// plain text shows no emoji codes, nothing is parsed, nobody's name is linked.
func (tw *town) everyCallIsCareful(t *testing.T) {
	t.Helper()
	var walk func(method string, v any)
	walk = func(method string, v any) {
		switch v := v.(type) {
		case string:
			var inner any // a form's blocks are JSON in a string
			if strings.HasPrefix(v, "[") || strings.HasPrefix(v, "{") {
				if json.Unmarshal([]byte(v), &inner) == nil {
					walk(method, inner)
				}
			}
		case []any:
			for _, x := range v {
				walk(method, x)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" && v["verbatim"] != true {
				t.Errorf("%s sends mrkdwn that is not verbatim: %v", method, v["text"])
			}
			if v["type"] == "plain_text" && v["emoji"] != false {
				t.Errorf("%s sends plain text with emoji codes: %v", method, v["text"])
			}
			for _, x := range v {
				walk(method, x)
			}
		}
	}
	for _, c := range tw.Calls() {
		var args map[string]any
		if json.Unmarshal(c.Args, &args) != nil {
			continue
		}
		walk(c.Method, args)
		switch c.Method {
		case "chat.postMessage", "chat.update", "chat.postEphemeral", "response_url":
			if args["parse"] != "none" || args["link_names"] != nil {
				t.Errorf("%s with parse %v, link_names %v", c.Method, args["parse"], args["link_names"])
			}
		}
	}
}

// kindsWith are the types of the text objects and rich text elements that hold
// a text.
func kindsWith(t *testing.T, blocks json.RawMessage, text string) []string {
	t.Helper()
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if s, is := v["text"].(string); is && strings.Contains(s, text) {
				out = append(out, v["type"].(string))
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	var all any
	if err := json.Unmarshal(blocks, &all); err != nil {
		t.Fatal(err)
	}
	walk(all)
	return out
}
