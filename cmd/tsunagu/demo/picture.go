package demo

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"time"

	"tsunagu/bot/linetest"
)

// publicURL is where LINE finds the program: the worlds answer it themselves.
const publicURL = "https://tsunagu.invalid"

// maxFile is the largest picture a member of staff chooses, in bytes, as in Slack's form.
const maxFile = 10 << 20

// web is the way from LINE to the program, which is another after each restart.
type web struct{ w *world }

func (x web) RoundTrip(r *http.Request) (*http.Response, error) {
	x.w.mu.Lock()
	door := x.w.door
	x.w.mu.Unlock()
	return linetest.Behind(publicURL, door).RoundTrip(r)
}

func (d *Demo) pictureRoutes(mux *http.ServeMux) {
	// A person's file for a form; without one it is a map drawn here.
	mux.HandleFunc("POST /api/staff/picture", func(w http.ResponseWriter, r *http.Request) {
		d.turn.RLock()
		defer d.turn.RUnlock()
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFile))
		now := d.now()
		if err != nil || now == nil {
			reply(w, http.StatusRequestEntityTooLarge, answer{Error: "10MBまでの写真をえらんでください。"})
			return
		}
		name := r.URL.Query().Get("name")
		if len(data) == 0 {
			name, data = "地図（見本）.jpg", sampleMap()
		}
		id, err := now.slack.Choose(r.URL.Query().Get("user"), name, data)
		if err != nil {
			reply(w, http.StatusConflict, answer{Error: "その人は写真をえらべません。"})
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		json.NewEncoder(w).Encode(map[string]string{"id": id}) // a visitor who left needs no answer
	})
	// What a form in Slack shows of it.
	mux.HandleFunc("GET /api/staff/picture/{id}", func(w http.ResponseWriter, r *http.Request) {
		if now := d.now(); now != nil {
			for _, f := range now.slack.Files() {
				if f.ID == r.PathValue("id") {
					showImage(w, r, f.Bytes)
					return
				}
			}
		}
		http.NotFound(w, r)
	})
	// What the phone shows, fetched as LINE does.
	mux.HandleFunc("GET /api/resident/picture/{id}", func(w http.ResponseWriter, r *http.Request) {
		d.turn.RLock()
		defer d.turn.RUnlock()
		if now := d.now(); now != nil {
			for _, e := range now.resident.Chat() {
				if e.ID == r.PathValue("id") && e.Image != "" {
					if original, _, err := now.line.Look(r.Context(), e); err == nil {
						showImage(w, r, original)
						return
					}
				}
			}
		}
		http.NotFound(w, r)
	})
}

// showImage gives a picture to the page, and nothing that only says it is one.
func showImage(w http.ResponseWriter, r *http.Request, data []byte) {
	kind := http.DetectContentType(data)
	if !strings.HasPrefix(kind, "image/") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// sampleMap is a map of nowhere: streets, a river, and a mark where one is to go.
func sampleMap() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	fill := func(x0, y0, x1, y1 int, c color.RGBA) {
		draw.Draw(m, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, 640, 480, color.RGBA{232, 228, 216, 255})
	fill(40, 40, 190, 150, color.RGBA{200, 220, 180, 255}) // a park
	for y := range 480 {
		x := 470 + y/6 + (y%120-60)*(y%120-60)/200
		fill(x, y, x+46, y+1, color.RGBA{160, 200, 228, 255})
	}
	for _, y := range []int{180, 330} {
		fill(0, y, 640, y+22, color.RGBA{255, 255, 255, 255})
	}
	for _, x := range []int{215, 390} {
		fill(x, 0, x+22, 480, color.RGBA{255, 255, 255, 255})
	}
	fill(0, 416, 640, 422, color.RGBA{90, 90, 90, 255}) // a railway
	fill(250, 215, 360, 310, color.RGBA{196, 176, 150, 255})
	for y := -16; y <= 16; y++ {
		for x := -16; x <= 16; x++ {
			if x*x+y*y <= 256 {
				m.SetRGBA(305+x, 262+y, color.RGBA{206, 60, 50, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return nil // a buffer takes every write
	}
	return b.Bytes()
}
