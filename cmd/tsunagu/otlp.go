package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
)

// tracesEnv is OpenTelemetry's own name for a collector's address.
const tracesEnv = "OTEL_EXPORTER_OTLP_ENDPOINT"

// Bounds of the tracer. What it cannot keep or send is left out: no consultation
// waits for it.
const (
	maxSpans   = 4096 // that wait
	spanBatch  = 512
	spanPause  = 5 * time.Second
	spanTime   = 4 * time.Second // of one call
	maxCollect = 64 << 10        // bytes of an answer that are read
)

// tracer sends spans to an OpenTelemetry collector: OTLP over HTTP in JSON, which
// the protocol defines beside Protobuf
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
type tracer struct {
	url    string
	client *http.Client
	spans  chan bot.Span
	log    *slog.Logger
	failed bool // the log has heard
}

// newTracer makes a tracer for a collector such as http://127.0.0.1:4318. It calls
// nobody yet.
func newTracer(base string, log *slog.Logger) (*tracer, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New(tracesEnv + " is no address such as http://127.0.0.1:4318")
	}
	return &tracer{
		url:    strings.TrimRight(base, "/") + "/v1/traces",
		client: &http.Client{Timeout: spanTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		spans:  make(chan bot.Span, maxSpans), log: log,
	}, nil
}

// hear takes a span, or leaves it out when too many wait.
func (t *tracer) hear(s bot.Span) {
	select {
	case t.spans <- s:
	default:
	}
}

// run sends what was heard until ctx ends, and then what is left, once.
func (t *tracer) run(ctx context.Context) {
	tick := time.NewTicker(spanPause)
	defer tick.Stop()
	var batch []bot.Span
	send := func() {
		if len(batch) > 0 {
			t.send(batch)
			batch = nil
		}
	}
	for {
		select {
		case s := <-t.spans:
			if batch = append(batch, s); len(batch) == spanBatch {
				send()
			}
		case <-tick.C:
			send()
		case <-ctx.Done():
			for len(t.spans) > 0 && len(batch) < spanBatch {
				batch = append(batch, <-t.spans)
			}
			send()
			return
		}
	}
}

// send makes one call. What a collector does not take is gone; the log hears when
// that begins and when it ends.
func (t *tracer) send(batch []bot.Span) {
	body, err := json.Marshal(export(batch))
	if err == nil {
		err = t.post(body)
	}
	switch {
	case err != nil && !t.failed:
		t.log.Warn("traces are not taken", "error", err)
	case err == nil && t.failed:
		t.log.Info("traces are taken again")
	}
	t.failed = err != nil
}

func (t *tracer) post(body []byte) error {
	res, err := t.client.Post(t.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return errors.New("the collector does not answer")
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxCollect))
	if res.StatusCode/100 != 2 {
		return errors.New("the collector answers " + strconv.Itoa(res.StatusCode))
	}
	return nil
}

// object is JSON in the making, as the protocol's messages are shallow and many.
type object map[string]any

func text(key, value string) object {
	return object{"key": key, "value": object{"stringValue": value}}
}

// export is an ExportTraceServiceRequest.
func export(batch []bot.Span) object {
	// A door serves, a think job works inside, whatever else speaks to somebody.
	kinds := map[string]int{"accept": 2, "think": 1}
	spans := make([]object, len(batch))
	for i, s := range batch {
		kind, ok := kinds[s.Name]
		if !ok {
			kind = 3
		}
		status := object{}
		if s.Outcome != "done" && s.Outcome != "lease lost" { // another process did that one
			status["code"] = 2
		}
		spans[i] = object{
			"traceId": hex.EncodeToString(s.Trace[:]), "spanId": hex.EncodeToString(s.ID[:]), "name": s.Name, "kind": kind, "status": status,
			"startTimeUnixNano": strconv.FormatInt(s.Start.UnixNano(), 10), "endTimeUnixNano": strconv.FormatInt(s.End.UnixNano(), 10),
			"attributes": []object{text("tsunagu.city", s.City), text("tsunagu.outcome", s.Outcome),
				{"key": "tsunagu.tries", "value": object{"intValue": strconv.Itoa(s.Tries)}}},
		}
		if s.Parent != [8]byte{} {
			spans[i]["parentSpanId"] = hex.EncodeToString(s.Parent[:])
		}
	}
	return object{"resourceSpans": []object{{
		"resource":   object{"attributes": []object{text("service.name", "tsunagu"), text("service.version", version())}},
		"scopeSpans": []object{{"scope": object{"name": "tsunagu"}, "spans": spans}},
	}}}
}
