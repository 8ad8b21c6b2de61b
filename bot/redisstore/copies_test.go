package redisstore

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"
)

// wire is the way from a replica to its master. Held, it lets nothing through and
// stays open, as a network that drops everything does.
type wire struct {
	addr   string
	target string
	mu     sync.Mutex
	held   chan struct{} // closed: goes on
	cut    chan struct{} // closed: for ever
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), target: target, held: make(chan struct{}), cut: make(chan struct{})}
	close(w.held)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", target)
			if err != nil {
				from.Close()
				continue
			}
			all.Go(func() { w.carry(from, to) })
			all.Go(func() { w.carry(to, from) })
			all.Go(func() { <-w.cut; from.Close(); to.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); w.end(); all.Wait() })
	return w
}

func (w *wire) carry(to, from net.Conn) {
	defer to.Close()
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		w.mu.Lock()
		held := w.held
		w.mu.Unlock()
		select {
		case <-held:
		case <-w.cut:
			return
		}
		if n > 0 {
			if _, err := to.Write(part[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = make(chan struct{})
}

func (w *wire) goOn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.held)
}

// end cuts it: what was held back never arrives.
func (w *wire) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.cut:
	default:
		close(w.cut)
	}
}

// until waits for a condition, for minutes if need be.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("waited in vain: " + what)
		}
	}
}

// pair is a master and a replica that follows it, and the wire between them.
func pair(t *testing.T) (master, replica *process, at, replicaAt string, between *wire) {
	t.Helper()
	master, replica = &process{}, &process{}
	at = master.start(t, "", t.TempDir(), "--repl-diskless-sync-delay", "0")
	between = newWire(t, at)
	host, port, _ := net.SplitHostPort(between.addr)
	replicaAt = replica.start(t, "", t.TempDir(), "--replicaof", host+" "+port)
	c := redis.NewClient(&redis.Options{Addr: at})
	t.Cleanup(func() { c.Close() })
	until(t, "the replica follows", func() bool {
		_, n := follow(infoFields(c.Info(t.Context(), "replication").Val()))
		return n == 1
	})
	return master, replica, at, replicaAt, between
}

// TestNothingIsAcknowledgedBeforeAReplicaHasIt: while a replica does not answer,
// a Put is refused, also the same again, which has nothing more to write.
func TestNothingIsAcknowledgedBeforeAReplicaHasIt(t *testing.T) {
	t.Parallel()
	_, _, at, replicaAt, between := pair(t)
	s := openTest(t, "redis://"+at, "hokuto")
	ctx := t.Context()
	until(t, "a Put is taken", func() bool { return s.Put(ctx, job("a")) == nil })
	has := func(id string) bool {
		c := redis.NewClient(&redis.Options{Addr: replicaAt})
		defer c.Close()
		return c.Exists(ctx, prefix("hokuto")+"job:hokuto/j/"+id).Val() == 1
	}
	if !has("a") {
		t.Error("acknowledged, and the replica does not have it")
	}
	between.hold()
	held := time.Now()
	refuses := func(what string, err error) {
		t.Helper()
		// One that has said nothing for some seconds follows no more.
		if err == nil && time.Since(held) < silence-2*time.Second {
			t.Errorf("%s was acknowledged while no replica had it", what)
		}
	}
	refuses("a Put", s.Put(ctx, job("b")))
	refuses("the same Put again", s.Put(ctx, job("b")))
	_, err := s.Keep(ctx, "key", []byte("1"))
	refuses("a Keep", err)
	between.goOn()
	until(t, "the same Put is taken", func() bool { return s.Put(ctx, job("b")) == nil })
	if !has("b") {
		t.Error("acknowledged, and the replica does not have it")
	}
	if n, _, err := s.Waiting(ctx, time.Now()); n != 2 || err != nil {
		t.Errorf("%d jobs, %v; want 2", n, err)
	}
}

// TestAReplicaThatIsGoneHoldsNobodyUp: one that says nothing any more is waited for
// some seconds and then no longer, and one that comes back is waited for again.
func TestAReplicaThatIsGoneHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	_, _, at, _, between := pair(t)
	s := openTest(t, "redis://"+at, "hokuto")
	n := 0
	put := func() error { n++; return s.Put(t.Context(), job(fmt.Sprint(n))) }
	if err := put(); err != nil {
		t.Fatal(err)
	}
	between.hold()
	began := time.Now()
	until(t, "it goes on without the silent one", func() bool { return put() == nil })
	t.Logf("the silent one held it up for %v", time.Since(began).Round(100*time.Millisecond))
	between.goOn()
	g := s.groupOf(s.redis)
	until(t, "it is waited for again", func() bool {
		err := put()
		g.copies.mu.Lock()
		defer g.copies.mu.Unlock()
		return err == nil && g.copies.known && g.copies.followed()
	})
	between.hold()
	began = time.Now()
	if err := put(); err == nil && time.Since(began) < silence-2*time.Second {
		t.Error("acknowledged while no replica had it")
	}
}

// TestAServerThatItsReplicaHasLeftIsNotAloneAtOnce: it may have been replaced, and
// nobody has told it yet.
func TestAServerThatItsReplicaHasLeftIsNotAloneAtOnce(t *testing.T) {
	t.Parallel()
	_, _, at, replicaAt, _ := pair(t)
	s := openTest(t, "redis://"+at, "hokuto")
	began := time.Now()
	if err := s.Put(t.Context(), job("a")); err != nil {
		t.Fatal(err)
	}
	replica := redis.NewClient(&redis.Options{Addr: replicaAt})
	defer replica.Close()
	if err := replica.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "it goes on alone", func() bool { return s.Put(t.Context(), job("b")) == nil })
	if d := time.Since(began); d < silence {
		t.Errorf("after %v already", d)
	}
	// The one that has left has nothing to wait for.
	began = time.Now()
	if err := openTest(t, "redis://"+replicaAt, "hokuto").Put(t.Context(), job("c")); err != nil {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

// TestFailoverLosesNothing kills the master behind a Sentinel while many put jobs
// and the replica is behind: whatever was acknowledged is there on the new master,
// and the same store keeps on.
func TestFailoverLosesNothing(t *testing.T) {
	t.Parallel()
	master, _, at, replicaAt, between := pair(t)
	sentinel := watch(t, at)
	c := crowd(t, openTest(t, "redis+sentinel://"+sentinel.Options().Addr+"/main/0", "hokuto"))
	until(t, "some are taken", func() bool { return c.taken.Load() >= 100 })
	// What is said from now on never reaches the replica.
	between.hold()
	had := c.taken.Load()
	until(t, "the master refuses what no replica has", func() bool { return c.refused.Load() >= 8 || c.taken.Load() > had+1000 })
	master.kill()
	between.end()
	c.goesOn(t, replicaAt)
}

// TestAPlannedFailoverLosesNothing has a Sentinel make the replica the master while
// the old one lives, which goes on alone until it is told.
func TestAPlannedFailoverLosesNothing(t *testing.T) {
	t.Parallel()
	_, _, at, replicaAt, _ := pair(t)
	sentinel := watch(t, at)
	c := crowd(t, openTest(t, "redis+sentinel://"+sentinel.Options().Addr+"/main/0", "hokuto"))
	until(t, "some are taken", func() bool { return c.taken.Load() >= 100 })
	if err := sentinel.Do(t.Context(), "SENTINEL", "FAILOVER", "main").Err(); err != nil {
		t.Fatal(err)
	}
	c.goesOn(t, replicaAt)
}

// watch starts a Sentinel for a master and waits until it knows the replica.
func watch(t *testing.T, master string) *redis.Client {
	t.Helper()
	host, port, _ := net.SplitHostPort(master)
	dir := t.TempDir()
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Appendf(nil, "sentinel monitor main %s %s 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 5000\n", host, port)
	if err := os.WriteFile(conf, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: (&process{before: []string{conf, "--sentinel"}}).start(t, "", dir)})
	t.Cleanup(func() { c.Close() })
	until(t, "the Sentinel knows the replica", func() bool {
		replicas, err := c.Do(t.Context(), "SENTINEL", "REPLICAS", "main").Slice()
		return err == nil && len(replicas) == 1
	})
	return c
}

// putters put jobs until they are told that it is enough.
type putters struct {
	ids            sync.Map // of jobs that were acknowledged
	taken, refused atomic.Int64
	enough         func()
}

func crowd(t *testing.T, s *Store) *putters {
	c := &putters{}
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	c.enough = func() { cancel(); all.Wait() }
	t.Cleanup(c.enough)
	for n := range 8 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%d-%d", n, i)
				if s.Put(ctx, job(id)) == nil {
					c.ids.Store(id, true)
					c.taken.Add(1)
					continue
				}
				c.refused.Add(1)
				pause := time.NewTimer(20 * time.Millisecond)
				select {
				case <-pause.C:
				case <-ctx.Done():
				}
			}
		})
	}
	return c
}

// goesOn waits until a server is the master and takes jobs, and looks whether it
// has all that was acknowledged.
func (c *putters) goesOn(t *testing.T, addr string) {
	t.Helper()
	began := time.Now()
	now := redis.NewClient(&redis.Options{Addr: addr})
	defer now.Close()
	until(t, "the replica is the master", func() bool {
		return strings.Contains(now.Info(t.Context(), "replication").Val(), "role:master")
	})
	jobs := func() int64 { return now.ZCard(t.Context(), prefix("hokuto")+"due").Val() }
	had := jobs()
	until(t, "it takes jobs", func() bool { return jobs() > had+10 })
	t.Logf("after %v; %d taken, %d refused", time.Since(began).Round(time.Millisecond), c.taken.Load(), c.refused.Load())
	c.enough()
	lost := 0
	c.ids.Range(func(id, _ any) bool {
		if now.Exists(t.Context(), prefix("hokuto")+"job:hokuto/j/"+id.(string)).Val() != 1 {
			lost++
		}
		return true
	})
	if lost > 0 {
		t.Errorf("%d of %d that were acknowledged are lost", lost, c.taken.Load())
	}
}

// TestAMasterThatMayNotBeAloneStoresNothing: told so by its own settings, it refuses
// every write as a whole, and a serve can start meanwhile.
func TestAMasterThatMayNotBeAloneStoresNothing(t *testing.T) {
	t.Parallel()
	at := server(t)
	if _, err := openTest(t, "redis://"+at, "hokuto").Keep(t.Context(), "key", []byte("1")); err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: at})
	defer c.Close()
	if err := c.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err(); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, "redis://"+at, "hokuto")
	if kept, err := s.Keep(t.Context(), "key", []byte("2")); string(kept) != "1" || err != nil {
		t.Errorf("kept %q, %v", kept, err)
	}
	if err := s.Put(t.Context(), job("a")); err == nil || !strings.Contains(err.Error(), "NOREPLICAS") {
		t.Errorf("Put: %v", err)
	}
	if n := c.DBSize(t.Context()).Val(); n != 2 { // what was kept before
		t.Errorf("%d keys", n)
	}
}

// TestFollow reads what servers say of their replicas.
func TestFollow(t *testing.T) {
	const head = "# Replication\r\nrole:master\r\nconnected_slaves:1\r\n"
	for info, want := range map[string]struct {
		best time.Duration
		n    int
	}{
		"": {}, head: {},
		head + "slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1\r\n":                                                         {time.Second, 1},
		head + "slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=10\r\n":                                                        {},
		head + "slave0:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=0,lag=0\r\n":                                                     {},
		head + "slave0:ip=h,port=1,state=online,offset=1,lag=7,type=main-thread\r\nslave1:ip=i,port=1,state=online,offset=1,lag=3\r\n": {3 * time.Second, 2},
		head + "slave0:ip=h,port=1,state=online\r\nslave1:nonsense\r\nslave_repl_offset:14\r\n":                                        {},
	} {
		if best, n := follow(infoFields(info)); best != want.best || n != want.n {
			t.Errorf("%q: %v %d, want %+v", info, best, n, want)
		}
	}
}
