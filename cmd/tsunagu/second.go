package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tsunagu/config"
	"tsunagu/triage"
	"tsunagu/triage/llm"
)

// second is the optional second opinion, nil when none is configured. All cities
// share it and its budget of a day.
func second(c *config.LLM, clock func() time.Time, asked *prometheus.CounterVec, log *slog.Logger) triage.Classifier {
	if c == nil {
		return nil
	}
	for _, outcome := range llm.Outcomes {
		asked.WithLabelValues(outcome)
	}
	return counted{llm.New(llm.Options{BaseURL: c.BaseURL, Key: c.APIKey.Reveal(), Model: c.Model, Timeout: c.Timeout, Now: clock, Log: log}), asked}
}

// counted counts what came of asking.
type counted struct {
	*llm.Classifier
	asked *prometheus.CounterVec
}

func (c counted) Classify(ctx context.Context, masked string) (triage.Guess, error) {
	g, err := c.Classifier.Classify(ctx, masked)
	c.asked.WithLabelValues(llm.Outcome(err)).Inc()
	return g, err
}
