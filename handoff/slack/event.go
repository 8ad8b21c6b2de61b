package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"tsunagu/handoff"
)

// envelope is what we read of the Events API. Blocks are never parsed here: one
// that we do not know must not spoil the rest.
type envelope struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	Event     struct {
		Type    string `json:"type"`
		Subtype string `json:"subtype"`
		User    string `json:"user"` // of app_home_opened
		Tab     string `json:"tab"`
		View    struct {
			PrivateMetadata string `json:"private_metadata"`
		} `json:"view"`
		Channel   string `json:"channel"`
		DeletedTS string `json:"deleted_ts"`
		EventTS   string `json:"event_ts"`
		Message   said   `json:"message"`
		Previous  said   `json:"previous_message"`
	} `json:"event"`
}

// event hears what happens in the channels: edits and deletions of what was
// said in threads. All talk is dropped here, unread and unstored.
func (d *Desk) event(ctx context.Context, body []byte) answer {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		d.strange("event")
		return answer{}
	}
	switch {
	case e.Type == "url_verification":
		return answer{body: map[string]string{"challenge": e.Challenge}}
	case e.Type == "app_rate_limited":
		d.log.Warn("Slack held events back: too many")
		return answer{}
	case e.Type != "event_callback":
		d.strange(e.Type)
		return answer{}
	case e.Event.Type == "app_home_opened":
		if e.Event.Tab != "home" {
			return answer{}
		}
		return d.home(e.Event.User, "", e.Event.View.PrivateMetadata, 0)
	case e.Event.Type != "message" || d.o.Edited == nil:
		return answer{}
	}
	old, now := e.Event.Previous, e.Event.Message
	ts, gone := old.TS, false
	switch e.Event.Subtype {
	case "message_changed":
		gone = now.Subtype == "tombstone" || now.lost(old)
		if now.Text == old.Text && now.Subtype == old.Subtype && !gone {
			return answer{} // only an unfurl or the like
		}
	case "message_deleted":
		ts, gone = e.Event.DeletedTS, true
	default:
		return answer{}
	}
	if old.BotID != "" || now.BotID != "" || old.Thread == "" || old.Thread == old.TS || ts == "" {
		return answer{}
	}
	if err := d.o.Edited(ctx, e.Event.Channel, old.Thread, ts, code(e.Event.EventTS), gone); err != nil && !errors.Is(err, handoff.ErrNoCase) {
		d.log.Warn("an edit could not be taken in")
		return answer{status: http.StatusServiceUnavailable} // Slack sends it again
	}
	return answer{}
}
