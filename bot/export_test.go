package bot

import (
	"context"
	"time"
)

// Seal seals any bytes as the program seals a body, for tests of what is read
// back.
func (k *Keys) Seal(id string, plain []byte) []byte { return k.sealBytes(id, plain) }

// Unseal opens a body.
func (k *Keys) Unseal(id string, body []byte) ([]byte, error) { return k.openBytes(id, body) }

// Clean makes of a picture or file what staff may be shown.
func Clean(data []byte, kinds []string) (ext string, out []byte, shown bool) {
	ext, out, how := clean(data, kinds)
	return ext, out, how == cameShown
}

// Sweep removes what is past its time, as a program does that was started then.
func (b *Bot) Sweep(ctx context.Context, started time.Time) error { return b.sweep(ctx, started) }

// ForPhone makes of a picture what a resident is sent.
func ForPhone(data []byte) (full, small []byte, ok bool) {
	full, small, how := forPhone(data)
	return full, small, how == cameShown
}

// What is heard beside a reading.
var (
	OwnHand  = ownHand
	Feverish = feverish
)
