package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tsunagu/bot/storetest"
)

const (
	city     = "hokuto"
	hookPath = "/line/" + city + "/webhook"
	echoPath = "/"
	startup  = 3 * time.Minute
)

// process is one program that was started.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // where its stderr goes
}

// cpu is the processor time it has used, of all its threads (Linux).
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	f := strings.Fields(string(rest))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of a hundredth
}

// memory is what it holds of the machine's, in MiB (Linux), 0 when unknown.
func (p *process) memory() float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	kib, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	n, _ := strconv.ParseFloat(string(kib), 64)
	return n / 1024
}

// end asks it to stop, and makes it stop.
func (p *process) end() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case <-done:
		return nil
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
		return fmt.Errorf("%s did not stop within 15 s", p.name)
	}
}

// endAll ends processes, the last first.
func endAll(procs []*process) error {
	var errs []error
	for _, p := range slices.Backward(procs) {
		errs = append(errs, p.end())
	}
	return errors.Join(errs...)
}

// start starts the echo, and tsunagu on each store that there is.
func (p plan) start(ctx context.Context, line *platform, r *report) (all []*subject, end func() error, err error) {
	var started []*process
	end = func() error { return endAll(started) }
	add := func(name, addr, path string, procs ...*process) {
		all = append(all, newSubject(name, line, p.residents, addr, path, procs...))
	}
	e, addr, err := startEcho(line.url)
	if err != nil {
		return nil, end, err
	}
	started = append(started, e)
	add("echo", addr, echoPath, e)
	for _, kind := range p.kinds(r) {
		procs, addr, err := p.serve(ctx, kind, filepath.Join(p.dir, "race-"+kind), line.url, func(string) error { return nil })
		started = append(started, procs...)
		if err != nil {
			return nil, end, err
		}
		add(kind, addr, hookPath, procs...)
	}
	return all, end, nil
}

// kinds are the stores that can be measured here.
func (p plan) kinds(r *report) []string {
	_, err := exec.LookPath("redis-server")
	return slices.DeleteFunc(slices.Clone(p.stores), func(kind string) bool {
		r.noRedis = r.noRedis || kind == "redis" && err != nil
		return kind == "redis" && err != nil
	})
}

func startEcho(line string) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd := exec.Command(self, echoName, line)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	p := &process{name: "echo", cmd: cmd}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", errors.Join(errors.New("the echo does not start"), p.end())
	}
	return p, strings.TrimSpace(addr), nil
}

// serve starts tsunagu on a new store of the kind, in dir, when fill has filled
// it. The processes are given back also beside an error.
func (p plan) serve(ctx context.Context, kind, dir, line string, fill func(store string) error) (procs []*process, addr string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", err
	}
	store := "sqlite:" + filepath.Join(dir, "load.db")
	if kind == "redis" {
		redis, url, err := startRedis(ctx, dir)
		if err != nil {
			return nil, "", err
		}
		procs, store = append(procs, redis), url
	}
	if err := fill(store); err != nil {
		return procs, "", err
	}
	if addr, err = storetest.FreeAddress(); err != nil {
		return procs, "", err
	}
	conf := filepath.Join(dir, "tsunagu.yaml")
	err = os.WriteFile(conf, fmt.Appendf(nil, `listen: %s
store: %s
keys: env:LOAD_KEYS
limits: {per_resident_per_minute: 1000000}
cities:
  - city: %s
    line: {channel_secret: env:LOAD_LINE_SECRET, channel_token: env:LOAD_LINE_TOKEN, api_url: %s}
    slack: {bot_token: env:LOAD_SLACK_TOKEN, signing_secret: env:LOAD_SLACK_SECRET, api_url: %s/api/, channels: {default: C01}}
`, addr, store, city, line, line), 0o600)
	if err != nil {
		return procs, "", err
	}
	cmd := exec.Command(p.tsunagu, "serve", "--config", conf)
	cmd.Env = append(os.Environ(), "LOAD_KEYS=bG9hZGxvYWRsb2FkbG9hZGxvYWRsb2FkbG9hZGxvYWQ=", "LOAD_LINE_SECRET="+lineSecret,
		"LOAD_LINE_TOKEN="+lineToken, "LOAD_SLACK_TOKEN=xoxb-load", "LOAD_SLACK_SECRET=load-slack-secret")
	tsunagu, err := launch(ctx, "tsunagu", cmd, filepath.Join(dir, "tsunagu.log"), func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	if tsunagu != nil {
		procs = append(procs, tsunagu)
	}
	return procs, addr, err
}

// startRedis starts a server of its own that writes every command to the disk
// before it answers. Rewriting its file is left out: a day's worth is filled in
// within seconds, and the rewriting would stop it for seconds.
func startRedis(ctx context.Context, dir string) (*process, string, error) {
	addr, err := storetest.FreeAddress()
	if err != nil {
		return nil, "", err
	}
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--auto-aof-rewrite-percentage", "0")
	p, err := launch(ctx, "redis-server", cmd, filepath.Join(dir, "redis.log"), func() bool {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	return p, "redis://" + addr + "/0", err
}

// launch starts a program and waits until it is ready.
func launch(ctx context.Context, name string, cmd *exec.Cmd, log string, ready func() bool) (*process, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	cmd.Stdout, cmd.Stderr = f, f
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: cmd, log: log}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
			if time.Since(began) < startup {
				continue
			}
		case <-ctx.Done():
		}
		text, _ := os.ReadFile(log)
		return nil, errors.Join(fmt.Errorf("%s is not ready: %s", name, bytes.TrimSpace(text)), p.end())
	}
	return p, nil
}
