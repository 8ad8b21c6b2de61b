package main

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/handoff/slack"
)

// gauges read how things stand when they are asked. What the store does not say
// is left out, but for jobs_waiting, which is -1 then.
type gauges struct {
	bot    *bot.Bot
	store  bot.Store
	cities []string
	desks  []*slack.Desk // as cities
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tsunagu_"+name, help, labels, nil)
}

var (
	jobsWaiting   = gauge("jobs_waiting", "Jobs that are not done, timers included; -1 = the store does not answer.")
	oldestJob     = gauge("oldest_job_seconds", "Since when the oldest due job has waited.")
	laneWaiting   = gauge("lane_waiting", "Jobs that are due and not done, by kind of lane.", "kind")
	laneOldest    = gauge("lane_oldest_seconds", "Since when the oldest of them has waited.", "kind")
	conversations = gauge("conversations_open", "Conversations that are kept.")
	cardsWaiting  = gauge("cards_waiting", "Cases whose card does not stand in Slack yet.", "city")
	cardOldest    = gauge("card_waiting_seconds", "Since when the oldest of them waits; 0 = none does.", "city")
	slackBackoff  = gauge("slack_backoff_seconds", "How long Slack has asked to wait yet.", "city")
	quotaUsed     = gauge("line_quota_used", "Messages sent unasked this month, as LINE counts them.", "city")
	quotaLimit    = gauge("line_quota_limit", "Messages that may be sent unasked in a month; none = no limit.", "city")
)

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsWaiting, oldestJob, laneWaiting, laneOldest, conversations, cardsWaiting, cardOldest, slackBackoff, quotaUsed, quotaLimit} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	is := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for i, city := range g.cities {
		is(slackBackoff, max(0, g.desks[i].Backoff().Seconds()), city)
	}
	now := g.bot.Now()
	age := func(since time.Time) float64 {
		if since.IsZero() {
			return 0
		}
		return max(0, now.Sub(since).Seconds())
	}
	n, oldest, err := g.store.Waiting(ctx, now)
	switch {
	case err == nil:
		is(jobsWaiting, float64(n))
		is(oldestJob, age(oldest))
	case !errors.Is(err, redisstore.ErrMoving): // one town has to wait; the others are told of
		is(jobsWaiting, -1)
		return
	}
	if queues, err := g.store.Queues(ctx, now); err == nil {
		due := map[string]bot.Queue{}
		for _, q := range queues {
			due[q.Kind] = q
		}
		for _, kind := range bot.Kinds {
			is(laneWaiting, float64(due[kind].N), kind)
			is(laneOldest, age(due[kind].Oldest), kind)
		}
	}
	kept := 0
	for _, city := range g.cities {
		n, err := g.store.Count(ctx, city, city+"/v/")
		if errors.Is(err, redisstore.ErrMoving) {
			continue
		}
		if err != nil {
			return
		}
		kept += n
		if n, since, err := g.bot.Unposted(ctx, city); err == nil {
			is(cardsWaiting, float64(n), city)
			is(cardOldest, age(since), city)
		}
		if m, err := g.bot.Month(ctx, city); err == nil {
			is(quotaUsed, float64(m.Used), city)
			if m.Limited {
				is(quotaLimit, float64(m.Limit), city)
			}
		}
	}
	is(conversations, float64(kept))
}
