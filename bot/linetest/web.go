package linetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Bounds of the pictures of an image message, in bytes.
const (
	maxOriginal = 10 << 20
	maxPreview  = 1 << 20
)

// Behind is the way from LINE to an app that stands behind a proxy which ends TLS: what
// is asked of the public https origin goes to the local http one. Nothing else is
// reached.
func Behind(public, local string) http.RoundTripper { return behind{public, local} }

type behind struct{ public, local string }

func (b behind) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := url.Parse(b.local)
	if err != nil || r.URL.Scheme+"://"+r.URL.Host != b.public || r.URL.Scheme != "https" {
		return nil, errors.New("linetest: no such https origin")
	}
	r = r.Clone(r.Context())
	r.Host, r.URL.Scheme, r.URL.Host = r.URL.Host, to.Scheme, to.Host
	r.Header.Set("X-Forwarded-Proto", "https")
	return http.DefaultTransport.RoundTrip(r)
}

// Look fetches the two pictures of an image message, as LINE and the phone do: with
// HEAD and then GET, over https, without following anywhere. It says what LINE would
// not show: another status than 200, another type than JPEG or PNG, more than 10 MB or
// 1 MB, what is no picture.
func (s *Server) Look(ctx context.Context, e Entry) (original, preview []byte, err error) {
	if original, err = s.fetch(ctx, e.Image, maxOriginal); err != nil {
		return nil, nil, err
	}
	preview, err = s.fetch(ctx, e.Preview, maxPreview)
	return original, preview, err
}

func (s *Server) fetch(ctx context.Context, address string, most int) ([]byte, error) {
	if s.web == nil {
		return nil, errors.New("linetest: no way to the web")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		r, err := http.NewRequestWithContext(ctx, method, address, nil)
		if err != nil || r.URL.Scheme != "https" {
			return nil, errors.New("linetest: not https")
		}
		res, err := s.web.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(res.Body, int64(most)+1))
		res.Body.Close()
		kind := res.Header.Get("Content-Type")
		switch {
		case err != nil:
			return nil, err
		case res.StatusCode != http.StatusOK:
			return nil, fmt.Errorf("linetest: status %d", res.StatusCode)
		case kind != "image/jpeg" && kind != "image/png":
			return nil, fmt.Errorf("linetest: a %q is no picture", kind)
		case len(data) > most:
			return nil, fmt.Errorf("linetest: more than %d bytes", most)
		}
		if method == http.MethodHead {
			continue
		}
		decode := jpeg.Decode
		if kind == "image/png" {
			decode = png.Decode
		}
		if _, err := decode(bytes.NewReader(data)); err != nil {
			return nil, errors.New("linetest: it is not the picture that its type says")
		}
		return data, nil
	}
	return nil, errors.New("linetest: nothing was fetched") // not reached
}
