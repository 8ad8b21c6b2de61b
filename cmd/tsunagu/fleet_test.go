//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fleet is several serves on one store, behind one address that LINE and Slack
// know. What ends by itself or is killed starts again, as systemd would have it.
type fleet struct {
	*world
	disk     string   // where the store's files are
	redis    *service // alone, or
	standby  *standby
	replicas []*service
	turn     atomic.Uint64 // which replica the front tries first
	client   *http.Client
}

// newFleet starts n serves on a Redis, or one on SQLite when n is 0. The store's
// files lie in disk, or beside tsunagu.yaml when that is empty.
func newFleet(t *testing.T, n int, disk string, p plan) *fleet {
	t.Helper()
	f := &fleet{disk: disk, client: &http.Client{
		Timeout:   4 * time.Second, // longer than LINE and Slack wait
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	front := httptest.NewServer(f)
	t.Cleanup(front.Close)
	p.addr = front.Listener.Addr().String()
	if f.disk == "" {
		f.disk = t.TempDir()
	}
	switch {
	case p.sentinel:
		f.standby = newStandby(t, f.disk)
		p.store = f.standby.url()
	case n > 0:
		f.redis = redisService(t, "redis", f.disk, "")
		f.redis.start(t)
		f.redis.started(t)
		p.store = "redis://" + f.redis.addr + "/0"
	default:
		p.store = "sqlite:" + filepath.Join(f.disk, "tsunagu.db")
	}
	f.world = p.world(t)
	for i := range max(n, 1) {
		addr, program := freeAddress(t), binary
		if i%2 == 0 {
			program = cmp.Or(p.old, binary)
		}
		f.replicas = append(f.replicas, &service{name: fmt.Sprint("serve ", i+1), addr: addr, env: f.env, log: f.log,
			ready:   func() bool { return isUp("http://" + addr + "/readyz") },
			command: []string{program, "serve", "--config", filepath.Join(f.dir, "tsunagu.yaml"), "--listen", addr}})
	}
	for _, r := range f.replicas {
		r.start(t)
	}
	for _, r := range f.replicas {
		r.started(t)
	}
	return f
}

// ServeHTTP is what stands before the serves: it takes them in turn and goes on
// to the next where nobody listens.
func (f *fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 2<<20))
	if err != nil {
		return
	}
	first := f.turn.Add(1)
	for i := range uint64(len(f.replicas)) {
		to := f.replicas[(first+i)%uint64(len(f.replicas))]
		out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+to.addr+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			break
		}
		out.Header = r.Header
		res, err := f.client.Do(out)
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			continue
		}
		if err != nil {
			break
		}
		defer func() { _ = res.Body.Close() }()
		for k, v := range res.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

// metric sums a metric of one serve over the labels that contain all parts; ok
// is false when it does not answer.
func (r *service) metric(name string, parts ...string) (sum float64, ok bool) {
	client := &http.Client{Timeout: 3 * time.Second}
	res, err := client.Get("http://" + r.addr + "/metrics")
	if err != nil {
		return 0, false
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil || res.StatusCode != http.StatusOK {
		return 0, false
	}
lines:
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, name+"{") && !strings.HasPrefix(line, name+" ") {
			continue
		}
		for _, p := range parts {
			if !strings.Contains(line, p) {
				continue lines
			}
		}
		var v float64
		if _, err := fmt.Sscan(line[strings.LastIndexByte(strings.TrimSpace(line), ' ')+1:], &v); err == nil {
			sum += v
		}
	}
	return sum, true
}

func isUp(url string) bool {
	client := &http.Client{Timeout: time.Second}
	res, err := client.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func isRedis(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(c, "PING\r\n"); err != nil {
		return false
	}
	line := make([]byte, 5)
	_, err = io.ReadFull(c, line)
	return err == nil && string(line) == "+PONG"
}

// service is a process that is started again whenever it ends, until stop.
type service struct {
	name, addr string
	command    []string
	env        []string
	log        *lockedBuffer
	ready      func() bool

	mu     sync.Mutex
	cmd    *exec.Cmd     // nil: not running
	ended  chan struct{} // closed when the running process has ended
	wanted bool
	again  sync.WaitGroup
	odd    []string // ends that nobody asked for
	asked  bool     // the next end was asked for
}

// startTime is how long a start may take on a busy machine: a serve learns for
// seconds of its own for each city.
const (
	restartAfter = 300 * time.Millisecond
	startTime    = 3 * time.Minute
)

func (s *service) start(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	s.wanted = true
	err := s.run()
	s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(syscall.SIGKILL) })
}

func (s *service) started(t *testing.T) {
	t.Helper()
	if !s.await(t.Context(), startTime) {
		t.Fatalf("%s does not get ready:\n%s", s.name, s.log.String())
	}
}

// run starts the process; the lock is held.
func (s *service) run() error {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	s.cmd, s.ended, s.asked = cmd, ended, false
	s.again.Go(func() {
		err := cmd.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.asked || err != nil && !strings.Contains(err.Error(), "signal: killed") {
			s.odd = append(s.odd, fmt.Sprint(err))
		}
		s.cmd = nil
		close(ended)
		if !s.wanted {
			return
		}
		s.again.Go(s.revive)
	})
	return nil
}

// goOn starts what was stopped.
func (s *service) goOn() {
	s.mu.Lock()
	s.wanted = true
	s.mu.Unlock()
	s.again.Go(s.revive)
}

func (s *service) revive() {
	timer := time.NewTimer(restartAfter)
	defer timer.Stop()
	<-timer.C
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted && s.cmd == nil {
		if err := s.run(); err != nil {
			s.odd = append(s.odd, err.Error())
		}
	}
}

// signal sends a signal to the running process, and waits until it has ended or
// stands still when the signal is one that does that.
func (s *service) signal(sig syscall.Signal) {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	ends := sig == syscall.SIGKILL || sig == syscall.SIGTERM
	s.asked = s.asked || ends
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(sig)
	switch {
	case ends:
		<-ended
	case sig == syscall.SIGSTOP:
		// The signal is on its way: a thread on another processor may still take an
		// answer that comes now.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		poll(ctx, func() bool { return stopped(cmd.Process.Pid) })
	}
}

// stopped says whether every thread of a process stands still.
func stopped(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range threads {
		// "1 (name) S …", and a name may hold anything.
		if stat, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" T")) {
			return false
		}
	}
	return err == nil && len(threads) > 0
}

// runs lets the service run another program from its next start on.
func (s *service) runs(program string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.command[0] = program
}

// stop ends the process for good.
func (s *service) stop(sig syscall.Signal) {
	s.mu.Lock()
	s.wanted = false
	s.mu.Unlock()
	s.signal(syscall.SIGCONT)
	s.signal(sig)
	s.again.Wait()
}

// await waits until the service answers.
func (s *service) await(ctx context.Context, long time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	return poll(ctx, s.ready)
}

// tmpfs mounts a small disk that can be filled up and made larger again. Without
// the right to mount it returns "".
func tmpfs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+roomy, "tsunagu-chaos", dir).CombinedOutput(); err != nil {
		t.Logf("no disk of its own (%s); make chaos tries unshare for that", strings.TrimSpace(string(out)))
		return ""
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return dir
}

const roomy = "2g"

// resize gives the disk another size: "1k" is full at once.
func resize(disk, size string) error {
	out, err := exec.Command("mount", "-o", "remount,size="+size, disk).CombinedOutput()
	if err != nil {
		return fmt.Errorf("remount: %w %s", err, out)
	}
	return nil
}

// used are the bytes on the disk.
func used(disk string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(disk, &st); err != nil {
		return 0, err
	}
	return int64(st.Blocks-st.Bfree) * int64(st.Bsize), nil
}
