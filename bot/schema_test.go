package bot_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
	"tsunagu/bot/storetest"
	"tsunagu/handoff"
)

var schemaWrite = flag.Bool("schema.write", false, "write testdata's fixtures of the present schemas, where they are missing")

// fixture is what the people know of a store that an earlier release wrote, in
// testdata beside it.
type fixture struct {
	Now     time.Time
	Button  string // on the question that the resident "guide" sees
	Event   string // an ID that was seen
	Cases   map[string]string
	Cards   []fixedCard
	Counter int
}

type fixedCard struct {
	Box  string
	Spot handoff.Spot
	Card handoff.Card
}

// TestDataOfEverySchemaGoesOn opens what each earlier release wrote, and lets
// people go on where they were.
func TestDataOfEverySchemaGoesOn(t *testing.T) {
	for _, store := range []string{"sqlite", "redis"} {
		present := filepath.Join("testdata", store+"-"+presentSchema(t, store))
		if _, err := os.Stat(present + ".json"); *schemaWrite && os.IsNotExist(err) {
			writeFixture(t, store, present)
		}
		all, err := filepath.Glob("testdata/" + store + "-*.json")
		if err != nil || !slices.Contains(all, present+".json") {
			t.Errorf("there is no fixture %s.json for the present schema; write it with -schema.write (%v)", present, err)
		}
		for _, name := range all {
			name = strings.TrimSuffix(name, ".json")
			t.Run(filepath.Base(name), func(t *testing.T) { goOn(t, store, name) })
		}
	}
}

// goOn opens a copy of the fixture half an hour after it was written.
func goOn(t *testing.T, store, name string) {
	var fx fixture
	raw, err := os.ReadFile(name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &fx)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := schemaWorld(t, store, name)
	w.now, w.n, w.desk.n = fx.Now.Add(30*time.Minute), fx.Counter, fx.Counter
	for _, c := range fx.Cards {
		s := &standing{card: c.Card, spot: c.Spot, box: c.Box, posted: 1}
		w.desk.stood, w.desk.cards[c.Card.Case] = append(w.desk.stood, s), s
	}
	known := func(user string) handoff.Case {
		t.Helper()
		k, err := w.bot.Case(w.ctx, w.towns[0].ID, fx.Cases[user])
		if err != nil {
			t.Fatalf("%s: %v", user, err)
		}
		return k
	}

	// What waited is done: an answer that LINE did not take, a card Slack did not.
	w.phone.mark()
	w.pass(11 * time.Minute)
	has(t, w.phone.since("unheard"), "[greeting.short]")
	if s := w.desk.cards[fx.Cases["uncarded"]]; s == nil || s.posted != 1 {
		t.Errorf("the card that waited: %+v", s)
	}
	// An event of then changes nothing, and a button of then leads on.
	again := w.event("guide", bot.Text)
	again.ID, again.Text, again.Message = fx.Event, "介護", "m0"
	w.accept(again)
	if got := w.phone.since("guide"); got != "" {
		t.Errorf("the same event again was answered: %s", got)
	}
	has(t, w.tapsData("guide", fx.Button), "だれのことですか")
	// Words of then stand in the consent, and on the card.
	has(t, w.says("guide", "職員に相談する"), "介護")
	// An open case can be claimed and answered, its words are there.
	open := known("open")
	has(t, strings.Join(w.desk.cards[open.ID].card.Words, ""), "母のことで困っています")
	w.clicks("USTAFFa", "claim", open)
	if k := known("open"); k.Owner != "USTAFFa" || k.Receipt != open.Receipt {
		t.Errorf("after a claim: %+v", k)
	}
	w.clicks("USTAFFa", "reply", open, text("お返事です"))
	has(t, w.phone.since("open"), "お返事です")
	w.says("open", "ありがたいです")
	has(t, w.desk.thread(), "ありがたいです")
	// A claimed case keeps its owner: nobody else can take it.
	w.clicks("USTAFFb", "claim", known("claimed"))
	if k := known("claimed"); k.Owner != "USTAFFa" {
		t.Errorf("the owner of a claimed case: %q", k.Owner)
	}
	w.clicks("USTAFFa", "reply", known("claimed"), text("つづきのお返事です"))
	has(t, w.phone.since("claimed"), "つづきのお返事です")
	// A closed one opens again with new words, found by its number.
	has(t, w.says("closed", "また困っています"), "[reopened]")
	k, err := w.bot.Find(w.ctx, w.towns[0].ID, "receipt/"+known("closed").Receipt)
	if err != nil || k.State == handoff.Closed {
		t.Errorf("the closed case: %v %v", k.State, err)
	}
	if deeds := w.trail("", "", 100); len(deeds) < 8 {
		t.Errorf("the audit holds %d deeds", len(deeds))
	}
	w.pass(time.Hour)
}

// writeFixture lets people come as far as every kind of record and job.
func writeFixture(t *testing.T, store, name string) {
	t.Helper()
	w := schemaWorld(t, store, "")
	fx := fixture{Cases: map[string]string{}}
	w.says("guide", "介護")
	fx.Event, fx.Button = w.last.ID, w.phone.data("guide", "これで全部")
	w.says("open", "母のことで困っています")
	fx.Cases["open"] = w.consults("open").ID
	claimed := w.consults("claimed")
	w.clicks("USTAFFa", "claim", claimed)
	w.clicks("USTAFFa", "reply", claimed, text("はじめのお返事です"))
	fx.Cases["claimed"] = claimed.ID
	fx.Cases["closed"] = w.closedCase("closed").ID
	w.desk.away = true
	fx.Cases["uncarded"] = w.consults("uncarded").ID
	w.phone.down = true
	w.says("unheard", "介護")
	fx.Now, fx.Counter = w.now, w.n+w.desk.n
	for _, s := range w.desk.stood {
		fx.Cards = append(fx.Cards, fixedCard{s.box, s.spot, s.card})
	}
	raw, err := json.MarshalIndent(fx, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	data, ext := []byte(nil), ".db"
	if store == "redis" {
		data, ext = commandsOf(t, w.path), ".resp"
	} else if data, err = os.ReadFile(w.path); err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string][]byte{name + ext: data, name + ".json": raw} {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// schemaWorld is a world on a store of that kind, filled from the fixture unless
// name is "".
func schemaWorld(t *testing.T, store, name string) *world {
	t.Helper()
	w := blankWorld(t)
	if store == "redis" {
		w.path = redisServer(t)
		if name != "" {
			feed(t, w.path, name+".resp")
		}
		w.opener = func(cities []string) (bot.Store, error) {
			return redisstore.Open(w.ctx, "redis://"+w.path+"/0", cities)
		}
	} else if name != "" {
		raw, err := os.ReadFile(name + ".db")
		if err == nil {
			err = os.WriteFile(w.path, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.open()
	t.Cleanup(func() { w.store.Close() })
	return w
}

// presentSchema is the number of the schema that this release writes.
func presentSchema(t *testing.T, store string) string {
	t.Helper()
	if store == "redis" {
		addr := redisServer(t)
		s, err := redisstore.Open(t.Context(), "redis://"+addr+"/0", []string{"komachi"})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c := redis.NewClient(&redis.Options{Addr: addr})
		defer c.Close()
		v, err := c.HGet(t.Context(), "tsunagu:schema", "version").Result()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	path := filepath.Join(t.TempDir(), "town.db")
	s, err := sqlitestore.Open(path, []string{"komachi"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var v int
	if err := db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v)
}

// redisServer starts a Redis of the test's own.
func redisServer(t *testing.T) (addr string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("this test needs a real redis-server: ", err)
	}
	addr, err = storetest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	// The client itself repeats until the server listens.
	c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: 2000, MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 50 * time.Millisecond})
	defer c.Close()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return addr
}

// commandsOf are the commands, as Redis reads them, that make all it holds.
func commandsOf(t *testing.T, addr string) []byte {
	t.Helper()
	ctx := t.Context()
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	var out bytes.Buffer
	for _, key := range keys {
		args := []string{"SET", key, ""}
		switch kind := c.Type(ctx, key).Val(); kind {
		case "string":
			args[2] = c.Get(ctx, key).Val()
		case "hash":
			args = []string{"HSET", key}
			all := c.HGetAll(ctx, key).Val()
			for _, name := range slices.Sorted(maps.Keys(all)) {
				args = append(args, name, all[name])
			}
		case "zset":
			args = []string{"ZADD", key}
			for _, z := range c.ZRangeWithScores(ctx, key, 0, -1).Val() {
				args = append(args, fmt.Sprintf("%.17g", z.Score), fmt.Sprint(z.Member))
			}
		case "list":
			args = append([]string{"RPUSH", key}, c.LRange(ctx, key, 0, -1).Val()...)
		case "set":
			args = append([]string{"SADD", key}, c.SMembers(ctx, key).Val()...)
		default:
			t.Fatalf("key %s is a %s", key, kind)
		}
		fmt.Fprintf(&out, "*%d\r\n", len(args))
		for _, a := range args {
			fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(a), a)
		}
	}
	return out.Bytes()
}

// feed gives a Redis the commands of a file.
func feed(t *testing.T, addr, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := c.Write(append(raw, "PING\r\n"...)); err != nil {
		t.Fatal(err)
	}
	for answers := bufio.NewReader(c); ; {
		line, err := answers.ReadString('\n')
		if err != nil || line[0] == '-' {
			t.Fatalf("Redis refused a command: %s %v", line, err)
		}
		if strings.HasPrefix(line, "+PONG") {
			return
		}
	}
}
