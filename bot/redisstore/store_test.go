package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
	"tsunagu/bot/storetest"
)

// server starts a redis-server of its own and returns its address.
func server(t testing.TB, args ...string) (addr string) {
	t.Helper()
	return (&process{}).start(t, "", t.TempDir(), args...)
}

// process is a redis-server that a test started.
type process struct {
	before []string // arguments that must stand first
	dir    string
	cmd    *exec.Cmd
}

// start starts it on addr, or on a free port, and waits until it answers.
func (p *process) start(t testing.TB, addr, dir string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("these tests need a real redis-server (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis): ", err)
	}
	if addr == "" {
		addr = freeAddr(t)
	}
	_, port, _ := net.SplitHostPort(addr)
	args = append(slices.Clone(args), "--port", port, "--bind", "127.0.0.1", "--dir", dir)
	if p.before == nil {
		args = append(args, "--save", "")
	}
	var out bytes.Buffer
	p.dir, p.cmd = dir, exec.Command(program, append(p.before, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = &out, &out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("redis-server said:\n%s", out.String())
		}
	})
	// The client itself repeats until the server listens and has its data, which it
	// tells only those who know the password.
	password := ""
	if i := slices.Index(args, "--requirepass"); i >= 0 {
		password = args[i+1]
	}
	c := redis.NewClient(&redis.Options{Addr: addr, Password: password, MaxRetries: 2000, MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 50 * time.Millisecond})
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Ping(ctx).Err(); err != nil {
		t.Fatalf("redis-server does not start: %v", err)
	}
	return addr
}

// kill ends it at once, as a crash would.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

func freeAddr(t testing.TB) string {
	t.Helper()
	addr, err := storetest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

func openTest(t testing.TB, url string, cities ...string) *Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := Open(ctx, url, cities)
	for errors.Is(err, errNotCopied) && ctx.Err() == nil {
		s, err = Open(ctx, url, cities) // the replica may be busy
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// masters runs f on every server that holds data.
func masters(ctx context.Context, s *Store, f func(context.Context, *redis.Client) error) error {
	switch c := s.redis.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, f)
	case *redis.Client:
		return f(ctx, c)
	}
	return fmt.Errorf("client of type %T", s.redis)
}

func suite(t *testing.T, url string) {
	storetest.Run(t, func(t *testing.T, cities ...string) bot.Store {
		s := openTest(t, url, cities...)
		err := masters(t.Context(), s, func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, storetest.Options{
		Again: func(t *testing.T, s bot.Store) bot.Store { return openTest(t, url, s.(*Store).cities...) },
		Reopen: func(t *testing.T, s bot.Store) bot.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openTest(t, url, s.(*Store).cities...)
		},
		Raw: func(t *testing.T, s bot.Store) []byte {
			var all bytes.Buffer
			err := masters(t.Context(), s.(*Store), func(ctx context.Context, c *redis.Client) error { return dump(ctx, c, &all) })
			if err != nil {
				t.Fatal(err)
			}
			return all.Bytes()
		},
	})
}

// dump writes all keys and values of a server.
func dump(ctx context.Context, c *redis.Client, w *bytes.Buffer) error {
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		return err
	}
	for _, key := range keys {
		var v any
		switch kind := c.Type(ctx, key).Val(); kind {
		case "string":
			v, err = c.Get(ctx, key).Result()
		case "hash":
			v, err = c.HGetAll(ctx, key).Result()
		case "zset":
			v, err = c.ZRangeWithScores(ctx, key, 0, -1).Result()
		default:
			err = fmt.Errorf("key %s is a %s", key, kind)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(w, key, v)
	}
	return nil
}

func TestStore(t *testing.T) {
	suite(t, "redis://"+server(t)+"/3")
}

func TestStoreWithAReplica(t *testing.T) {
	_, _, at, _, _ := pair(t)
	suite(t, "redis://"+at+"/3")
}

func TestStoreOnACluster(t *testing.T) {
	suite(t, "redis+cluster://"+strings.Join(cluster(t), ","))
}

// cluster joins two servers, with half of the slots each.
func cluster(t *testing.T) (addrs []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var nodes []*redis.Client
	for n := range 2 {
		// The port for the nodes' own talk is the client's plus 10000 by default,
		// which may be too high.
		busPort := portOf(freeAddr(t))
		addr := server(t, "--cluster-enabled", "yes", "--cluster-port", busPort)
		c := redis.NewClient(&redis.Options{Addr: addr})
		defer c.Close()
		// Every other quarter, so that the cities of the suite lie on both.
		a, b := n*4096, 8192+n*4096
		if err := c.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", a, a+4095, b, b+4095).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", n+1).Err(); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			host, port, _ := net.SplitHostPort(addr)
			if err := nodes[0].Do(ctx, "CLUSTER", "MEET", host, port, busPort).Err(); err != nil {
				t.Fatal(err)
			}
		}
		nodes, addrs = append(nodes, c), append(addrs, addr)
	}
	for _, c := range nodes {
		for {
			info, err := c.ClusterInfo(ctx).Result()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:2") {
				break
			}
			// WAIT is a pause that the server keeps.
			if err := c.Do(ctx, "WAIT", 1, 50).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return addrs
}

func BenchmarkStore(b *testing.B) {
	url := "redis://" + server(b, "--appendonly", "yes", "--appendfsync", "always")
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("put, take, commit by %d", callers), func(b *testing.B) {
			s := openTest(b, url, "hokuto")
			if err := s.redis.FlushAll(b.Context()).Err(); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			storetest.Bench(b, s, callers)
		})
	}
}
