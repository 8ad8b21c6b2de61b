package llm

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tsunagu/triage"
)

// FuzzAnswer: whatever a service answers, in the message or around it, comes out
// as one of the known fields with its parts, or as one of the known errors.
func FuzzAnswer(f *testing.F) {
	for _, content := range []string{`{"field":"elderly","fields":[],"confidence":0.9}`, `{"field":"complex","fields":["child","poverty"],"confidence":1}`,
		`{"field":"taxes"}`, `null`, `{"confidence":null}`, "ひみつのことば", `{"field":"unclear","fields":null,"confidence":1e-400}`} {
		f.Add(content, `{"choices":[{"message":{"content":""}}]}`, 200)
		f.Add(content, content, 500)
	}
	f.Fuzz(func(t *testing.T, content, body string, status int) {
		check := func(g triage.Guess, err error) {
			known := slices.Contains([]error{nil, ErrAnswer}, err) || err != nil && strings.HasPrefix(err.Error(), ErrFailed.Error())
			if !known || err != nil && (g.Field != "" || g.Fields != nil || g.Confidence != 0) {
				t.Errorf("%+v, %v", g, err)
			}
			if err == nil && (!slices.Contains(closed, g.Field) || !(g.Confidence >= 0 && g.Confidence <= 1) || len(g.Fields) > len(basic)) {
				t.Errorf("outside the closed set: %+v", g)
			}
			for _, field := range g.Fields {
				if !slices.Contains(basic, field) {
					t.Errorf("outside the closed set: %+v", g)
				}
			}
			if err != nil && len(content) > 20 && strings.Contains(err.Error(), content) {
				t.Errorf("the error repeats the answer: %v", err)
			}
		}
		check(parse(content))
		if status < 200 || status > 599 {
			status = 200
		}
		c := New(Options{BaseURL: "http://llm.test/v1", Model: "m", Transport: answers{status, body}})
		check(c.Classify(context.Background(), "ひみつのことば"))
	})
}

// answers is a service that says the same to everything.
type answers struct {
	status int
	body   string
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}
