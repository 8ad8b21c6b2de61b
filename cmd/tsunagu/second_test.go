package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/config"
	"tsunagu/triage"
)

func TestClassifyAsksTheSecondOpinionOnlyWhereItMay(t *testing.T) {
	heard := make(chan string, 10)
	answer := `{"field":"poverty","fields":[],"confidence":0.9}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		heard <- string(body)
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": answer}}}})
	}))
	defer srv.Close()
	other := second(&config.LLM{BaseURL: srv.URL + "/v1", Model: "m", Timeout: time.Second}, nil, bot.NewMeter(nil).Asked, nil)
	rules := func(text string) triage.Reading {
		switch text {
		case "sure":
			return triage.Reading{Field: triage.Child, Crisis: triage.None, Confidence: 0.9, By: triage.ByRule}
		case "danger":
			return triage.Reading{Field: triage.Unclear, Crisis: triage.Suicide, By: triage.ByRule}
		}
		return triage.Reading{Field: triage.Unclear, Crisis: triage.None, By: triage.ByRule}
	}
	runs := func() string {
		var out bytes.Buffer
		in := strings.NewReader(`{"id":1,"text":"sure"}` + "\n" + `{"id":2,"text":"danger"}` + "\n" + `{"id":3,"text":"電話は090-1234-5678"}` + "\n")
		if err := classify(context.Background(), in, &out, withSecond(rules, 0.8, other)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got := runs(); strings.Count(got, `"by":"llm"`) != 1 || !strings.Contains(got, `{"id":3,"field":"poverty","fields":["poverty"],"crisis":"none","confidence":0.9,"by":"llm"}`) {
		t.Errorf("said\n%s", got)
	}
	if len(heard) != 1 {
		t.Fatalf("asked %d times", len(heard))
	}
	if got := <-heard; !strings.Contains(got, "電話番号") || strings.Contains(got, "1234") {
		t.Errorf("it read %s", got)
	}
	answer = "もちろんです"
	if got := runs(); strings.Contains(got, "llm") || strings.Count(got, `"by":"rule"`) != 3 {
		t.Errorf("without a usable answer\n%s", got)
	}
	if second(nil, nil, nil, nil) != nil {
		t.Error("without an llm section there is a second opinion")
	}
}
