package bot

import "github.com/prometheus/client_golang/prometheus"

// Meter counts what happens. Labels are closed sets; none names a person.
type Meter struct {
	GivenUp *prometheus.CounterVec // kind
	Sent    *prometheus.CounterVec // how, outcome
	Cards   *prometheus.CounterVec // city
	Claims  *prometheus.CounterVec // outcome
	Crisis  *prometheus.CounterVec // kind
	Jobs    *prometheus.CounterVec // kind, outcome
	Asked   *prometheus.CounterVec // outcome
}

// NewMeter makes the counters and registers them; reg may be nil.
func NewMeter(reg prometheus.Registerer) *Meter {
	c := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tsunagu_" + name, Help: help}, labels)
		if reg != nil {
			reg.MustRegister(v)
		}
		return v
	}
	return &Meter{
		GivenUp: c("jobs_given_up_total", "Jobs that were given up, by kind.", "kind"),
		Sent:    c("line_sent_total", "Calls to LINE, by how (reply, push) and outcome.", "how", "outcome"),
		Cards:   c("cards_posted_total", "Handoff cards posted to Slack.", "city"),
		Claims:  c("claims_total", "Clicks on 引き受ける, by outcome (won, lost).", "outcome"),
		Crisis:  c("crisis_answers_total", "Full crisis answers, by kind.", "kind"),
		Jobs:    c("jobs_total", "Jobs run, by kind and outcome.", "kind", "outcome"),
		Asked:   c("llm_asked_total", "Questions to the LLM, by outcome; resting and budget were not asked.", "outcome"),
	}
}
