package bot

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"tsunagu/handoff"
	"tsunagu/triage"
)

// Meter counts what happens. Labels are closed sets; none names a person.
type Meter struct {
	GivenUp *prometheus.CounterVec   // kind
	Sent    *prometheus.CounterVec   // how, outcome
	Desk    *prometheus.CounterVec   // what, outcome
	Delay   *prometheus.HistogramVec // what
	Cards   *prometheus.CounterVec   // city
	Claims  *prometheus.CounterVec   // outcome
	Crisis  *prometheus.CounterVec   // kind
	Jobs    *prometheus.CounterVec   // kind, outcome
	Asked   *prometheus.CounterVec   // outcome
}

// NewMeter makes the counters and registers them; reg may be nil. Those whose
// labels are known begin at 0: an alert on a growth sees the first one too.
func NewMeter(reg prometheus.Registerer) *Meter {
	register := func(c prometheus.Collector) {
		if reg != nil {
			reg.MustRegister(c)
		}
	}
	c := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tsunagu_" + name, Help: help}, labels)
		register(v)
		return v
	}
	m := &Meter{
		GivenUp: c("jobs_given_up_total", "Jobs that were given up, by kind.", "kind"),
		Sent:    c("line_sent_total", "Calls to LINE, by how (reply, push) and outcome.", "how", "outcome"),
		Desk:    c("slack_sent_total", "Calls to Slack, by what (card, post, whisper, erase, file) and outcome.", "what", "outcome"),
		Cards:   c("cards_posted_total", "Handoff cards posted to Slack.", "city"),
		Claims:  c("claims_total", "Clicks on 引き受ける, by outcome (won, lost).", "outcome"),
		Crisis:  c("crisis_answers_total", "Full crisis answers, by kind.", "kind"),
		Jobs:    c("jobs_total", "Jobs run, by kind and outcome.", "kind", "outcome"),
		Asked:   c("llm_asked_total", "Questions to the LLM, by outcome; resting and budget were not asked.", "outcome"),
		Delay: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tsunagu_slack_delay_seconds",
			Help: "From consent until the card stands in Slack, from a resident's words until they stand in the thread.", Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400}}, []string{"what"}),
	}
	register(m.Delay)
	for _, kind := range Kinds {
		m.GivenUp.WithLabelValues(kind)
		for _, outcome := range []string{"done", "failed", "given up", "left alone", "lease lost", "too late"} {
			m.Jobs.WithLabelValues(kind, outcome)
		}
	}
	for _, outcome := range []Trouble{"ok", TokenDead, Quota, Refused, Busy, Doubtful} {
		m.Sent.WithLabelValues("reply", string(outcome))
		m.Sent.WithLabelValues("push", string(outcome))
	}
	for _, outcome := range []string{"ok", "refused", "limited", "doubtful", "failed"} {
		for _, what := range []string{"card", "post", "whisper", "erase", "file"} {
			m.Desk.WithLabelValues(what, outcome)
		}
	}
	m.Claims.WithLabelValues("won")
	m.Claims.WithLabelValues("lost")
	for _, kind := range triage.Kinds {
		m.Crisis.WithLabelValues(kind)
	}
	m.Delay.WithLabelValues("card")
	m.Delay.WithLabelValues("words")
	return m
}

// counted counts the calls to a Desk.
type counted struct {
	handoff.Desk
	sent *prometheus.CounterVec
}

func (c counted) Card(ctx context.Context, at handoff.Spot, card handoff.Card, box handoff.Outbox) (handoff.Spot, error) {
	spot, err := c.Desk.Card(ctx, at, card, box)
	c.sent.WithLabelValues("card", deskOutcome(err)).Inc()
	return spot, err
}

func (c counted) Post(ctx context.Context, at handoff.Spot, post handoff.Post, box handoff.Outbox) (handoff.Spot, error) {
	spot, err := c.Desk.Post(ctx, at, post, box)
	c.sent.WithLabelValues("post", deskOutcome(err)).Inc()
	return spot, err
}

func (c counted) Whisper(ctx context.Context, at handoff.Spot, w handoff.Whisper) error {
	err := c.Desk.Whisper(ctx, at, w)
	c.sent.WithLabelValues("whisper", deskOutcome(err)).Inc()
	return err
}

func (c counted) File(ctx context.Context, at handoff.Spot, f handoff.File) (handoff.Spot, error) {
	spot, err := c.Desk.File(ctx, at, f)
	c.sent.WithLabelValues("file", deskOutcome(err)).Inc()
	return spot, err
}

func (c counted) Delete(ctx context.Context, at handoff.Spot) error {
	err := c.Desk.Delete(ctx, at)
	c.sent.WithLabelValues("erase", deskOutcome(err)).Inc()
	return err
}

// deskOutcome names what came of a call to a Desk.
func deskOutcome(err error) string {
	var de *handoff.DeskError
	switch {
	case err == nil:
		return "ok"
	case !errors.As(err, &de):
		return "failed"
	case de.Final:
		return "refused"
	case de.After > 0:
		return "limited"
	case de.Doubtful:
		return "doubtful"
	}
	return "failed"
}
