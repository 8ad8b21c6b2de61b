package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack/socketmode"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// fuzzDesk is a Desk that knows one open case, over a Slack without a network.
func fuzzDesk(f *testing.F, accept func(handoff.Action)) *Desk {
	s := slacktest.New(slacktest.Options{URL: "http://slack.test", Client: &http.Client{Transport: slacktest.Direct(http.NotFoundHandler())}})
	s.AddUser(slacktest.User{ID: "UDUTY", Name: "当番"})
	s.AddChannel(slacktest.Channel{ID: "C01", Name: "soudan", Members: []string{slacktest.BotUser, "UDUTY"}})
	look := func(_ context.Context, id string) (handoff.Case, error) {
		if id != caseID {
			return handoff.Case{}, handoff.ErrNoCase
		}
		return openCase(), nil
	}
	d, err := New(Options{City: "hokuto", Token: slacktest.DefaultBotToken, SigningSecrets: []string{slacktest.DefaultSigningSecret},
		APIURL: s.APIURL(), Channels: map[string]string{"default": "C01"}, Command: "/tsunagu", Client: &http.Client{Transport: slacktest.Direct(s)},
		Fields: []Field{{"elderly", "高齢"}, {"child", "子ども"}}, Look: look,
		Find:   func(ctx context.Context, _, _ string) (handoff.Case, error) { return look(ctx, caseID) },
		Edited: func(context.Context, string, string, string, string, bool) error { return nil },
		List:   func(context.Context, string, string, string) (string, error) { return "", nil },
		Accept: func(_ context.Context, a handoff.Action) error { accept(a); return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close(); s.Close() })
	return d
}

// FuzzPayload: whatever Slack signs, over HTTP or in an envelope, is done or
// left; what is accepted comes from somebody on duty, is of a kind and a city
// that we know, and is bounded. An answer is always JSON that Slack takes.
func FuzzPayload(f *testing.F) {
	click := `{"type":"block_actions","user":{"id":"UDUTY","team_id":"` + slacktest.DefaultTeamID + `"},"container":{"type":"message","message_ts":"1.1","channel_id":"C01"},
		"response_url":"http://169.254.169.254/latest","trigger_id":"1.2","actions":[{"action_id":"claim","value":"` + caseID + `:1","action_ts":"1.3"}]}`
	f.Add(byte(1), click)
	f.Add(byte(1), strings.Replace(click, "claim", "close", 1))
	for _, kind := range []string{"reply", "reply_confirm", "close", "handon", "escalate", "misroute", "help"} {
		memo, _ := json.Marshal(memo{Case: caseID, Version: 1, Kind: handoff.Reply, Spot: handoff.Spot{Channel: "C01", TS: "1.1"}, Text: "はい"}.encode())
		f.Add(byte(1), `{"type":"view_submission","user":{"id":"UDUTY"},"view":{"id":"V1","callback_id":"`+kind+`","private_metadata":`+string(memo)+`,
			"state":{"values":{"text":{"text":{"value":"こんにちは"}},"field":{"field":{"selected_option":{"value":"child"}}},"reason":{"reason":{"value":"理由"}},"outcome":{"outcome":{"selected_option":null}}}}}}`)
	}
	f.Add(byte(1), `{"type":"message_action","callback_id":"send_to_resident","user":{"id":"UDUTY"},"channel":{"id":"C01"},"message":{"ts":"2.1","thread_ts":"1.1","text":"<@U1> はい","blocks":[{"type":"rich_text","elements":[{}]}]}}`)
	f.Add(byte(0), `{"type":"event_callback","event":{"type":"message","subtype":"message_changed","message":{"text":"a"},"previous_message":{"ts":"2.1","thread_ts":"1.1"}}}`)
	f.Add(byte(0), `{"type":"url_verification","challenge":"x"}`)
	f.Add(byte(0), `{"type":"event_callback","event":{"type":"app_home_opened","tab":"home","user":"UDUTY"}}`)
	f.Add(byte(2), `{"command":"/tsunagu","text":"find みかん-4821","user_id":"UDUTY","channel_id":"C01"}`)
	f.Add(byte(3), `{}`)
	var taken []handoff.Action
	d := fuzzDesk(f, func(a handoff.Action) { taken = append(taken, a) })
	types := []string{socketmode.RequestTypeEventsAPI, socketmode.RequestTypeInteractive, socketmode.RequestTypeSlashCommands, "brand_new"}
	if d.dispatch(context.Background(), &socketmode.Request{Type: types[1], Payload: json.RawMessage(click)}); len(taken) != 1 {
		f.Fatal("a good click is not accepted: the target sees nothing")
	}
	f.Fuzz(func(t *testing.T, kind byte, payload string) {
		taken = nil
		a := d.dispatch(context.Background(), &socketmode.Request{Type: types[kind%4], EnvelopeID: "e", Payload: json.RawMessage(payload)})
		if raw, err := json.Marshal(a.body); err != nil || a.body != nil && !json.Valid(raw) {
			t.Errorf("no answer for Slack: %v", err)
		}
		if kind%4 != 1 && len(taken) > 0 {
			t.Errorf("accepted outside the interactions: %+v", taken)
		}
		for _, a := range taken {
			known := slices.Contains(handoff.Kinds, a.Kind) || slices.Contains(atOnce, a.Kind) || a.Kind == handoff.Correct
			if a.By != "UDUTY" || a.City != "hokuto" || a.Case == "" || !known || len([]rune(a.Text)) > handoff.ReplyMax {
				t.Errorf("accepted: %+v", a)
			}
		}
	})
}

// FuzzDoor: what nobody signed is refused before it is read, at each of the
// three addresses, and nothing of it is kept.
func FuzzDoor(f *testing.F) {
	f.Add([]byte(`{"type":"url_verification","challenge":"x"}`), "v0=00", int64(0))
	f.Add([]byte("payload="+url.QueryEscape(`{"type":"block_actions"}`)), "", int64(1<<62))
	f.Add([]byte("%"), "v0=", int64(-1))
	f.Fuzz(func(t *testing.T, body []byte, signature string, at int64) {
		accepted := 0
		d := &Desk{o: Options{City: "hokuto", SigningSecrets: []string{slacktest.DefaultSigningSecret}}}
		h := d.door(func(context.Context, []byte) answer { accepted++; return answer{} })
		ask := func(stamp, signature string) int {
			r := httptest.NewRequest(http.MethodPost, "/?payload={}", bytes.NewReader(body))
			r.Header.Set("X-Slack-Request-Timestamp", stamp)
			r.Header.Set("X-Slack-Signature", signature)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		now := itoa(int(time.Now().Unix()))
		right := slacktest.Sign(slacktest.DefaultSigningSecret, now, body)
		if signature != right && ask(now, signature) != http.StatusUnauthorized {
			t.Error("let in with a wrong signature")
		}
		if distance := time.Since(time.Unix(at, 0)).Abs(); distance > 6*time.Minute {
			stamp := itoa(int(at))
			if ask(stamp, slacktest.Sign(slacktest.DefaultSigningSecret, stamp, body)) != http.StatusUnauthorized {
				t.Error("let in at another time:", stamp)
			}
		}
		if accepted > 0 {
			t.Error("read before it was refused")
		}
		if ask(now, right) != http.StatusOK || accepted != 1 {
			t.Error("refused what was signed")
		}
	})
}

// FuzzPlain: what staff wrote comes out without anything that Slack would read
// as a mention, however deep it is nested.
func FuzzPlain(f *testing.F) {
	f.Add("<@U01> さん <!here> <https://a|b>", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"*あ*"},{"type":"user","user_id":"U1"}]}]}]`)
	f.Add("&lt;@U01&gt;", `{}`)
	f.Fuzz(func(t *testing.T, text, blocks string) {
		got := (said{Text: text, Blocks: json.RawMessage(blocks)}).plain()
		if got != strings.TrimSpace(got) || strings.Contains(got, "\n\n\n") {
			t.Errorf("untidy: %q", got)
		}
		if again := ours(escape(got)); strings.Contains(again, "<!") {
			t.Errorf("%q would call people: %q", got, again)
		}
	})
}
