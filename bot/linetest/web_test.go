package linetest

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLookingFetchesAsLINEDoes(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	serve := func(kind string, status int, data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write(data)
		}
	}
	app := http.NewServeMux()
	app.HandleFunc("/good", serve("image/jpeg", 200, b.Bytes()))
	app.HandleFunc("/page", serve("text/html", 200, b.Bytes()))
	app.HandleFunc("/gone", serve("image/jpeg", 404, b.Bytes()))
	app.HandleFunc("/liar", serve("image/png", 200, b.Bytes()))
	app.HandleFunc("/big", serve("image/jpeg", 200, append(b.Bytes(), make([]byte, maxPreview)...)))
	app.Handle("/away", http.RedirectHandler("/good", http.StatusFound))
	local := httptest.NewServer(app)
	defer local.Close()
	s := New(Options{ChannelSecret: "s", ChannelToken: "t", Web: Behind("https://city.example.jp", local.URL)})
	for path, wrong := range map[string]string{
		"https://city.example.jp/good": "", "https://city.example.jp/page": "no picture", "https://city.example.jp/gone": "404", "https://city.example.jp/liar": "its type",
		"https://city.example.jp/big": "more than", "https://city.example.jp/away": "302", "https://elsewhere.example.jp/good": "no such", "http://city.example.jp/good": "not https", "": "not https",
	} {
		_, preview, err := s.Look(t.Context(), Entry{Image: "https://city.example.jp/good", Preview: path})
		if wrong == "" && (err != nil || len(preview) == 0) || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, _, err := New(Options{}).Look(t.Context(), Entry{Image: "https://city.example.jp/good"}); err == nil {
		t.Error("without a way it came")
	}
}
