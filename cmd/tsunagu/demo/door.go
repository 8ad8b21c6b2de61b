package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

//go:embed page
var page embed.FS

// policy lets the page load its own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// maxRequest bounds what the page sends in one request, in bytes.
const maxRequest = 64 << 10

// sorry is a refusal in words for the page's visitor.
type sorry string

func (s sorry) Error() string { return string(s) }

func (d *Demo) handler() http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		files = page // cannot happen: the folder is built in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/events", d.events())
	d.residentRoutes(mux)
	d.staffRoutes(mux)
	d.pictureRoutes(mux)
	d.worldRoutes(mux)
	return d.guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard refuses requests to a name that is not ours, by which a foreign page
// could reach this one (DNS rebinding), and forbids the browser whatever the
// page does not need.
func (d *Demo) guard(next http.Handler) http.Handler {
	own, _, _ := net.SplitHostPort(d.o.Listen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if !ownHost(r.Host, own) {
			http.Error(w, "この名前では開けません。http://127.0.0.1 で開いてください。", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost takes addresses in numbers, localhost, and the name we listen on.
func ownHost(hostport, own string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return net.ParseIP(host) != nil || host == "localhost" || own != "" && host == strings.ToLower(own)
}

// answer is what the page gets to every act.
type answer struct {
	Error string `json:"error,omitempty"` // why nothing was done
	Note  string `json:"note,omitempty"`  // what else there is to say
}

// post takes an act as JSON. do returns a note for the visitor, or a sorry.
func post[T any](d *Demo, mux *http.ServeMux, path string, do func(ctx context.Context, in T) (note string, err error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in T
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		body.DisallowUnknownFields()
		err := body.Decode(&in)
		if err == nil && body.Decode(&struct{}{}) != io.EOF {
			err = errors.New("more than one value")
		}
		if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			reply(w, http.StatusBadRequest, answer{Error: "ページからの知らせを読みとれません。"})
			return
		}
		note, err := do(r.Context(), in)
		var no sorry
		switch {
		case errors.As(err, &no):
			reply(w, http.StatusConflict, answer{Error: string(no)})
		case err != nil:
			d.log.Warn("the demo could not do something", "path", path, "error", err)
			reply(w, http.StatusInternalServerError, answer{Error: "うまくいきませんでした。もう一度ためすか、「はじめから」を押してください。"})
		default:
			reply(w, http.StatusOK, answer{Note: note})
		}
	})
}

func reply(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(a) // a visitor who left needs no answer
}

// act does something in the shown world while the program stays as it is.
func act[T any](d *Demo, do func(ctx context.Context, w *world, in T) (string, error)) func(context.Context, T) (string, error) {
	return func(ctx context.Context, in T) (string, error) {
		d.turn.RLock()
		defer d.turn.RUnlock()
		w := d.now()
		if w == nil || w.program == nil {
			return "", sorry("いまプログラムが動いていません。「再起動」を押してください。")
		}
		return do(ctx, w, in)
	}
}
