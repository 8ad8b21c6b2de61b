package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	api "github.com/slack-go/slack"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// answer is what Slack hears at once, and what is done after that.
type answer struct {
	status int // 0 means 200; anything else is not acknowledged
	body   any // as JSON; nil means none
	after  func(context.Context)
}

// handler handles one signed body or one envelope's payload.
type handler func(ctx context.Context, body []byte) answer

// Events is the address of the Events API.
func (d *Desk) Events() http.Handler { return d.door(d.event) }

// Interactions is the address of clicks, modals and shortcuts.
func (d *Desk) Interactions() http.Handler {
	return d.door(func(ctx context.Context, body []byte) answer {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			form = nil
		}
		return d.interaction(ctx, []byte(form.Get("payload")))
	})
}

// Commands is the address of the slash command.
func (d *Desk) Commands() http.Handler {
	return d.door(func(ctx context.Context, body []byte) answer {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			d.strange("command")
			return answer{}
		}
		return d.command(ctx, typed{
			Command: form.Get("command"), Text: form.Get("text"), User: form.Get("user_id"),
			Team: form.Get("team_id"), Channel: form.Get("channel_id"),
		})
	})
}

// door lets in what Slack signed: 405, 413 or 401 for all else. What the
// address's query says counts for nothing.
func (d *Desk) door(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			return // the sender went away
		}
		if !d.signed(r.Header, body) {
			http.Error(w, "signature", http.StatusUnauthorized)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), ackTime)
		defer cancel()
		a := handle(ctx, body)
		d.write(w, a)
		if a.after != nil {
			d.later(a.after)
		}
	})
}

func (d *Desk) write(w http.ResponseWriter, a answer) {
	if a.status != 0 {
		http.Error(w, http.StatusText(a.status), a.status)
		return
	}
	if a.body == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		http.Error(w, "unencodable answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(raw) // who went away has nothing to be told
}

// signed says whether one of our secrets signed this body within five minutes
// of now, by the machine's clock, in both directions.
func (d *Desk) signed(h http.Header, body []byte) bool {
	for _, secret := range d.o.SigningSecrets {
		v, err := api.NewSecretsVerifier(h, secret)
		if err != nil {
			continue
		}
		if _, err := v.Write(body); err == nil && v.Ensure() == nil {
			return true
		}
	}
	return false
}
