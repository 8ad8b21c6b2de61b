package redisstore

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

// TestACityOnItsWayToAnotherServerTakesNothing moves a slot from one master of a cluster
// to another, which has a replica, while many put jobs. A city's keys lie on both sides
// meanwhile: every verb is refused, also where the new server would take it, and what
// was acknowledged arrives as it was.
func TestACityOnItsWayToAnotherServerTakesNothing(t *testing.T) {
	t.Parallel()
	addrs := cluster(t)
	ctx := t.Context()
	s := openTest(t, "redis+cluster://"+addrs[0], "hokuto", "nonoichi", "miyoshi")
	cc := s.redis.(*redis.ClusterClient)
	holder := func(city string) *redis.Client {
		t.Helper()
		c, err := cc.MasterForKey(ctx, prefix(city))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	from, other := holder("hokuto"), ""
	for _, city := range s.cities {
		if holder(city) != from {
			other = city
		}
	}
	if other == "" {
		t.Fatal("all cities lie on one node")
	}
	to := holder(other)
	do := func(c *redis.Client, args ...any) *redis.Cmd {
		t.Helper()
		cmd := c.Do(ctx, args...)
		if err := cmd.Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return cmd
	}
	id := func(c *redis.Client) string { return do(c, "CLUSTER", "MYID").Val().(string) }
	follows(t, to, id(to))

	// A job that is done, one that waits, a record; and a crowd.
	now := time.Now()
	record := bot.Record{ID: "hokuto/v/1", City: "hokuto", Body: []byte("words"), Touched: now}
	done := bot.Change{Done: "hokuto/j/done", Fresh: &bot.Fresh{Lane: "l", Made: now}, Records: []bot.Record{record}}
	until(t, "a change is taken", func() bool { return s.Commit(ctx, "first", done) == nil })
	until(t, "a job waits", func() bool { return s.Put(ctx, job("waits")) == nil })
	crowd := crowd(t, s)
	until(t, "some are taken", func() bool { return crowd.taken.Load() >= 50 })

	slot := do(from, "CLUSTER", "KEYSLOT", prefix("hokuto")).Val()
	do(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", id(from))
	do(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", id(to))
	before := holds(ctx, t, from)
	refused := crowd.refused.Load()
	until(t, "all are refused", func() bool { return crowd.refused.Load() >= refused+16 })
	crowd.enough()

	n := 0
	keys := func(c *redis.Client) int64 { return do(c, "CLUSTER", "COUNTKEYSINSLOT", slot).Val().(int64) }
	refuses := func(when string) {
		t.Helper()
		n++
		for what, err := range map[string]error{
			"Put of what is done":  s.Put(ctx, job("done")),
			"Put":                  s.Put(ctx, job("new")),
			"Commit":               s.Commit(ctx, "t", bot.Change{Done: "hokuto/j/new", Fresh: &bot.Fresh{Lane: "n", Made: now}}),
			"Retry":                s.Retry(ctx, "t", "hokuto/j/waits", now),
			"Load":                 second(s.Load(ctx, record.ID)),
			"Load of what is none": second(s.Load(ctx, "hokuto/v/none")),
			"Sweep":                second(s.Sweep(ctx, now, time.Time{}, time.Time{})),
			"Facts":                second(s.Facts(ctx, "hokuto", "2026-01-01", "2026-12-31")),
		} {
			// The node that still has the one key that was asked for may answer.
			if !errors.Is(err, ErrMoving) && (what != "Facts" || err != nil) {
				t.Errorf("%s, %s: %v", when, what, err)
			}
		}
		// The other cities go on.
		theirs := bot.Job{ID: other + "/j/" + when, City: other, Lane: when, Kind: "k", Made: now}
		until(t, "a job of another city is taken", func() bool { return s.Put(ctx, theirs) == nil })
		until(t, "it is done by somebody", func() bool {
			j, _, err := s.Take(ctx, when, now.Add(time.Minute), time.Minute)
			return err == nil && j != nil && j.ID == theirs.ID && s.Commit(ctx, when, bot.Change{Done: j.ID}) == nil
		})
		if _, _, err := s.Take(ctx, "none", now, time.Minute); !errors.Is(err, ErrMoving) {
			t.Errorf("%s, nothing but jobs on their way: %v", when, err)
		}
	}
	refuses("begun")
	if n := keys(to); n != 0 {
		t.Fatalf("%d keys stand where nothing was brought", n)
	}
	host, port, _ := net.SplitHostPort(to.Options().Addr)
	bring := func(some int64) {
		t.Helper()
		for _, key := range do(from, "CLUSTER", "GETKEYSINSLOT", slot, some).Val().([]any) {
			do(from, "MIGRATE", host, port, key, 0, 60000)
		}
	}
	half := keys(from) / 2
	bring(half)
	refuses("half")
	if n := keys(to); n != half {
		t.Errorf("%d keys stand where %d were brought", n, half)
	}
	bring(1 << 20)
	refuses("brought")
	do(to, "CLUSTER", "SETSLOT", slot, "NODE", id(to))
	do(from, "CLUSTER", "SETSLOT", slot, "NODE", id(to))
	if after := holds(ctx, t, to); after != before {
		t.Errorf("it arrived otherwise than it was:\n%s\nbefore\n%s", after, before)
	}

	until(t, "it goes on", func() bool { return s.Put(ctx, job("after")) == nil })
	crowd.ids.Range(func(id, _ any) bool {
		if to.Exists(ctx, prefix("hokuto")+"job:hokuto/j/"+id.(string)).Val() != 1 {
			t.Errorf("%s was acknowledged and is lost", id)
		}
		return true
	})
	until(t, "what is done is known", func() bool { return s.Put(ctx, job("done")) == nil })
	if n := to.Exists(ctx, prefix("hokuto")+"job:hokuto/j/done").Val(); n != 0 {
		t.Error("what is done is there once more")
	}
	if n := keys(from); n != 0 {
		t.Errorf("%d keys are left behind", n)
	}
	c := &s.groupOf(to).copies
	until(t, "the new server's replica is waited for", func() bool {
		err := s.Put(ctx, job("done"))
		c.mu.Lock()
		defer c.mu.Unlock()
		return err == nil && c.known && c.followed()
	})
}

func second[T any](_ T, err error) error { return err }

// follows starts a replica for a master of a cluster and waits until it follows.
func follows(t *testing.T, master *redis.Client, id string) {
	t.Helper()
	ctx := t.Context()
	busPort := portOf(freeAddr(t))
	addr := server(t, "--cluster-enabled", "yes", "--cluster-port", busPort, "--repl-diskless-sync-delay", "0")
	c := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { c.Close() })
	host, port, _ := net.SplitHostPort(addr)
	if err := master.Do(ctx, "CLUSTER", "MEET", host, port, busPort).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "the replica knows its master", func() bool { return c.Do(ctx, "CLUSTER", "REPLICATE", id).Err() == nil })
	until(t, "the replica follows", func() bool {
		_, n := follow(infoFields(master.Info(ctx, "replication").Val()))
		return n == 1
	})
}

// holds is what a server holds of hokuto, the keys in order.
func holds(ctx context.Context, t *testing.T, c *redis.Client) string {
	t.Helper()
	var all bytes.Buffer
	if err := dump(ctx, c, &all); err != nil {
		t.Fatal(err)
	}
	return ofCity(all.String())
}

func ofCity(dumped string) string {
	var lines []string
	for line := range strings.Lines(dumped) {
		if strings.HasPrefix(line, prefix("hokuto")) {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
