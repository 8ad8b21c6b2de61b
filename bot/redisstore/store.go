// Package redisstore keeps a bot.Store in Redis 6 or newer: one server, one
// behind Sentinel, or a cluster. Several serves may share it.
//
// Each verb happens in one Lua script: at once or not at all, also where one script runs
// the Puts and Commits of many callers, and where it finds a key that is none of ours.
// All keys of a city begin with "tsunagu:{city}:", which a cluster keeps in one slot.
// A Put survives a crash of the server only with appendfsync always, and a
// fail-over when a replica followed: what no replica has yet is not acknowledged.
package redisstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

//go:embed lua/*.lua
var sources embed.FS

// version is the form of the keys, kept beside them.
const version = "1"

// sealEnd is how many bytes at the end of a body tell it from any other: bodies are
// sealed, and a seal's tag stands there.
const sealEnd = 32

const sweepBatch = 200 // of each kind that one script removes

// Store is a bot.Store in Redis. Its handles may be many, in many processes.
type Store struct {
	redis  redis.UniversalClient
	cities []string
	turn   atomic.Uint64 // which city Take tries first
	groups sync.Map      // redis.UniversalClient → *group
	moving sync.Mutex    // held by who looks for a cluster's slots
	close  func() error

	apply, take, retry, find, cases, sweep, list, dump, fill, keep, once, swap, queues *redis.Script
}

var _ bot.Store = (*Store)(nil)

// Open connects to the Redis that url names, for the given cities: redis:// or
// rediss://host/db, redis+sentinel://h1,h2/master/db, redis+cluster://h1,h2,
// each with user:password@ before the hosts when needed. It fails when Redis
// does not answer before ctx ends (ErrNoAnswer), when it cannot serve yet
// (ErrNotReady), or when a newer program wrote the data.
func Open(ctx context.Context, url string, cities []string) (*Store, error) {
	a, err := parseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	if len(cities) == 0 {
		return nil, errors.New("redisstore: no cities given")
	}
	for _, c := range cities {
		if c == "" || strings.ContainsAny(c, "/{}") {
			return nil, fmt.Errorf("redisstore: city %q: must not be empty or have a slash or braces", c)
		}
	}
	s := &Store{redis: a.client(), cities: slices.Clone(cities)}
	s.close = sync.OnceValue(s.redis.Close)
	for name, script := range map[string]**redis.Script{"apply": &s.apply, "take": &s.take, "retry": &s.retry,
		"find": &s.find, "cases": &s.cases, "sweep": &s.sweep, "list": &s.list, "dump": &s.dump,
		"fill": &s.fill, "keep": &s.keep, "once": &s.once, "swap": &s.swap, "queues": &s.queues} {
		common, err1 := sources.ReadFile("lua/common.lua")
		verb, err2 := sources.ReadFile("lua/" + name + ".lua")
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("redisstore: %w", err)
		}
		*script = redis.NewScript(string(common) + string(verb))
	}
	kept, err := s.keepIn(ctx, "tsunagu:schema", "version", []byte(version))
	if err == nil && string(kept) != version {
		err = fmt.Errorf("the data was written by a newer tsunagu (schema %s, this one knows %s)", kept, version)
	}
	if err == nil {
		err = s.ready(ctx)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("redisstore: %s: %w", strings.Join(a.hosts, ","), lasting(err))
	}
	return s, nil
}

// Close implements bot.Store.
func (s *Store) Close() error { return s.close() }

func prefix(city string) string { return "tsunagu:{" + city + "}:" }

// run runs a verb's script on the keys of a city.
func (s *Store) run(ctx context.Context, script *redis.Script, city string, args ...any) (any, error) {
	return s.runOn(ctx, script, prefix(city), args...)
}

func (s *Store) runOn(ctx context.Context, script *redis.Script, key string, args ...any) (any, error) {
	var v any
	err := s.on(ctx, key, func(c redis.UniversalClient) (err error) {
		v, err = s.groupOf(c).run(&call{ctx: ctx, script: script, key: key, args: args, joins: script == s.apply})
		return err
	})
	return v, err
}

// Ping says whether every server that holds a city answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.each(ctx, s.cities, func(c redis.UniversalClient, _ []string) error { return c.Ping(ctx).Err() })
}

// Put implements bot.Store.
func (s *Store) Put(ctx context.Context, jobs ...bot.Job) error {
	city, err := bot.JobsCity(jobs)
	if err != nil {
		return fmt.Errorf("redisstore: put: %w", err)
	}
	if len(jobs) == 0 {
		return ctx.Err()
	}
	if !slices.Contains(s.cities, city) {
		return fmt.Errorf("redisstore: put: the store was not opened with city %q", city)
	}
	v, err := s.run(ctx, s.apply, city, jobArgs([]any{"put"}, jobs)...)
	return s.granted(jobs, v, err)
}

// granted reads the answer of a script that puts jobs: a letter for each, as apply.lua
// gives them, and the records that are asked for.
func (s *Store) granted(jobs []bot.Job, v any, err error) error {
	letters, _ := v.(string)
	var records []any
	if list, ok := v.([]any); ok && len(list) > 0 {
		letters, _ = list[0].(string)
		records = list[1:]
	}
	if err != nil || len(letters) != len(jobs) || strings.Trim(letters, "012") != "" || strings.Count(letters, "2") != len(records) {
		return s.verdict(v, err)
	}
	for i, j := range jobs {
		if letters[i] == '0' || j.Hold == nil {
			continue
		}
		if letters[i] == '2' {
			got, err := readRecord(j.City, records[0])
			if err != nil {
				return err
			}
			j.Hold.Record, records = &got, records[1:]
		}
		j.Hold.Got = true
	}
	return nil
}

// jobArgs adds the jobs after their number.
func jobArgs(args []any, jobs []bot.Job) []any {
	args = append(args, len(jobs))
	for _, j := range jobs {
		var h bot.Hold
		if j.Hold != nil {
			h = *j.Hold
		}
		args = append(jobFields(args, j), h.Token, micros(h.Until), h.Load)
	}
	return args
}

func jobFields(args []any, j bot.Job) []any {
	due := j.Due
	if due.IsZero() {
		due = j.Made
	}
	return append(args, j.ID, j.Lane, j.Kind, micros(due), j.Tries, micros(j.Made), j.Body)
}

// Take implements bot.Store.
func (s *Store) Take(ctx context.Context, token string, now time.Time, lease time.Duration) (*bot.Job, time.Time, error) {
	if token == "" {
		return nil, time.Time{}, errors.New("redisstore: take: empty token")
	}
	first := int(s.turn.Add(1) % uint64(len(s.cities)))
	cities := slices.Concat(s.cities[first:], s.cities[:first])
	holder, err := s.holder(ctx, cities, token)
	if err != nil {
		return nil, time.Time{}, err
	}
	if holder != "" {
		cities = append([]string{holder}, cities...)
	}
	var next time.Time
	var refused error // by a city that is on its way to another server: the others go on
	for _, city := range cities {
		v, err := s.run(ctx, s.take, city, token, micros(now), micros(now.Add(lease)))
		if errors.Is(err, ErrMoving) {
			refused = err
			continue
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		r := reply{row: v}
		r.fields(1, 8)
		if len(r.row.([]any)) == 8 {
			j := r.job(city, 0)
			return &j, time.Time{}, r.err
		}
		if at := r.moment(0); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
		if r.err != nil {
			return nil, time.Time{}, r.err
		}
	}
	if refused != nil {
		return nil, time.Time{}, refused
	}
	return nil, next, nil
}

// holder is the city in which token holds a job, or "". The script of one city
// cannot see the others.
func (s *Store) holder(ctx context.Context, cities []string, token string) (holder string, err error) {
	if len(cities) == 1 {
		return "", nil
	}
	err = s.each(ctx, cities, func(c redis.UniversalClient, cities []string) error {
		answers, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, city := range cities {
				p.HExists(ctx, prefix(city)+"tokens", token)
			}
			return nil
		})
		if err != nil && !moving(err) {
			return err
		}
		for i, a := range answers {
			if a.(*redis.BoolCmd).Val() {
				holder = cities[i]
			}
		}
		return nil
	})
	return holder, err
}

// Commit implements bot.Store.
func (s *Store) Commit(ctx context.Context, token string, change bot.Change) error {
	city, err := change.City()
	if err != nil {
		return fmt.Errorf("redisstore: commit: %w", err)
	}
	forget := ""
	if change.Forget {
		forget = "forget"
	}
	if change.Forget && change.Fresh == nil && len(change.Put)+len(change.Gone)+len(change.Records)+len(change.Facts) == 0 {
		v, err := s.run(ctx, s.apply, city, endVerb, token, change.Done)
		return s.granted(nil, v, err)
	}
	args := make([]any, 0, 12+10*len(change.Put)+len(change.Gone)+11*len(change.Records)+3*len(change.Facts))
	args = append(args, "commit", token, change.Done)
	if f := change.Fresh; f != nil {
		args = append(args, f.Lane, micros(f.Made), f.From, f.Body[max(0, len(f.Body)-sealEnd):])
	} else {
		args = append(args, "", "0", "", nil)
	}
	args = jobArgs(append(args, forget), change.Put)
	args = append(args, len(change.Gone))
	for _, id := range change.Gone {
		args = append(args, id)
	}
	args = append(args, len(change.Records))
	for _, r := range change.Records {
		args = append(args, recordArgs(r)...)
	}
	args = append(args, len(change.Facts))
	for _, f := range change.Facts {
		args = append(args, f.Day, f.Name, f.N)
	}
	v, err := s.run(ctx, s.apply, city, args...)
	return s.granted(change.Put, v, err)
}

func recordArgs(r bot.Record) []any {
	place := ""
	if r.State != "" {
		place = member(r)
	}
	return []any{r.ID, r.Body, strings.Join(r.Keys, "\n"), r.State, r.Field, r.Owner, micros(r.Due), r.Version, micros(r.Touched),
		micros(r.Expires), place}
}

// Retry implements bot.Store.
func (s *Store) Retry(ctx context.Context, token, job string, due time.Time) error {
	return s.verdict(s.run(ctx, s.retry, bot.CityOf(job), token, job, micros(due)))
}

func (s *Store) verdict(v any, err error) error {
	if err != nil {
		return err
	}
	switch v {
	case "OK":
		return nil
	case "LOST":
		return bot.ErrLeaseLost
	case "CONFLICT":
		return bot.ErrConflict
	}
	return errors.New("redisstore: a script gave an answer that is not known")
}

// Keep implements bot.Store.
func (s *Store) Keep(ctx context.Context, name string, value []byte) ([]byte, error) {
	return s.keepIn(ctx, keptHash, name, value)
}

// keptHash holds all values that are kept.
const keptHash = "tsunagu:kept"

func (s *Store) keepIn(ctx context.Context, hash, name string, value []byte) ([]byte, error) {
	v, err := s.runOn(ctx, s.once, hash, name, value)
	if err != nil {
		return nil, err
	}
	kept, ok := v.(string)
	if !ok {
		return nil, errReply
	}
	return []byte(kept), nil
}

// tokyo has had no daylight saving since 1951.
var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// Sweep implements bot.Store. It works in small scripts, so that nobody waits
// for it long.
func (s *Store) Sweep(ctx context.Context, now, doneBefore, factsBefore time.Time) (removed []string, err error) {
	day := factsBefore.In(tokyo).Format(time.DateOnly)
	var refused error
	for _, city := range s.cities {
		for {
			v, err := s.run(ctx, s.sweep, city, micros(now), micros(doneBefore), day, sweepBatch)
			if errors.Is(err, ErrMoving) {
				refused = err // the next sweep's; the other towns' is now
				break
			}
			if err != nil {
				return removed, err
			}
			r := reply{row: v}
			n := r.number(0)
			if r.err != nil {
				return removed, r.err
			}
			for i := range r.row.([]any)[1:] {
				removed = append(removed, r.text(i+1))
			}
			if n == 0 {
				break
			}
		}
	}
	return removed, refused
}

// micros is t as it is kept: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}
