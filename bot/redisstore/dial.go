package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-redis/redis/v8"
)

const (
	dialTimeout = 3 * time.Second
	ioTimeout   = 3 * time.Second
)

// address is what a store's URL says.
type address struct {
	kind           string // single, sentinel or cluster
	tls            bool
	user, password string
	hosts          []string // host:port
	master         string   // sentinel
	db             int
}

// parseURL reads redis://, rediss:// (TLS), redis+sentinel://h1,h2/master/db and
// redis+cluster://h1,h2, each with user:password@ before the hosts when needed.
// Its errors never repeat the URL, which may hold a password.
func parseURL(s string) (address, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return address{}, errors.New("the store's URL has no scheme such as redis://")
	}
	a := address{tls: strings.HasPrefix(scheme, "rediss")}
	port := "6379"
	switch strings.Replace(scheme, "rediss", "redis", 1) {
	case "redis":
		a.kind = "single"
	case "redis+sentinel":
		a.kind, port = "sentinel", "26379"
	case "redis+cluster":
		a.kind = "cluster"
	default:
		return address{}, fmt.Errorf("%q is none of redis, rediss, redis+sentinel, redis+cluster", scheme)
	}
	if strings.ContainsAny(rest, "?#") {
		return address{}, errors.New("the store's URL must not have ? or # (write them as %3F and %23 in a password)")
	}
	authority, path, _ := strings.Cut(rest, "/")
	if strings.Contains(path, "@") {
		return address{}, errors.New("the store's URL has @ after a slash (write a slash in a password as %2F)")
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		var err1, err2 error
		a.user, err1 = url.PathUnescape(user)
		a.password, err2 = url.PathUnescape(password)
		if err1 != nil || err2 != nil {
			return address{}, errors.New("user or password of the store's URL: % must be written as %25")
		}
		authority = authority[i+1:]
	}
	for host := range strings.SplitSeq(authority, ",") {
		if host == "" {
			return address{}, errors.New("the store's URL has an empty host")
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		if _, p, err := net.SplitHostPort(host); err != nil || !isPort(p) {
			return address{}, errors.New("the store's URL has a host with a bad port")
		}
		a.hosts = append(a.hosts, host)
	}
	if a.kind == "single" && len(a.hosts) > 1 {
		return address{}, errors.New("several hosts need redis+sentinel:// or redis+cluster://")
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if a.kind == "sentinel" {
		a.master, parts = parts[0], parts[1:]
		if a.master == "" {
			return address{}, errors.New("redis+sentinel:// needs the master's name: redis+sentinel://h1,h2/master/0")
		}
	}
	db := strings.Join(parts, "/")
	if db == "" {
		return a, nil
	}
	n, err := strconv.Atoi(db)
	if err != nil || n < 0 {
		return address{}, errors.New("the database at the end of the store's URL must be a number")
	}
	if a.kind == "cluster" && n != 0 {
		return address{}, errors.New("a cluster has only database 0")
	}
	a.db = n
	return a, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// client connects on first use. It does not repeat commands: package bot does,
// with the same token. Only a cluster's redirections are followed.
func (a address) client() redis.UniversalClient {
	var conf *tls.Config
	if a.tls {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	switch a.kind {
	case "sentinel":
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: a.master, SentinelAddrs: a.hosts, DB: a.db,
			Username: a.user, Password: a.password, TLSConfig: conf, MaxRetries: -1,
			DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout})
	case "cluster":
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: a.hosts, ClusterSlots: a.slots,
			Username: a.user, Password: a.password, TLSConfig: conf, MaxRetries: -1,
			DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout})
	}
	return a.single(a.hosts[0], conf)
}

func (a address) single(host string, conf *tls.Config) *redis.Client {
	return redis.NewClient(&redis.Options{Addr: host, DB: a.db, Username: a.user, Password: a.password, TLSConfig: conf,
		MaxRetries: -1, DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout})
}

// slots asks one of the hosts which node has which slots. go-redis v8 cannot
// read the answer of Redis 7, which has a fourth element for each node.
func (a address) slots(ctx context.Context) ([]redis.ClusterSlot, error) {
	var failed error
	for _, host := range a.hosts {
		var conf *tls.Config
		if a.tls {
			conf = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		c := a.single(host, conf)
		answer, err := c.Do(ctx, "CLUSTER", "SLOTS").Slice()
		c.Close()
		var slots []redis.ClusterSlot
		if err == nil {
			slots, err = readSlots(host, answer)
		}
		if err == nil {
			return slots, nil
		}
		failed = errors.Join(failed, fmt.Errorf("%s: %w", host, err))
	}
	return nil, failed
}

var (
	errSlots   = errors.New("cannot read its CLUSTER SLOTS")
	errNoSlots = errors.New("the cluster has no slots yet")
)

// readSlots reads rows of [first, last, node, replica…]; a node is [host, port,
// …], whose empty host means the one that was asked.
func readSlots(asked string, answer []any) ([]redis.ClusterSlot, error) {
	if len(answer) == 0 {
		return nil, errNoSlots
	}
	var slots []redis.ClusterSlot
	for _, row := range answer {
		r, ok := row.([]any)
		if !ok || len(r) < 3 {
			return nil, errSlots
		}
		first, ok1 := r[0].(int64)
		last, ok2 := r[1].(int64)
		if !ok1 || !ok2 {
			return nil, errSlots
		}
		slot := redis.ClusterSlot{Start: int(first), End: int(last)}
		for _, node := range r[2:] {
			n, ok := node.([]any)
			if !ok || len(n) < 2 {
				return nil, errSlots
			}
			host, _ := n[0].(string)
			port, ok := n[1].(int64)
			if !ok {
				return nil, errSlots
			}
			if host == "" {
				host, _, _ = net.SplitHostPort(asked)
			}
			slot.Nodes = append(slot.Nodes, redis.ClusterNode{Addr: net.JoinHostPort(host, strconv.FormatInt(port, 10))})
		}
		slots = append(slots, slot)
	}
	return slots, nil
}
