package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot/linetest"
	"tsunagu/bot/redisstore"
)

// slowLoad starts a redis-server that takes minutes to read what it keeps, until
// finish is called.
func slowLoad(t *testing.T) (url string, finish func()) {
	t.Helper()
	dir := t.TempDir()
	before, _ := redisProcess(t, "--save", "", "--rdbcompression", "no", "--dir", dir)
	o, err := redis.ParseURL(before)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	_, err = c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for n := range 3000 {
			p.Set(t.Context(), fmt.Sprint("other:", n), strings.Repeat("x", 1100), 0)
		}
		return nil
	})
	if err := errors.Join(err, c.Save(t.Context()).Err()); err != nil {
		t.Fatal(err)
	}

	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	// It rests after each key, and answers after each.
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir,
		"--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	loads := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	t.Cleanup(func() { _ = loads.Close() })
	waits(t, "Redis loads", func() bool {
		err := loads.Ping(t.Context()).Err()
		return err != nil && strings.HasPrefix(err.Error(), "LOADING ")
	})
	return "redis://" + addr + "/0", func() {
		t.Helper()
		waits(t, "Redis is told to load at once", func() bool { return loads.ConfigSet(t.Context(), "key-load-delay", "0").Err() == nil })
	}
}

func waits(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if !poll(ctx, ok) {
		t.Fatal("waited in vain: " + what)
	}
}

// TestAStartWaitsWhileRedisLoads: a machine that boots starts both at once.
func TestAStartWaitsWhileRedisLoads(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	url, finish := slowLoad(t)
	f.write(url, "", "S01", "C01")

	for _, command := range [][]string{{"report", "--city", "hokuto", "--from", "2026-11-01", "--to", "2026-11-30"},
		{"move", "--to", "sqlite:" + f.file("moved.db")}, {"rekey"}, {"audit", "--city", "hokuto"}} {
		f.wants(1, []string{"Redis は動いていますが、まだ準備の途中です", "LOADING"}, command[0], command[1:]...)
	}
	f.wants(1, []string{"だめ 保存：Redis は動いていますが、まだ準備の途中です", "LOADING"}, "doctor")

	const waiting = "waiting until Redis is ready"
	start := func(ctx context.Context) (log *lockedBuffer, ended chan int) {
		log, ended = &lockedBuffer{}, make(chan int, 1)
		go func() {
			ended <- run(ctx, streams{strings.NewReader(""), log, log}, []string{"serve", "--config", f.config()})
		}()
		waits(t, "serve says that it waits", func() bool { return strings.Contains(log.String(), waiting) })
		return log, ended
	}

	// Told to stop, it does not wait any longer.
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := start(ctx)
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("stopped while it waited: exit %d\n%s", code, log.String())
	}

	ctx, stop = context.WithCancel(t.Context())
	defer stop()
	log, ended = start(ctx)
	if res, err := http.Get("http://" + f.addr + "/readyz"); err == nil {
		_ = res.Body.Close()
		t.Errorf("/readyz is answered with %d while Redis loads", res.StatusCode)
	}
	finish()
	waits(t, "serve is ready", func() bool {
		res, err := http.Get("http://" + f.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	stop()
	if code := <-ended; code != 0 || strings.Count(log.String(), waiting) != 1 {
		t.Errorf("exit %d, it waited:\n%s", code, log.String())
	}
}

// opened opens a store as a start does, and closes it again.
func opened(t *testing.T, url string, log *lockedBuffer) error {
	s, err := awaitStore(t.Context(), url, []string{"hokuto"}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		return err
	}
	return s.Close()
}

// opens begins to open a store whose server is not there, and waits until it says so.
func opens(t *testing.T, addr string) (log *lockedBuffer, failed chan error) {
	t.Helper()
	log, failed = &lockedBuffer{}, make(chan error, 1)
	go func() { failed <- opened(t, "redis://"+addr, log) }()
	waits(t, "it says that it waits", func() bool { return strings.Contains(log.String(), "waiting for Redis to answer") })
	return log, failed
}

func TestAStartWaitsForARedisThatComesUp(t *testing.T) {
	t.Parallel()
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	_, failed := opens(t, addr)
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	err := <-failed
	waits(t, "it is opened", func() bool {
		if errors.Is(err, redisstore.ErrNoAnswer) { // a busy machine started it too late
			err = opened(t, "redis://"+addr, &lockedBuffer{})
		}
		return err == nil
	})
}

func TestAWrongAddressOrPasswordOfRedisIsToldSoon(t *testing.T) {
	t.Parallel()
	log, failed := opens(t, freeAddress(t))
	if err := <-failed; !errors.Is(err, redisstore.ErrNoAnswer) || strings.Count(log.String(), "waiting") != 1 {
		t.Errorf("nobody listens: %v\n%s", err, log.String())
	}
	url := redisServer(t)
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	if err := c.ConfigSet(t.Context(), "requirepass", "hunter2").Err(); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", ":wrong-hunter3@"} {
		err := opened(t, strings.Replace(url, "redis://", "redis://"+password, 1), log)
		if err == nil || errors.Is(err, redisstore.ErrNoAnswer) || errors.Is(err, redisstore.ErrNotReady) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("password %q: %v", password, err)
		}
	}
	if strings.Count(log.String(), "waiting") != 1 {
		t.Errorf("it waited for what no time mends:\n%s", log.String())
	}
}
