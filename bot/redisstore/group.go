package redisstore

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/go-redis/redis/v8"
)

// Calls that come at the same time go to the server together: what a call costs
// is the way there and back and, with appendfsync always, the sync to the disk.
// While one group is under way the next one gathers.
const (
	flights    = 2  // groups that are under way to one server
	flightSize = 64 // calls of one group
	queueSize  = 1024
)

var errCrowded = errors.New("too many wait for the server")

// group is the way to one server.
type group struct {
	client  redis.UniversalClient
	copies  copies
	mu      sync.Mutex
	waiting []*call
	flying  int
}

// call is one script that is to run. When its context ends first, it may or may
// not run.
type call struct {
	ctx    context.Context
	script *redis.Script
	key    string
	args   []any
	joins  bool // the script takes the arguments of several calls and answers with a list
	answer any
	err    error
	done   chan struct{}
}

// groupOf is the way to a server.
func (s *Store) groupOf(c redis.UniversalClient) *group {
	g, ok := s.groups.Load(c)
	if !ok {
		g, _ = s.groups.LoadOrStore(c, &group{client: c})
	}
	return g.(*group)
}

// run runs a script on the server with what else waits.
func (g *group) run(c *call) (any, error) {
	c.done = make(chan struct{})
	if !g.enter(c) {
		return nil, errCrowded
	}
	select {
	case <-c.done:
		return c.answer, c.err
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	}
}

func (g *group) enter(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= queueSize {
		return false
	}
	g.waiting = append(g.waiting, c)
	if g.flying < flights {
		g.flying++
		go g.fly()
	}
	return true
}

// fly sends group after group until nothing waits.
func (g *group) fly() {
	for {
		// Those whom the last flight has answered speak first: what they say next
		// goes along.
		runtime.Gosched()
		calls := g.board()
		if len(calls) == 0 {
			return
		}
		g.send(calls)
	}
}

// board takes the next calls whose callers still wait; when there are none, the
// flight is over.
func (g *group) board() (calls []*call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 && len(calls) < flightSize {
		if c := g.waiting[0]; c.ctx.Err() == nil {
			calls = append(calls, c)
		}
		g.waiting = g.waiting[1:]
	}
	if len(calls) == 0 {
		g.waiting = nil
		g.flying--
	}
	return calls
}

// errand is a script on its way, for one call or for several.
type errand struct {
	script *redis.Script
	key    string
	args   []any
	calls  []*call
	cmd    *redis.Cmd
}

// endVerb begins the arguments of a call that frees a lane.
const endVerb = "end"

// errands makes one errand of all calls that a script can run at once. Those that end
// go first: what follows may find its lane free.
func errands(calls []*call) (all []*errand) {
	slices.SortStableFunc(calls, func(a, b *call) int { return cmp.Compare(b.ends(), a.ends()) })
	long := 0
	for _, c := range calls {
		long += len(c.args)
	}
	for _, c := range calls {
		i := slices.IndexFunc(all, func(e *errand) bool { return c.joins && e.script == c.script && e.key == c.key })
		if i < 0 {
			args := c.args
			if c.joins {
				args = append(make([]any, 0, long), args...)
			}
			all = append(all, &errand{script: c.script, key: c.key, args: args, calls: []*call{c}})
			continue
		}
		all[i].args, all[i].calls = append(all[i].args, c.args...), append(all[i].calls, c)
	}
	return all
}

// ends is 1 for a call that frees a lane.
func (c *call) ends() int {
	if c.joins && c.args[0] == endVerb {
		return 1
	}
	return 0
}

// send runs the calls in one exchange, and those whose script the server does
// not have yet in another. The client's own timeouts bound it: the calls are of
// many callers.
func (g *group) send(calls []*call) {
	ctx := context.Background()
	unknown := g.exchange(errands(calls), func(p redis.Pipeliner, e *errand) *redis.Cmd {
		return e.script.EvalSha(ctx, p, []string{e.key}, e.args...)
	})
	g.exchange(unknown, func(p redis.Pipeliner, e *errand) *redis.Cmd {
		return e.script.Eval(ctx, p, []string{e.key}, e.args...)
	})
}

// exchange sends the errands and answers their calls, but for those it returns:
// the server does not have their script.
func (g *group) exchange(all []*errand, cmd func(redis.Pipeliner, *errand) *redis.Cmd) (unknown []*errand) {
	if len(all) == 0 {
		return nil
	}
	failed := g.exec(func(p redis.Pipeliner) {
		for _, e := range all {
			e.cmd = cmd(p, e)
		}
	})
	for _, e := range all {
		var answer any
		err := failed
		if e.cmd != nil {
			var own error
			answer, own = e.cmd.Result()
			err = cmp.Or(own, failed)
		}
		if err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT ") {
			unknown = append(unknown, e)
			continue
		}
		list, _ := answer.([]any)
		for i, c := range e.calls {
			c.answer, c.err = answer, err
			if c.joins && err == nil && len(list) == len(e.calls) {
				c.answer = list[i]
				c.err, _ = list[i].(redis.Error)
			}
			close(c.done)
		}
	}
	return unknown
}
