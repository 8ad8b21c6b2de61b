package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// subject is what residents knock at: a few processes and its residents.
type subject struct {
	name      string
	processes []*process
	residents []*resident
}

func newSubject(name string, line *platform, residents int, addr, path string, procs ...*process) *subject {
	s := &subject{name: name, processes: procs}
	for range residents {
		s.residents = append(s.residents, newResident(line, addr, path))
	}
	return s
}

// result is one measurement.
type result struct {
	turns       int // messages that were answered
	refused     int // messages that were not acknowledged: LINE would send them again
	silent      int // messages that were acknowledged and not answered: never
	why         []error
	span        time.Duration
	acks, waits []time.Duration // each message's; unsorted
	cpu         []cpuOf         // of the subject's processes
	own         time.Duration   // of the residents and the platform
}

// fail counts a message that failed.
func (r *result) fail(err error) {
	if errors.Is(err, errSilent) {
		r.silent++
	} else {
		r.refused++
	}
	if len(r.why) < 3 {
		r.why = append(r.why, err)
	}
}

type cpuOf struct {
	name string
	used time.Duration
}

// rate is messages a second.
func (r result) rate() float64 { return float64(r.turns) / r.span.Seconds() }

// first waits for the first answer: a serve learns before it thinks.
func (s *subject) first(ctx context.Context) error {
	r := s.residents[0]
	wait := r.wait
	defer func() { r.wait = wait }()
	r.wait = startup
	_, _, err := r.turn(ctx)
	return err
}

// drive lets all residents write for span. With a rate, messages are due evenly
// and a message waits for its moment: then waiting counts from the sending, and
// nobody is hurried to catch up.
func (s *subject) drive(ctx context.Context, span time.Duration, rate float64) result {
	var res result
	var mu sync.Mutex
	var slot atomic.Int64
	var all sync.WaitGroup
	before, own := s.used(), ownCPU()
	began := time.Now()
	end := began.Add(span)
	for _, r := range s.residents {
		all.Go(func() {
			mine := result{}
			for ctx.Err() == nil && time.Now().Before(end) {
				if rate > 0 {
					due := began.Add(time.Duration(float64(slot.Add(1)) / rate * float64(time.Second)))
					if due.After(end) {
						break
					}
					time.Sleep(time.Until(due))
				}
				ack, wait, err := r.turn(ctx)
				if ctx.Err() != nil {
					break
				}
				if err != nil {
					mine.fail(err)
					continue
				}
				mine.turns++
				mine.acks, mine.waits = append(mine.acks, ack), append(mine.waits, wait)
			}
			mu.Lock()
			defer mu.Unlock()
			res.turns, res.refused, res.silent = res.turns+mine.turns, res.refused+mine.refused, res.silent+mine.silent
			res.acks, res.waits = append(res.acks, mine.acks...), append(res.waits, mine.waits...)
			res.why = append(res.why, mine.why...)
		})
	}
	all.Wait()
	res.span = time.Since(began)
	for i, u := range s.used() {
		res.cpu = append(res.cpu, cpuOf{u.name, u.used - before[i].used})
	}
	res.own = ownCPU() - own
	return res
}

func (s *subject) used() (all []cpuOf) {
	for _, p := range s.processes {
		all = append(all, cpuOf{p.name, p.cpu()})
	}
	return all
}

// ownCPU is what the residents and the platform have used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
