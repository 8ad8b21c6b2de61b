package line

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

// FuzzDecode: whatever comes, an event that is let in has an ID, somebody or
// somewhere it belongs to, bounded parts, and can be stored as JSON.
func FuzzDecode(f *testing.F) {
	line := linetest.New(linetest.Options{ChannelSecret: testSecret, ChannelToken: testToken})
	u := line.Resident("")
	f.Add(linetest.WebhookBody())
	f.Add(linetest.WebhookBody(u.TextEvent("こんにちは🍎"), u.PostbackEvent("1:a", "", nil), u.UnsendEvent("1")))
	f.Add(linetest.WebhookBody(u.In(linetest.NewGroupID()).TextEvent("x"), u.In(linetest.NewRoomID()).UnknownEvent("dream")))
	f.Add(linetest.WebhookBody(u.TextEvent("x").With("timestamp", int64(1)<<62), u.StickerEvent("1", "2"), linetest.Raw("null")))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, spoilt, err := decode("hokuto", body, time.Unix(0, 0))
		if err != nil && len(events)+len(spoilt) > 0 {
			t.Error("events of no webhook")
		}
		for _, e := range events {
			named := userID.MatchString(e.User) && e.Room == ""
			if e.Kind == bot.Join {
				named = roomID.MatchString(e.Room) && e.User == "" && e.Token == ""
			}
			if !named || !plainID.MatchString(e.ID) || e.City != "hokuto" || e.At.IsZero() {
				t.Errorf("%+v", e)
			}
			if units(e.Text) > maxText || units(e.Data) > maxData || len(e.Token) > 512 || len(e.Message) > 64 || len(e.Media) > 10 {
				t.Errorf("without bound: %+v", e)
			}
			if (e.Kind == bot.Text) != (e.Text != "") || (e.Kind == bot.Other) != (e.Media != "") {
				t.Errorf("%+v", e)
			}
			if _, err := json.Marshal(e); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzDoor: only what the secret signed is read, and only what is stored is
// answered 200; any refusal leaves nothing behind.
func FuzzDoor(f *testing.F) {
	line := linetest.New(linetest.Options{ChannelSecret: testSecret, ChannelToken: testToken})
	u := line.Resident("")
	f.Add(linetest.WebhookBody(u.TextEvent("こんにちは")), linetest.Sign("another secret", linetest.WebhookBody()), true, false)
	f.Add(linetest.WebhookBody(u.PostbackEvent("1:a", "", nil)), "", false, true)
	f.Add([]byte(`{"events":[null]}`), "AAAA", true, true)
	f.Fuzz(func(t *testing.T, body []byte, signature string, sign, away bool) {
		stored := 0
		h, err := NewWebhook(WebhookOptions{City: "hokuto", Secrets: []string{"old", testSecret}, Accept: func(_ context.Context, events ...bot.Event) error {
			if away {
				return errors.New("away")
			}
			stored += len(events)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if sign {
			signature = linetest.Sign(testSecret, body)
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("X-Line-Signature", signature)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		ours := sign || signature == linetest.Sign(testSecret, body) || signature == linetest.Sign("old", body)
		events, _, wrong := decode("hokuto", body, time.Unix(0, 0))
		want := http.StatusOK
		switch {
		case !ours:
			want = http.StatusUnauthorized
		case wrong != nil:
			want = http.StatusBadRequest
		case away && len(events) > 0:
			want = http.StatusServiceUnavailable
		}
		if w.Code != want || w.Body.Len() > 0 || stored > 0 && want != http.StatusOK || want == http.StatusOK && stored != len(events) {
			t.Errorf("%d (%q) with %d of %d events stored, want %d", w.Code, w.Body, stored, len(events), want)
		}
	})
}
