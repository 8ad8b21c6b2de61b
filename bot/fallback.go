package bot

import (
	"context"
	"time"
)

// Fallback answers an event that could not be stored: the crisis lines when the
// pure rules match, else a request to send again. Best effort, once.
func (b *Bot) Fallback(ctx context.Context, e Event) {
	town, ok := b.towns[e.City]
	if !ok || e.Token == "" || town.Messenger == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
	defer cancel()
	t := turn{city: town.City, now: b.Now(), c: &Conversation{}}
	if kind := town.City.crisisKind(e); kind != "" {
		t.c.Shade = t.shade(kind, e.Text, e.Text)
		t.fullCrisis(kind, e.Text, e.Text, t.lines(kind))
	}
	t.sayText("later")
	_ = town.Messenger.Reply(ctx, e.Token, t.bubbles) // best effort: LINE sends the event again
}
