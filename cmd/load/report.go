package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// report keeps all results and prints them.
type report struct {
	out     io.Writer
	results map[string][]result // by subject and phase
	order   []string            // subjects
	noRedis bool
	refused int
	silent  int
	why     []error
}

func (r *report) print(format string, a ...any) { fmt.Fprintf(r.out, format+"\n", a...) }

func (r *report) head(p plan) {
	r.results = map[string][]result{}
	r.print("%d residents, %d rounds of %v each; the stores in %s", p.residents, p.rounds, p.span, p.dir)
}

func (r *report) add(subject, phase string, res result) {
	r.results[subject+" "+phase] = append(r.results[subject+" "+phase], res)
	if !slices.Contains(r.order, subject) {
		r.order = append(r.order, subject)
	}
	r.refused, r.silent = r.refused+res.refused, r.silent+res.silent
	r.why = append(r.why, res.why...)
}

// rate is the median of the messages a second at the maximum.
func (r *report) rate(subject string) float64 {
	var rates []float64
	for _, res := range r.results[subject+" max"] {
		rates = append(rates, res.rate())
	}
	return median(rates)
}

// race prints what was measured of the three.
func (r *report) race() {
	if r.noRedis {
		r.print("Redis is not measured: there is no redis-server here.")
	}
	r.print("\n%-8s %8s %7s  %-15s %-15s  processor ms per 1,000 messages", "at most", "msg/s", "ratio", "ack p50/p99", "reply p50/p99")
	for _, s := range r.order {
		r.line(s, "max")
	}
	r.print("at half of that")
	for _, s := range r.order {
		r.line(s, "half")
	}
}

func (r *report) line(subject, phase string) {
	all := r.results[subject+" "+phase]
	var rates []float64
	var acks, waits []time.Duration
	cpu := map[string]time.Duration{}
	var names []string
	turns := 0
	for _, res := range all {
		rates = append(rates, res.rate())
		acks, waits = append(acks, res.acks...), append(waits, res.waits...)
		for _, c := range append(res.cpu, cpuOf{"residents", res.own}) {
			if !slices.Contains(names, c.name) {
				names = append(names, c.name)
			}
			cpu[c.name] += c.used
		}
		turns += res.turns
	}
	var costs []string
	for _, n := range names {
		costs = append(costs, fmt.Sprintf("%s %.0f", n, perThousand(cpu[n], turns)))
	}
	r.print("%-8s %8.0f %6.2fx  %-15s %-15s  %s", subject, median(rates), median(rates)/r.rate("echo"),
		pair(acks), pair(waits), strings.Join(costs, ", "))
}

// perThousand is what a thousand messages cost, in milliseconds.
func perThousand(used time.Duration, turns int) float64 {
	return float64(used.Microseconds()) / float64(max(turns, 1))
}

// pair is the median and the 99th percentile.
func pair(all []time.Duration) string {
	slices.Sort(all)
	at := func(q float64) string {
		if len(all) == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f", float64(all[int(q*float64(len(all)-1))].Microseconds())/1000)
	}
	return at(0.5) + "/" + at(0.99) + " ms"
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// faults says what went wrong, and is an error when it must not.
func (r *report) faults(line *platform) error {
	r.print("")
	if n := line.doubles.Load(); n > 0 {
		r.print("%d answers came twice, or after their resident had given up.", n)
	}
	if n := line.pushes.Load(); n > 0 {
		r.print("%d answers were pushed.", n)
	}
	if r.refused > 0 {
		r.print("%d messages were not acknowledged; LINE would send them again.", r.refused)
	}
	strangers := line.strangers.Load()
	if r.silent == 0 && strangers == 0 {
		r.print("Every acknowledged message was answered.")
		return nil
	}
	return errors.Join(append([]error{fmt.Errorf("%d acknowledged messages were not answered, %d calls were not what LINE takes", r.silent, strangers)},
		r.why[:min(len(r.why), 5)]...)...)
}
