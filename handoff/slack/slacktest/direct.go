package slacktest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Direct is a transport that calls a handler without a network, so that both
// directions work under testing/synctest: give a Server to the app's client,
// and the app's handler to Options.Client. A handler that cuts the connection
// gives io.ErrUnexpectedEOF; a request's context ends the wait as usual. There
// is no Socket Mode this way.
func Direct(h http.Handler) http.RoundTripper { return direct{h} }

type direct struct{ handler http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI, in.Host = req.URL.RequestURI(), req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	out := &recorder{header: http.Header{}}
	ended := make(chan error, 1)
	go func() { ended <- out.serve(d.handler, in) }()
	select {
	case err := <-ended:
		if err != nil {
			return nil, err
		}
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	out.WriteHeader(http.StatusOK) // no effect when a status was written
	return &http.Response{
		Status: fmt.Sprintf("%d %s", out.status, http.StatusText(out.status)), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: out.header, Request: req,
		Body: io.NopCloser(strings.NewReader(out.body.String())), ContentLength: int64(out.body.Len()),
	}, nil
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) serve(h http.Handler, req *http.Request) (err error) {
	defer func() {
		switch p := recover(); {
		case p == nil:
		case p == http.ErrAbortHandler:
			err = io.ErrUnexpectedEOF
		default:
			err = errors.New("slacktest: the handler panicked: " + fmt.Sprint(p))
		}
	}()
	h.ServeHTTP(r, req)
	return nil
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
