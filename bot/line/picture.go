package line

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"tsunagu/bot"
)

// maxPictures is how many pictures are on their way out at once: half a megabyte each.
const maxPictures = 32

var pictureName = regexp.MustCompile(`^[a-z2-7]{32}$`)

const noRobots = "noindex, noimageindex, noarchive"

// IsPictures says whether an answer, be it 404, is of Pictures' own.
func IsPictures(h http.Header) bool { return h.Get("X-Robots-Tag") == noRobots }

// Pictures serves what staff sent to residents at GET /picture/{city}/{name} and, small,
// /picture/{city}/{name}/small. LINE and phones fetch it as often as they like: nothing
// is used up by a fetch, a robot's among them. Who does not know the name learns
// nothing: whatever does not stand there is the same 404. get is bot.Bot.Picture. The
// name is the only key and stands in no log of ours.
func Pictures(get func(ctx context.Context, city, name string, small bool) ([]byte, error)) http.Handler {
	room := make(chan struct{}, maxPictures)
	serve := func(w http.ResponseWriter, r *http.Request, small bool) {
		h := w.Header()
		// Nobody between us and the phone keeps or lists it, or takes it for a page.
		h.Set("Cache-Control", "private, no-store")
		h.Set("X-Robots-Tag", noRobots)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		name := r.PathValue("name")
		if !pictureName.MatchString(name) {
			http.NotFound(w, r)
			return
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			h.Set("Retry-After", "2")
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), callTime)
		defer cancel()
		data, err := get(ctx, r.PathValue("city"), name, small)
		switch {
		case errors.Is(err, bot.ErrNotFound):
			http.NotFound(w, r)
			return
		case err != nil:
			h.Set("Retry-After", "5")
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		h.Set("Content-Type", "image/jpeg")
		// Whole, whatever Range asks for: cutting a picture into many pieces costs more than it does.
		h.Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /picture/{city}/{name}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, false) })
	mux.HandleFunc("GET /picture/{city}/{name}/small", func(w http.ResponseWriter, r *http.Request) { serve(w, r, true) })
	return mux
}
