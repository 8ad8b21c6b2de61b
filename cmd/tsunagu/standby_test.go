//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"
)

// redisService is a redis-server that keeps every write in a folder of dir. Its
// settings lie in a file, where a Sentinel may change them.
func redisService(t *testing.T, name, dir, more string) *service {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("this test needs a real redis-server: ", err)
	}
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	own, conf := filepath.Join(dir, name), filepath.Join(t.TempDir(), name+".conf")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsave \"\"\nappendonly yes\nappendfsync always\nrepl-diskless-sync-delay 0\n%s\n", port, own, more)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &service{name: name, addr: addr, log: &lockedBuffer{}, ready: func() bool { return isRedis(addr) }, command: []string{program, conf}}
}

// standby are a Redis, a replica that may take its place, and the Sentinel that
// sees to it. Neither takes a write while it is alone: on a busy machine the Sentinel
// may change its mind at any moment, also back to the one that has not caught up.
type standby struct {
	servers  []*service
	sentinel *service
}

// masterName is what the Sentinel calls the two.
const masterName = "town"

func newStandby(t *testing.T, dir string) *standby {
	t.Helper()
	const never = "min-replicas-to-write 1\nmin-replicas-max-lag 10\n" // alone
	first := redisService(t, "redis-1", dir, never)
	host, port, _ := net.SplitHostPort(first.addr)
	b := &standby{servers: []*service{first, redisService(t, "redis-2", dir, never+"replicaof "+host+" "+port)}}
	for _, s := range b.servers {
		s.start(t)
		s.started(t)
	}
	addr := freeAddress(t)
	_, own, _ := net.SplitHostPort(addr)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nsentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[2]s 3000\nsentinel failover-timeout %[2]s 6000\n",
		own, masterName, host, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.sentinel = &service{name: "sentinel", addr: addr, log: &lockedBuffer{}, ready: func() bool { return isRedis(addr) },
		command: []string{first.command[0], conf, "--sentinel"}}
	b.sentinel.start(t)
	b.sentinel.started(t)
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	if !poll(ctx, b.whole) {
		t.Fatal("the replica does not follow")
	}
	return b
}

func (b *standby) url() string {
	return "redis+sentinel://" + b.sentinel.addr + "/" + masterName + "/0"
}

// asks asks a server, or the Sentinel; empty when it does not answer.
func asks(addr string, args ...any) map[string]string {
	c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, DialTimeout: time.Second, ReadTimeout: time.Second})
	defer func() { _ = c.Close() }()
	answer, _ := c.Do(context.Background(), args...).Result()
	if list, ok := answer.([]any); ok && len(list) == 1 { // SENTINEL REPLICAS, of the only one
		answer = list[0]
	}
	all := map[string]string{}
	switch answer := answer.(type) {
	case string: // INFO
		for line := range strings.Lines(answer) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			all[name] = value
		}
	case []any: // names and values
		for i := 0; i+1 < len(answer); i += 2 {
			all[fmt.Sprint(answer[i])] = fmt.Sprint(answer[i+1])
		}
	}
	return all
}

// master is the server that the Sentinel sends everybody to; nil when it does not
// say.
func (b *standby) master() *service {
	now := asks(b.sentinel.addr, "SENTINEL", "MASTER", masterName)
	for _, s := range b.servers {
		if s.addr == net.JoinHostPort(now["ip"], now["port"]) && strings.TrimSpace(now["flags"]) == "master" {
			return s
		}
	}
	return nil
}

// whole says whether the other server follows the master, and the Sentinel knows.
func (b *standby) whole() bool {
	m := b.master()
	if m == nil {
		return false
	}
	replica := asks(b.sentinel.addr, "SENTINEL", "REPLICAS", masterName)
	return replica["flags"] == "slave" && replica["master-link-status"] == "ok" && replica["master-port"] == m.addr[strings.LastIndexByte(m.addr, ':')+1:] &&
		strings.Contains(asks(m.addr, "INFO", "replication")["slave0"], "state=online")
}

// failover takes the master away, lets the replica take its place and gives it back,
// and waits until it follows the other.
func (b *standby) failover(ctx context.Context, away, back func(*service)) bool {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if !poll(ctx, b.whole) {
		return false
	}
	was := b.master()
	if was == nil {
		return false
	}
	away(was)
	took := poll(ctx, func() bool { m := b.master(); return m != nil && m != was })
	back(was)
	return poll(ctx, b.whole) && took
}

// killed and stopped are how a master goes away and comes back.
func killed(s *service)  { s.stop(syscall.SIGKILL) }
func revived(s *service) { s.goOn() }
func frozen(s *service)  { s.signal(syscall.SIGSTOP) }
func thawed(s *service)  { s.signal(syscall.SIGCONT) }
