package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// plan is what one run does.
type plan struct {
	tsunagu   string        // the program's path
	dir       string        // where the stores stand: a real disk
	span      time.Duration // of one measurement
	rounds    int
	residents int
	stores    []string // sqlite, redis
	stored    []int    // conversations that are stored before a measurement
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == echoName {
		if err := echo(os.Args[2], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	fs.StringVar(&p.tsunagu, "tsunagu", "./tsunagu", "the program, built")
	fs.StringVar(&p.dir, "dir", "", "a folder on a real disk (default: a new one beside the program)")
	fs.DurationVar(&p.span, "time", 4*time.Second, "how long each measurement takes")
	fs.IntVar(&p.rounds, "rounds", 3, "how often each is measured")
	fs.IntVar(&p.residents, "residents", 64, "how many write at the same time")
	stores := fs.String("stores", "sqlite,redis", "what to measure")
	stored := fs.String("stored", "1000,100000", "measure with so many stored conversations, too; 1000,10000,100000,1000000 takes some minutes; empty = not at all")
	if err := fs.Parse(args); err != nil {
		return err
	}
	for s := range strings.SplitSeq(*stored, ",") {
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 10_000_000 {
			return fmt.Errorf("-stored: %q is no number of conversations", s)
		}
		p.stored = append(p.stored, n)
	}
	slices.Sort(p.stored)
	p.stores = strings.Split(*stores, ",")
	if fs.NArg() > 0 || p.span <= 0 || p.rounds < 1 || p.residents < 1 || p.residents > 1<<16 {
		return errors.New("see load -h")
	}
	var err error
	if p.tsunagu, err = filepath.Abs(p.tsunagu); err != nil {
		return err
	}
	if _, err = exec.LookPath(p.tsunagu); err != nil {
		return fmt.Errorf("-tsunagu: %w; make build makes it", err)
	}
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp(filepath.Dir(p.tsunagu), "load"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(p.dir) }()
	}
	// Each store is told where it stands: a relative folder would be another one there.
	if p.dir, err = filepath.Abs(p.dir); err != nil {
		return err
	}
	return p.run(ctx, out)
}

func (p plan) run(ctx context.Context, out io.Writer) (err error) {
	line, err := newPlatform()
	if err != nil {
		return err
	}
	defer line.Close()
	r := &report{out: out}
	r.head(p)
	failed := errors.Join(p.race(ctx, line, r), p.curve(ctx, line, r))
	return errors.Join(failed, r.faults(line))
}

// race measures the three in turn.
func (p plan) race(ctx context.Context, line *platform, r *report) (err error) {
	subjects, end, err := p.start(ctx, line, r)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	for _, s := range subjects {
		if err := s.first(ctx); err != nil {
			return err
		}
		r.add(s.name, "warm", s.drive(ctx, p.span/2, 0))
	}
	for range p.rounds {
		for _, s := range subjects {
			r.add(s.name, "max", s.drive(ctx, p.span, 0))
		}
	}
	for range p.rounds {
		for _, s := range subjects {
			r.add(s.name, "half", s.drive(ctx, p.span, r.rate(s.name)/2))
		}
	}
	r.race()
	return ctx.Err()
}
