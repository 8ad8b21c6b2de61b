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
// does not have by then is lost. So a server that a replica follows answers nobody
// before one replica has what the calls of an exchange have written or seen: one
// WAIT for all of them. A call that is refused for it may have happened; whoever
// repeats it waits for the same again. A server that nobody follows keeps what it
// has on its own disk, and is as safe as that.

const (
	copyTime = time.Second // longest wait for a replica: LINE waits two seconds for its answer
	silence  = 10          // seconds after which a replica that says nothing follows no more
	askEvery = 16          // exchanges with a server that nobody follows until it is asked again
)

var errNotCopied = errors.New("no replica has it yet")

// copies is what a server has said of its replicas.
type copies struct {
	mu       sync.Mutex
	known    bool // it was asked, and nothing has failed since
	followed bool
	alone    int // exchanges since it was asked
}

// followed says whether a replica follows the server. It asks at first, when
// anything has failed, and now and then while none does. Through a cluster's
// redirection no single server is reached: then nobody is waited for.
func (g *group) followed(ctx context.Context) (bool, error) {
	if _, one := g.client.(*redis.Client); !one {
		return false, nil
	}
	c := &g.copies
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.alone++; c.known && (c.followed || c.alone < askEvery) {
		return c.followed, nil
	}
	ctx, cancel := context.WithTimeout(ctx, copyTime)
	defer cancel()
	text, err := g.client.Info(ctx, "replication").Result()
	if err != nil && !refused(err) {
		c.known = false
		return false, err
	}
	c.known, c.followed, c.alone = true, follows(text) > 0, 0
	return c.followed, nil
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
	var copied *redis.Cmd
	if followed {
		copied = p.Do(ctx, "wait", 1, copyTime.Milliseconds())
	}
	_, err = p.Exec(ctx)
	if followed {
		n, werr := copied.Int()
		if err = werr; err == nil && n < 1 {
			err = errNotCopied
		}
	} else if refused(err) {
		err = nil
	}
	if err != nil {
		g.copies.mu.Lock()
		g.copies.known = false
		g.copies.mu.Unlock()
	}
	return err
}

// refused says whether an error is the server's own answer.
func refused(err error) bool {
	_, is := errors.AsType[redis.Error](err)
	return is
}

// follows counts the replicas that keep up, as INFO replication tells.
func follows(info string) (n int) {
	for name, value := range infoFields(info) {
		about := "," + value + ","
		if !strings.HasPrefix(name, "slave") || !strings.Contains(about, ",state=online,") {
			continue
		}
		_, lag, _ := strings.Cut(about, ",lag=")
		lag, _, _ = strings.Cut(lag, ",")
		if s, err := strconv.Atoi(lag); err == nil && s >= 0 && s <= silence {
			n++
		}
	}
	return n
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
