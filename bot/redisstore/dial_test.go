package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

func TestParseURL(t *testing.T) {
	for url, want := range map[string]address{
		"redis://127.0.0.1:6379/0":                {kind: "single", hosts: []string{"127.0.0.1:6379"}},
		"redis://cache":                           {kind: "single", hosts: []string{"cache:6379"}},
		"redis://[::1]:7000/3/":                   {kind: "single", hosts: []string{"[::1]:7000"}, db: 3},
		"redis://[::1]":                           {kind: "single", hosts: []string{"[::1]:6379"}},
		"rediss://bot:p%40ss%2Fword@cache:7000/2": {kind: "single", tls: true, user: "bot", password: "p@ss/word", hosts: []string{"cache:7000"}, db: 2},
		"redis://:only@cache":                     {kind: "single", password: "only", hosts: []string{"cache:6379"}},
		"redis+sentinel://h1,h2:7/main/4":         {kind: "sentinel", hosts: []string{"h1:26379", "h2:7"}, master: "main", db: 4},
		"rediss+sentinel://u:p@h1/main":           {kind: "sentinel", tls: true, user: "u", password: "p", hosts: []string{"h1:26379"}, master: "main"},
		"redis+cluster://h1,h2:7001":              {kind: "cluster", hosts: []string{"h1:6379", "h2:7001"}},
		"rediss+cluster://:a@b@h1/0":              {kind: "cluster", tls: true, password: "a@b", hosts: []string{"h1:6379"}},
	} {
		got, err := parseURL(url)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", url, got, err, want)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	for _, url := range []string{"", "hunter2", "http://:hunter2@h", "redis://:hunter2@", "redis://:hunter2@h1,h2",
		"redis://:hunter2@h:port", "redis://:hunter2@h:70000", "redis://:hunter2@h/db", "redis://:hunter2@h/-1", "redis://:hunter2%zz@h",
		"redis+sentinel://:hunter2@h", "redis+sentinel://:hunter2@h/", "redis+cluster://:hunter2@h/1", "redis+cluster://:hunter2@h,",
		"redis://:hunter2@h?db=1", "redis://h:hunter2", "redis://:hunter2@h/1/2", "redis+unix:///tmp/hunter2",
		"redis+sentinel://u:12/hunter2@h1/0"} {
		_, err := Open(t.Context(), url, []string{"hokuto"})
		if err == nil {
			t.Errorf("%s: no error", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error repeats the password: %v", url, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	url := "redis://" + server(t)
	for _, cities := range [][]string{nil, {""}, {"a/b"}, {"{a}"}} {
		if _, err := Open(t.Context(), url, cities); err == nil {
			t.Errorf("cities %q: no error", cities)
		}
	}
	s := openTest(t, url, "hokuto")
	if err := s.redis.HSet(t.Context(), "tsunagu:schema", "version", "2").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), url, []string{"hokuto"}); err == nil || !strings.Contains(err.Error(), "newer tsunagu (schema 2") {
		t.Errorf("newer data: %v", err)
	}
}

func job(id string) bot.Job {
	return bot.Job{ID: "hokuto/j/" + id, City: "hokuto", Lane: id, Due: time.Unix(1, 0), Made: time.Unix(1, 0)}
}

// TestServerAway: while Redis is away every verb is an error, and afterwards the
// same store works and has everything that was answered.
func TestServerAway(t *testing.T) {
	first, second := &process{}, &process{}
	args := []string{"--appendonly", "yes", "--appendfsync", "always", "--requirepass", "hunter2"}
	addr := first.start(t, "", t.TempDir(), args...)
	s := openTest(t, "redis://:hunter2@"+addr, "hokuto")
	ctx := t.Context()
	for i := range 20 {
		if err := s.Put(ctx, job(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	first.kill()
	err := s.Put(ctx, job("away"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Put without Redis: %v", err)
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("Ping without Redis: no error")
	}
	second.start(t, addr, first.dir, args...)
	if n, _, err := s.Waiting(ctx, time.Now()); err != nil || n != 20 {
		t.Errorf("afterwards %d jobs (%v), want 20", n, err)
	}
	if err := s.Put(ctx, job("back")); err != nil { // the scripts are sent again
		t.Error(err)
	}
	if _, err := Open(ctx, "redis://:wrong-hunter3@"+addr, []string{"hokuto"}); err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("a wrong password: %v", err)
	}
}

// TestSlotMoves: a city that moves to another node is followed.
func TestSlotMoves(t *testing.T) {
	addrs := cluster(t)
	s := openTest(t, "redis+cluster://"+addrs[0], "hokuto", "nonoichi", "miyoshi")
	ctx := t.Context()
	cc := s.redis.(*redis.ClusterClient)
	held := map[*redis.Client]bool{}
	for _, city := range s.cities {
		c, err := cc.MasterForKey(ctx, prefix(city))
		if err != nil {
			t.Fatal(err)
		}
		held[c] = true
	}
	if len(held) != 2 {
		t.Fatalf("the cities lie on %d nodes: the suite does not try a cluster", len(held))
	}
	from, err := cc.MasterForKey(ctx, prefix("hokuto"))
	if err != nil {
		t.Fatal(err)
	}
	to := redis.NewClient(&redis.Options{Addr: addrs[0]})
	if addrs[0] == from.Options().Addr {
		to.Close()
		to = redis.NewClient(&redis.Options{Addr: addrs[1]})
	}
	defer to.Close()
	id, err := to.Do(ctx, "CLUSTER", "MYID").Text()
	if err != nil {
		t.Fatal(err)
	}
	slot, err := from.Do(ctx, "CLUSTER", "KEYSLOT", prefix("hokuto")).Int()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*redis.Client{to, from} {
		if err := c.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", id).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(ctx, job("moved")); err != nil {
		t.Fatal(err)
	}
	j, _, err := s.Take(ctx, "t", time.Now(), time.Minute)
	if err != nil || j == nil {
		t.Fatalf("Take: %v, %v", j, err)
	}
	if err := s.Commit(ctx, "t", bot.Change{Done: j.ID}); err != nil {
		t.Error(err)
	}
	if n, err := to.Exists(ctx, prefix("hokuto")+"done").Result(); n != 1 || err != nil {
		t.Errorf("the new node does not hold the city (%v)", err)
	}
}

// TestOpenSaysWhatMayPass: who starts with its server knows what to wait for.
func TestOpenSaysWhatMayPass(t *testing.T) {
	ctx := t.Context()
	opens := func(what, url string, want error) {
		t.Helper()
		s, err := Open(ctx, url, []string{"hokuto"})
		if err == nil {
			s.Close()
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	nobody := freeAddr(t)
	opens("nobody listens", "redis://"+nobody, ErrNoAnswer)
	opens("no Sentinel listens", "redis+sentinel://"+nobody+"/main/0", ErrNoAnswer)
	opens("no node listens", "redis+cluster://"+nobody, ErrNoAnswer)

	addr := server(t)
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	if err := errors.Join(c.ConfigSet(ctx, "replica-serve-stale-data", "no").Err(), c.SlaveOf(ctx, "127.0.0.1", "1").Err()); err != nil {
		t.Fatal(err)
	}
	opens("a replica that has no master", "redis://"+addr, ErrNotReady)

	node := server(t, "--cluster-enabled", "yes", "--cluster-port", portOf(freeAddr(t)))
	opens("a cluster without slots", "redis+cluster://"+node, ErrNotReady)
	n := redis.NewClient(&redis.Options{Addr: node})
	defer n.Close()
	if err := n.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", 0, 100).Err(); err != nil {
		t.Fatal(err)
	}
	opens("a cluster without these slots", "redis+cluster://"+node, ErrNotReady)
}

// TestSentinel asks a real Sentinel for the master.
func TestSentinel(t *testing.T) {
	host, port, _ := net.SplitHostPort(server(t))
	dir := t.TempDir()
	conf := filepath.Join(dir, "sentinel.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "sentinel monitor main %s %s 1\n", host, port), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{before: []string{conf, "--sentinel"}}
	addr := p.start(t, "", dir)
	s := openTest(t, "redis+sentinel://127.0.0.1:1,"+addr+"/main/2", "hokuto")
	if err := s.Put(t.Context(), job("a")); err != nil {
		t.Fatal(err)
	}
	if n := s.redis.(*redis.Client).Options().DB; n != 2 {
		t.Errorf("database %d, want 2", n)
	}
	if n, err := redis.NewClient(&redis.Options{Addr: net.JoinHostPort(host, port), DB: 2}).Exists(t.Context(), prefix("hokuto")+"due").Result(); n != 1 || err != nil {
		t.Errorf("the master does not hold the job (%v)", err)
	}
}

func TestReadSlots(t *testing.T) {
	node := func(host any, port int64) []any { return []any{host, port, "id", []any{"hostname", "x"}} }
	got, err := readSlots("10.0.0.9:7000", []any{
		[]any{int64(0), int64(99), node("10.0.0.1", 6379), node("10.0.0.2", 6380)},
		[]any{int64(100), int64(16383), node("", 7000)},
		[]any{int64(7), int64(7), node(nil, 7001)},
	})
	want := []redis.ClusterSlot{
		{Start: 0, End: 99, Nodes: []redis.ClusterNode{{Addr: "10.0.0.1:6379"}, {Addr: "10.0.0.2:6380"}}},
		{Start: 100, End: 16383, Nodes: []redis.ClusterNode{{Addr: "10.0.0.9:7000"}}},
		{Start: 7, End: 7, Nodes: []redis.ClusterNode{{Addr: "10.0.0.9:7001"}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	for _, bad := range [][]any{{}, {"x"}, {[]any{int64(1), int64(2)}}, {[]any{int64(1), "2", node("h", 1)}},
		{[]any{int64(1), int64(2), "node"}}, {[]any{int64(1), int64(2), []any{"h", "port"}}}} {
		if _, err := readSlots("h:1", bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

func TestAContextEndsAWait(t *testing.T) {
	// A listener that never answers.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = Open(ctx, "redis://"+l.Addr().String(), []string{"hokuto"})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > ioTimeout {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
