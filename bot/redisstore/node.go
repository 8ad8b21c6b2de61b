package redisstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-redis/redis/v8"
)

// A cluster is talked to node by node: go-redis v8's own routing asks the node for
// its list of commands before each command, because it cannot read the list of
// Redis 7, and waits for no replica.

// node is the client of the server that holds the key.
func (s *Store) node(ctx context.Context, key string) (redis.UniversalClient, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cluster, ok := s.redis.(*redis.ClusterClient)
	if !ok {
		return s.redis, nil
	}
	c, err := cluster.MasterForKey(ctx, key)
	return c, wrap(ctx, err)
}

// ErrMoving: the slot of a town's keys is on its way to another server of the cluster.
// The other towns go on.
var ErrMoving = errors.New("the slot of these keys is on its way to another server; it takes nothing until it is there")

// on runs f with the client of the server that holds the key. When the server is gone,
// it looks for the slots anew. After a redirection, which has changed nothing, f runs
// once more on the node that has the slot now. While a slot is on its way, some keys of a
// city lie here and some there, and no script sees all of them: then it is refused,
// also where the redirection says that the other node would take it.
func (s *Store) on(ctx context.Context, key string, f func(redis.UniversalClient) error) error {
	c, err := s.node(ctx, key)
	if err != nil {
		return err
	}
	err = f(c)
	if cluster, ok := s.redis.(*redis.ClusterClient); ok && err != nil && err != redis.Nil && ctx.Err() == nil {
		if !hasCode(err, "MOVED") {
			cluster.ReloadState(ctx)
		} else if c, nerr := s.moved(ctx, cluster, key, c); nerr == nil {
			err = f(c)
		}
		if moving(err) {
			err = fmt.Errorf("%w (%w)", ErrMoving, err)
		}
	}
	return wrap(ctx, err)
}

// moved is the client of the server that holds the key when it is not was any more. One
// caller looks for the slots, and the others wait for what it finds.
func (s *Store) moved(ctx context.Context, cluster *redis.ClusterClient, key string, was redis.UniversalClient) (redis.UniversalClient, error) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := ctx.Err(); err != nil { // waiting took all its time
		return nil, err
	}
	c, err := s.node(ctx, key)
	if err != nil || c != was {
		return c, err
	}
	// It asks for the slots at once; ReloadState does behind its caller's back.
	if err := cluster.ForEachMaster(ctx, func(context.Context, *redis.Client) error { return nil }); err != nil {
		return nil, err
	}
	return s.node(ctx, key)
}

// each runs f once for every server that holds some of the cities.
func (s *Store) each(ctx context.Context, cities []string, f func(c redis.UniversalClient, cities []string) error) error {
	var order []redis.UniversalClient
	held := map[redis.UniversalClient][]string{}
	for _, city := range cities {
		c, err := s.node(ctx, prefix(city))
		if err != nil {
			return err
		}
		if held[c] == nil {
			order = append(order, c)
		}
		held[c] = append(held[c], city)
	}
	for _, c := range order {
		err := s.on(ctx, prefix(held[c][0]), func(c2 redis.UniversalClient) error { return f(c2, held[c]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// moving says whether a server refuses because a slot is on its way.
func moving(err error) bool { return hasCode(err, "ASK") || hasCode(err, "TRYAGAIN") }

// wrap names the package, and prefers the context's own error over that of the
// connection it closed.
func wrap(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	// The connection has the context's deadline and may notice it first.
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	return fmt.Errorf("redisstore: %w", err)
}

// quiet keeps go-redis from writing lines of its own to stderr.
type quiet struct{}

func (quiet) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, fmt.Sprintf(format, v...))
}

func init() { redis.SetLogger(quiet{}) }
