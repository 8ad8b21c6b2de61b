package line

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"tsunagu/bot"
)

const (
	maxBody      = 1 << 20                 // bytes of a webhook; above it 413
	acceptTime   = 1800 * time.Millisecond // LINE waits 2 s for the answer
	fallbackTime = 1500 * time.Millisecond
	fallbacks    = 8 // at the same time
	complainEach = time.Minute
)

// WebhookOptions configure the door LINE knocks at.
type WebhookOptions struct {
	City string
	// Secrets are channel secrets, any of which may have signed: old and new
	// during a rotation.
	Secrets []string
	// Accept stores all events of one webhook, in their order; nil means that
	// none of them can be lost any more. Its errors hold nobody's words.
	Accept func(context.Context, ...bot.Event) error
	// Fallback answers one event that could not be stored, as well as it can;
	// nil means that nobody does. It heeds its context.
	Fallback func(context.Context, bot.Event)
	Log      *slog.Logger // nil: no log
}

// Webhook is an http.Handler for the webhooks of one city. It answers 200 only
// after all events were accepted, 405 to other methods than POST, 413 to a body
// over 1 MiB, 401 to a wrong signature, 400 to what is no webhook and 503 when
// the events could not be stored. The server around it bounds how long a body
// may take to arrive.
type Webhook struct {
	o WebhookOptions
	// When a refusal and an error of the store were last logged, Unix ns.
	refused, unstored atomic.Int64
}

// NewWebhook makes the handler; an error when the city, Accept or every secret
// is missing, or a secret is empty.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	switch {
	case o.City == "":
		return nil, errors.New("line: the webhook has no city")
	case o.Accept == nil:
		return nil, errors.New("line: the webhook has nobody who accepts")
	case len(o.Secrets) == 0:
		return nil, errors.New("line: the channel secret is missing")
	}
	secrets := make([]string, len(o.Secrets))
	for i, s := range o.Secrets {
		// With an empty secret anybody could sign.
		if secrets[i] = strings.TrimSpace(s); secrets[i] == "" {
			return nil, errors.New("line: a channel secret is empty")
		}
	}
	o.Secrets = secrets
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Webhook{o: o}, nil
}

func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		h.refuse(w, http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		h.refuse(w, http.StatusBadRequest)
		return
	case !h.signed(r.Header.Get("X-Line-Signature"), body):
		h.refuse(w, http.StatusUnauthorized)
		return
	}
	events, spoilt, err := decode(h.o.City, body, time.Now())
	if err != nil {
		h.refuse(w, http.StatusBadRequest)
		return
	}
	if len(spoilt) > 0 {
		h.o.Log.Warn("LINE sent events that cannot be read", "city", h.o.City, "count", len(spoilt), "events", spoilt[:min(len(spoilt), 10)])
	}
	if len(events) > 0 {
		// What has arrived is kept even when LINE has hung up meanwhile.
		ctx := context.WithoutCancel(r.Context())
		if err := h.accept(ctx, events); err != nil {
			if h.mayComplain(&h.unstored) {
				h.o.Log.Error("events from LINE could not be stored", "city", h.o.City, "count", len(events), "err", err)
			}
			h.fallback(ctx, events)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Webhook) signed(signature string, body []byte) bool {
	ok := false
	for _, secret := range h.o.Secrets {
		ok = webhook.ValidateSignature(secret, signature, body) || ok
	}
	return ok
}

// refuse logs at most once a minute: anybody on the internet may knock, but a
// mistyped secret must be seen.
func (h *Webhook) refuse(w http.ResponseWriter, status int) {
	if h.mayComplain(&h.refused) {
		h.o.Log.Warn("a LINE webhook was refused", "city", h.o.City, "status", status)
	}
	w.WriteHeader(status)
}

// mayComplain is true once a minute.
func (h *Webhook) mayComplain(last *atomic.Int64) bool {
	now, then := time.Now().UnixNano(), last.Load()
	return (then == 0 || now-then > int64(complainEach)) && last.CompareAndSwap(then, now)
}

func (h *Webhook) accept(ctx context.Context, events []bot.Event) error {
	ctx, cancel := context.WithTimeout(ctx, acceptTime)
	defer cancel()
	return h.o.Accept(ctx, events...)
}

// fallback lets every event that can be answered be answered, without a store.
func (h *Webhook) fallback(ctx context.Context, events []bot.Event) {
	if h.o.Fallback == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fallbackTime)
	defer cancel()
	var all sync.WaitGroup
	defer all.Wait()
	turns := make(chan struct{}, fallbacks)
	for _, e := range events {
		if e.Token == "" {
			continue
		}
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return
		}
		all.Go(func() {
			defer func() { <-turns }()
			h.o.Fallback(ctx, e)
		})
	}
}
