package redisstore

import (
	"context"
	"strconv"

	"github.com/go-redis/redis/v8"
)

// Health is what a server says of how safe it keeps things.
type Health struct {
	Version   string
	AOF       bool   // it writes an append-only file
	Fsync     string // appendfsync: always, everysec or no; "" = it does not say
	Policy    string // maxmemory-policy
	MaxMemory int64  // bytes, 0 = no limit
	Replicas  int
	Follow    int  // the replicas that keep up
	Rewriting bool // the append-only file is being written anew, or is about to be
}

// Health asks every server that holds one of the cities.
func (s *Store) Health(ctx context.Context) (all []Health, err error) {
	err = s.each(ctx, s.cities, func(c redis.UniversalClient, _ []string) error {
		text, err := c.Info(ctx).Result()
		if err != nil {
			return err
		}
		info := infoFields(text)
		h := Health{Version: info["redis_version"], AOF: info["aof_enabled"] == "1", Policy: info["maxmemory_policy"]}
		h.MaxMemory, _ = strconv.ParseInt(info["maxmemory"], 10, 64)
		h.Rewriting = info["aof_rewrite_in_progress"] == "1" || info["aof_rewrite_scheduled"] == "1"
		_, h.Follow = follow(info)
		h.Replicas, _ = strconv.Atoi(info["connected_slaves"])
		// Hosted servers may refuse CONFIG; then it is not known.
		if v, err := c.ConfigGet(ctx, "appendfsync").Result(); err == nil && len(v) == 2 {
			h.Fsync, _ = v[1].(string)
		}
		all = append(all, h)
		return nil
	})
	return all, err
}

// Rewrite asks every server that holds one of the cities to begin to write its
// append-only file anew, without what was deleted. Ask when none is Rewriting:
// the one under way may still hold it, and a second one is refused.
func (s *Store) Rewrite(ctx context.Context) error {
	return s.each(ctx, s.cities, func(c redis.UniversalClient, _ []string) error {
		return c.BgRewriteAOF(ctx).Err()
	})
}
