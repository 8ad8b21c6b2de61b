package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"

	"tsunagu/bot/linetest"
)

// maxSay is the longest message LINE's app sends, in UTF-16 units.
const maxSay = 10_000

type (
	nothing struct{}
	saying  struct {
		Text string `json:"text"`
	}
	tapping struct {
		Message string `json:"message"` // ID of the bubble
		Index   int    `json:"index"`   // of the button, as an eye meets them
		Quick   bool   `json:"quick"`   // among the bubble's quick replies
	}
	unsending struct {
		Message string `json:"message"`
	}
)

func (d *Demo) residentRoutes(mux *http.ServeMux) {
	post(d, mux, "/api/resident/say", act(d, func(_ context.Context, w *world, in saying) (string, error) {
		text := strings.TrimSpace(in.Text)
		if text == "" || linetest.UTF16(text) > maxSay {
			return "", sorry("1文字から10,000文字まで送れます。")
		}
		return took(w.resident.Say(text))
	}))
	post(d, mux, "/api/resident/tap", act(d, func(_ context.Context, w *world, in tapping) (string, error) {
		b, found := w.button(in)
		if !found {
			return "", sorry("そのボタンはもうありません。")
		}
		return took(w.resident.Tap(b))
	}))
	post(d, mux, "/api/resident/unsend", act(d, func(_ context.Context, w *world, in unsending) (string, error) {
		for _, e := range w.resident.Chat() {
			if e.ID == in.Message && e.ID != "" && e.From == linetest.Own && !e.Unsent {
				return took(w.resident.Unsend(in.Message))
			}
		}
		return "", sorry("そのメッセージは取り消せません。")
	}))
	doing := func(path string, do func(r *linetest.Resident) linetest.Delivery) {
		post(d, mux, path, act(d, func(_ context.Context, w *world, _ nothing) (string, error) { return took(do(w.resident)) }))
	}
	doing("/api/resident/sticker", (*linetest.Resident).Sticker)
	doing("/api/resident/photo", func(r *linetest.Resident) linetest.Delivery { return r.Image(photo()) })
	blocking := func(path string, on bool, do func(r *linetest.Resident) linetest.Delivery) {
		post(d, mux, path, act(d, func(_ context.Context, w *world, _ nothing) (string, error) {
			w.mu.Lock()
			already := w.blocked == on
			w.blocked = on
			w.mu.Unlock()
			if already {
				return "", nil
			}
			return took(do(w.resident))
		}))
	}
	blocking("/api/resident/block", true, (*linetest.Resident).Block)
	blocking("/api/resident/follow", false, (*linetest.Resident).FollowAgain)
}

// button finds a button of a bubble that still stands in the chat.
func (w *world) button(t tapping) (linetest.Button, bool) {
	for _, e := range w.resident.Chat() {
		if e.ID == "" || e.ID != t.Message {
			continue
		}
		buttons := e.Buttons
		if t.Quick {
			buttons = e.QuickReplies
		}
		if t.Index >= 0 && t.Index < len(buttons) {
			return buttons[t.Index], true
		}
	}
	return linetest.Button{}, false
}

// took says what the resident's phone cannot: whether the program heard.
func took(l linetest.Delivery) (string, error) {
	switch {
	case errors.Is(l.Err, linetest.ErrBlocked):
		return "", sorry("ブロック中です。「友だち追加」を押すと、また書けます。")
	case errors.Is(l.Err, linetest.ErrNoWebhook):
		return "", sorry("このボタンは電話の中だけで働きます。")
	case l.Status == 0:
		return "プログラムが応答しませんでした。", nil
	case !l.OK():
		return fmt.Sprintf("プログラムが受け取れませんでした（HTTP %d）。", l.Status), nil
	case l.Again != 0:
		return fmt.Sprintf("同じ知らせを2回届けました（1回目 %s、2回目 %s）。", status(l.Status), status(l.Again)), nil
	}
	return "", nil
}

func status(n int) string { return fmt.Sprintf("%d %s", n, http.StatusText(n)) }

// photo is a small picture, as a stand-in for one from a phone.
func photo() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		m.Set(i%16, i/16, color.RGBA{uint8(i), 160, 200, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return nil // a buffer takes every write
	}
	return b.Bytes()
}
