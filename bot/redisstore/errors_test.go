package redisstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

// step is one call of a store, and what it answers.
type step struct {
	name string
	do   func(context.Context, *Store) (any, error)
}

var stepTime = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// steps touch every kind of key in every way. Each begins where the one before has ended.
func steps() []step {
	now := stepTime
	later := now.Add(time.Minute)
	put := func(id, lane string, due time.Time, h *bot.Hold) bot.Job {
		return bot.Job{ID: "hokuto/j/" + id, City: "hokuto", Lane: lane, Kind: "k", Due: due, Made: now, Body: []byte(id), Hold: h}
	}
	hold := func(token string) *bot.Hold {
		return &bot.Hold{Token: token, Until: later, Load: "hokuto/c/1"}
	}
	kase := func(id, state, owner, field string, keys ...string) bot.Record {
		return bot.Record{ID: "hokuto/c/" + id, City: "hokuto", Body: []byte("case " + id + owner), Keys: keys, State: state, Owner: owner, Field: field,
			Due: later, Touched: now, Expires: now.Add(time.Hour)}
	}
	talk := func(id, body string, expires time.Time) bot.Record {
		return bot.Record{ID: "hokuto/v/" + id, City: "hokuto", Body: []byte(body), Touched: now, Expires: expires}
	}
	facts := func(n int) []bot.Fact {
		return []bot.Fact{{City: "hokuto", Day: "2026-11-24", Name: "a", N: n}, {City: "hokuto", Day: "2026-11-23", Name: "b", N: 1}}
	}
	puts := func(name string, jobs func() []bot.Job) step {
		return step{name, func(ctx context.Context, s *Store) (any, error) {
			all := jobs()
			err := s.Put(ctx, all...)
			return granted(all), err
		}}
	}
	takes := func(token string, at time.Time) step {
		return step{"take " + token, func(ctx context.Context, s *Store) (any, error) {
			j, next, err := s.Take(ctx, token, at, time.Minute)
			if j == nil {
				return next, err
			}
			return fmt.Sprintf("%+v", *j), err
		}}
	}
	commits := func(name, token string, change func() bot.Change) step {
		return step{name, func(ctx context.Context, s *Store) (any, error) {
			ch := change()
			ch.Done = "hokuto/j/" + ch.Done
			err := s.Commit(ctx, token, ch)
			return granted(ch.Put), err
		}}
	}
	return []step{
		commits("a first change", "f1", func() bot.Change {
			return bot.Change{Done: "f1", Fresh: &bot.Fresh{Lane: "l1", Made: now}, Facts: facts(2),
				Records: []bot.Record{kase("1", "open", "", "elderly", "receipt/みかん-4821", "thread/C01/1"), talk("1", "first words", later)},
				Put:     []bot.Job{put("card", "cards", time.Time{}, hold("h1")), put("timer", "l1", now.Add(time.Second), nil)}}
		}),
		puts("jobs", func() []bot.Job {
			return []bot.Job{put("a", "l2", time.Time{}, hold("h2")), put("b", "l2", time.Time{}, nil), put("c", "l3", time.Time{}, nil), put("d", "l1", now.Add(2*time.Second), nil)}
		}),
		takes("t1", now), // c
		{"retry", func(ctx context.Context, s *Store) (any, error) {
			return nil, s.Retry(ctx, "t1", "hokuto/j/c", now.Add(3*time.Second))
		}},
		takes("t2", now.Add(10*time.Second)), // wakes c and the timers
		takes("t3", now.Add(10*time.Second)),
		commits("a change of a job that was taken", "t3", func() bot.Change {
			return bot.Change{Done: "c", Gone: []string{"hokuto/v/1"}, Facts: facts(3),
				Records: []bot.Record{kase("1", "claimed", "U1", "child", "receipt/みかん-4821", "thread/C02/2"), talk("2", "second words", time.Time{})},
				Put:     []bot.Job{put("next", "l3", time.Time{}, hold("h3")), put("more", "l3", time.Time{}, nil), put("later", "l4", later, nil)}}
		}),
		commits("a held job ends", "h2", func() bot.Change { return bot.Change{Done: "a", Forget: true} }),
		commits("a case is closed", "t2", func() bot.Change {
			return bot.Change{Done: "timer", Records: []bot.Record{kase("1", "closed", "", "child", "receipt/みかん-4821"), talk("2", "third words", later)}}
		}),
		{"fill", func(ctx context.Context, s *Store) (any, error) {
			j := put("from elsewhere", "l5", time.Time{}, nil)
			j.Takes = 1
			return nil, s.Fill(ctx, bot.Page{Records: []bot.Record{kase("2", "open", "U2", "poverty", "receipt/りんご-1111")},
				Jobs: []bot.Job{j, put("and this", "l6", time.Time{}, nil)}, Done: []bot.Job{{ID: "hokuto/j/old", City: "hokuto", Made: now.Add(-time.Hour)}},
				Facts: []bot.Fact{{City: "hokuto", Day: "2025-01-01", Name: "a", N: 7}}})
		}},
		{"keep", func(ctx context.Context, s *Store) (any, error) { return s.Keep(ctx, "key", []byte("value")) }},
		{"swap", func(ctx context.Context, s *Store) (any, error) {
			return s.Swap(ctx, "hokuto/c/2", []byte("case 2U2"), []byte("case two"))
		}},
		{"sweep", func(ctx context.Context, s *Store) (any, error) {
			removed, err := s.Sweep(ctx, now.Add(2*time.Hour), now.Add(-time.Minute), now)
			slices.Sort(removed)
			return removed, err
		}},
	}
}

// granted says which jobs came with their lease, and with what record.
func granted(jobs []bot.Job) (all []string) {
	for _, j := range jobs {
		if j.Hold != nil && j.Hold.Got {
			all = append(all, fmt.Sprintf("%s %+v", j.ID, j.Hold.Record))
		}
	}
	return all
}

// picture is all that a server holds, to be compared and to be put back.
type picture struct {
	text string
	keys map[string]string // as DUMP gives them
}

// inWords writes all keys and what they hold, in order.
var inWords = redis.NewScript(`
local lines, keys = {}, redis.call('KEYS', '*')
table.sort(keys)
for i, key in ipairs(keys) do
  local kind, parts = redis.call('TYPE', key).ok, {}
  if kind == 'hash' then
    local all = redis.call('HGETALL', key)
    for f = 1, #all, 2 do parts[#parts+1] = all[f]..'='..all[f+1] end
    table.sort(parts)
  elseif kind == 'zset' then
    parts = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  else
    parts = {redis.call('GET', key)}
  end
  lines[i] = key..': '..table.concat(parts, ' ')
end
return table.concat(lines, '\n')`)

func text(t *testing.T, c *redis.Client) string {
	t.Helper()
	words, err := inWords.Run(t.Context(), c, nil).Text()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func take(t *testing.T, c *redis.Client) picture {
	t.Helper()
	p := picture{text: text(t, c), keys: map[string]string{}}
	for _, key := range c.Keys(t.Context(), "*").Val() {
		p.keys[key] = c.Dump(t.Context(), key).Val()
	}
	return p
}

func (p picture) restore(t *testing.T, c *redis.Client) {
	t.Helper()
	_, err := c.Pipelined(t.Context(), func(pipe redis.Pipeliner) error {
		pipe.FlushAll(t.Context())
		for key, value := range p.keys {
			pipe.Restore(t.Context(), key, 0, value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walk goes through the steps without any trouble: the pictures before and after
// each, and its answer.
func walk(t *testing.T, s *Store, c *redis.Client, each func(st step, before, after picture, answer string)) {
	t.Helper()
	for _, st := range steps() {
		before := take(t, c)
		v, err := st.do(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", st.name, err)
		}
		after := take(t, c)
		if after.text == before.text {
			t.Fatalf("%s changes nothing", st.name)
		}
		each(st, before, after, fmt.Sprint(v))
		after.restore(t, c)
	}
}

// TestAnErrorInAScriptLeavesNoPart lets every step of a store's life fail at every key
// that it touches, one after the other, and takes it again when the key is mended:
// nothing is written in part, nothing lost, nothing twice.
func TestAnErrorInAScriptLeavesNoPart(t *testing.T) {
	t.Parallel()
	addr := server(t)
	s := openTest(t, "redis://"+addr, "hokuto")
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const aside = "aside"
	failed := 0
	walk(t, s, c, func(st step, before, after picture, answer string) {
		keys := map[string]bool{}
		for _, p := range []picture{before, after} {
			for key := range p.keys {
				keys[key] = true
			}
		}
		for key := range keys {
			before.restore(t, c)
			_, stood := before.keys[key]
			if stood {
				must(c.Rename(ctx, key, aside).Err())
			}
			if strings.HasSuffix(key, ":seq") {
				must(c.HSet(ctx, key, "no", "number").Err())
			} else {
				must(c.Set(ctx, key, "neither hash nor zset", 0).Err())
			}
			broken := text(t, c)
			v, err := st.do(ctx, s)
			if err != nil {
				failed++
				if got := text(t, c); got != broken {
					t.Errorf("%s, %s is broken: a part is written:\n%s\nbefore\n%s", st.name, key, got, broken)
				}
			}
			must(c.Del(ctx, key).Err())
			if stood {
				must(c.Rename(ctx, aside, key).Err())
			}
			if err != nil {
				v, err = st.do(ctx, s)
			}
			if got := text(t, c); err != nil || fmt.Sprint(v) != answer || got != after.text {
				t.Errorf("%s, %s was broken: %v %v, want %s; it holds\n%s\nwant\n%s", st.name, key, v, err, answer, got, after.text)
			}
		}
	})
	if failed < 100 {
		t.Errorf("only %d calls failed", failed)
	}
}

// TestWhatAServerRefusesIsWholeOrNothing: without memory, without a disk, as a replica
// and without one a server refuses, and what it refuses is not there in part.
func TestWhatAServerRefusesIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	p := &process{}
	addr := p.start(t, "", t.TempDir())
	s := openTest(t, "redis://"+addr, "hokuto")
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	ctx := t.Context()
	set := func(name, value string) func() error {
		return func() error { return c.ConfigSet(ctx, name, value).Err() }
	}
	// Without its folder it cannot save.
	if err := errors.Join(os.RemoveAll(p.dir), set("stop-writes-on-bgsave-error", "no")(), set("save", "3600 100000")(), c.BgSave(ctx).Err()); err != nil {
		t.Fatal(err)
	}
	until(t, "saving fails", func() bool {
		return infoFields(c.Info(ctx, "persistence").Val())["rdb_last_bgsave_status"] == "err"
	})
	troubles := map[string]struct{ begin, end func() error }{
		"OOM":        {set("maxmemory", "1"), set("maxmemory", "0")},
		"MISCONF":    {set("stop-writes-on-bgsave-error", "yes"), set("stop-writes-on-bgsave-error", "no")},
		"NOREPLICAS": {set("min-replicas-to-write", "1"), set("min-replicas-to-write", "0")},
		"READONLY": {func() error { return c.SlaveOf(ctx, "127.0.0.1", "1").Err() },
			func() error { return c.SlaveOf(ctx, "NO", "ONE").Err() }},
	}
	walk(t, s, c, func(st step, before, after picture, answer string) {
		for code, trouble := range troubles {
			before.restore(t, c)
			if err := trouble.begin(); err != nil {
				t.Fatal(err)
			}
			v, err := st.do(ctx, s)
			switch {
			case err == nil && code != "OOM": // what frees memory is not refused for it
				t.Errorf("%s: %s is not refused", code, st.name)
			case err != nil:
				if !strings.Contains(err.Error(), code) {
					t.Errorf("%s: %s: %v", code, st.name, err)
				}
				if got := text(t, c); got != before.text {
					t.Errorf("%s: %s is refused and written in part:\n%s\nbefore\n%s", code, st.name, got, before.text)
				}
			}
			refused := err != nil
			if err := trouble.end(); err != nil {
				t.Fatal(err)
			}
			if refused {
				v, err = st.do(ctx, s)
			}
			if got := text(t, c); err != nil || fmt.Sprint(v) != answer || got != after.text {
				t.Errorf("%s: %s afterwards: %v %v, want %s; it holds\n%s\nwant\n%s", code, st.name, v, err, answer, got, after.text)
			}
		}
	})
}

// TestAUserWithTheGuidesRightsIsEnough: a user who may do less than is needed would find
// out in the middle of a script.
func TestAUserWithTheGuidesRightsIsEnough(t *testing.T) {
	t.Parallel()
	addr := server(t)
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	ctx := t.Context()
	user := []any{"ACL", "SETUSER", "tsunagu", "on", ">secret"}
	for right := range strings.FieldsSeq("~tsunagu:* +@all -@admin -@dangerous +info +bgrewriteaof +config|get") {
		user = append(user, right)
	}
	if err := c.Do(ctx, user...).Err(); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, "redis://tsunagu:secret@"+addr, "hokuto")
	for _, st := range steps() {
		if _, err := st.do(ctx, s); err != nil {
			t.Errorf("%s: %v", st.name, err)
		}
	}
	_, _, waiting := s.Waiting(ctx, stepTime)
	all, health := s.Health(ctx)
	_, facts := s.Facts(ctx, "hokuto", "2026-01-01", "2026-12-31")
	_, queues := s.Queues(ctx, stepTime)
	_, _, dumped := s.Dump(ctx, "", 10)
	_, found := s.Load(ctx, "hokuto/v/none")
	if err := errors.Join(s.Ping(ctx), waiting, health, facts, queues, dumped, s.Rewrite(ctx)); err != nil || !errors.Is(found, bot.ErrNotFound) {
		t.Errorf("%v, %v", err, found)
	}
	if len(all) != 1 || all[0].Fsync == "" {
		t.Errorf("health: %+v", all)
	}
}
