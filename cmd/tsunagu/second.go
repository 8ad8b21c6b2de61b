package main

import (
	"time"

	"tsunagu/config"
	"tsunagu/triage"
	"tsunagu/triage/llm"
)

// second is the optional second opinion, nil when none is configured. All cities
// share it and its budget of a day.
func second(c *config.LLM, clock func() time.Time) triage.Classifier {
	if c == nil {
		return nil
	}
	return llm.New(llm.Options{BaseURL: c.BaseURL, Key: c.APIKey.Reveal(), Model: c.Model, Timeout: c.Timeout, Now: clock})
}
