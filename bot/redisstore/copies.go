package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-redis/redis/v8"
)

// Sentinel, and a cluster, may make a replica the master at any moment: what it
// does not have by then is lost. So a server that replicas follow answers nobody
// before one of them has what the calls of an exchange have written or seen: one
// WAIT for all of them. A call that is refused for it may have happened; whoever
// repeats it waits for the same again. A server whose replica has gone may have been
// replaced and not know it yet: only after some seconds it counts as alone, and as
// safe as its own disk. One that no replica ever followed is alone at once.

const (
	copyTime = time.Second      // longest wait for a replica: LINE waits two seconds for its answer
	silence  = 10 * time.Second // since a replica was heard, until the server counts as alone
	askEvery = 16               // exchanges with a server that is alone until it is asked again
)

var errNotCopied = errors.New("no replica has it yet")

// copies is what is known of a server's replicas.
type copies struct {
	mu     sync.Mutex
	known  bool      // it was asked, and nothing has failed since
	server string    // its replication ID: another one after a restart or a fail-over
	heard  time.Time // when a replica last had what it was to have; zero = never
	alone  int       // exchanges since it was asked
}

func (c *copies) followed() bool { return !c.heard.IsZero() && time.Since(c.heard) < silence }

// followed says whether a replica is to be waited for. It asks the server at first,
// when anything has failed, and now and then while it is alone.
func (g *group) followed(ctx context.Context) (bool, error) {
	c := &g.copies
	c.mu.Lock()
	c.alone++
	enough, followed := c.known && (c.followed() || c.alone < askEvery), c.followed()
	c.mu.Unlock()
	if enough {
		return followed, nil
	}
	text, err := g.client.Info(ctx, "replication").Result()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known = err == nil || answered(err); !c.known {
		return false, err
	}
	info := infoFields(text)
	if id := info["master_replid"]; id != c.server {
		c.server, c.heard = id, time.Time{}
	}
	if lag, n := follow(info); n > 0 && time.Since(c.heard) > lag {
		c.heard = time.Now().Add(-lag)
	}
	c.alone = 0
	return c.followed(), nil
}

// exec runs commands in one exchange. Its error is of all of them; without one
// each has its own.
func (g *group) exec(add func(redis.Pipeliner)) error {
	ctx := context.Background()
	followed, err := g.followed(ctx)
	if err != nil {
		return err
	}
	p := g.client.Pipeline()
	add(p)
	var wait *redis.Cmd
	if followed {
		wait = p.Do(ctx, "wait", 1, copyTime.Milliseconds())
	}
	began := time.Now()
	if _, err = p.Exec(ctx); answered(err) {
		err = nil
	}
	if err == nil && followed {
		var n int
		if n, err = wait.Int(); err == nil && n < 1 {
			err = errNotCopied
		}
	}
	c := &g.copies
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.known = false
	} else if followed && c.heard.Before(began) {
		c.heard = began
	}
	return err
}

// answered says whether an error is what the server itself says.
func answered(err error) bool {
	_, is := errors.AsType[redis.Error](err)
	return is
}

// follow counts the replicas that keep up, and says how long ago the best of them
// was heard, by what INFO replication tells.
func follow(info map[string]string) (best time.Duration, n int) {
	for name, value := range info {
		about := "," + value + ","
		if !strings.HasPrefix(name, "slave") || !strings.Contains(about, ",state=online,") {
			continue
		}
		_, lag, _ := strings.Cut(about, ",lag=")
		lag, _, _ = strings.Cut(lag, ",")
		s, err := strconv.Atoi(lag)
		if d := time.Duration(s) * time.Second; err == nil && d >= 0 && d < silence {
			if n++; n == 1 || d < best {
				best = d
			}
		}
	}
	return best, n
}

// infoFields reads what INFO answers.
func infoFields(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}
