package slacktest

import (
	"fmt"
	"maps"
	"time"
)

// triggerLife is how long a trigger_id may be exchanged for a modal.
const triggerLife = 3 * time.Second

// maxHandles is how many triggers, response URLs and tickets are kept before
// the expired ones are forgotten.
const maxHandles = 1000

type trigger struct {
	user     string
	born     time.Time
	used     bool
	fromView bool // only such a trigger can push onto a stack
}

// trigger makes a trigger_id for a user's act; the lock is held.
func (s *Server) trigger(user string, fromView bool) string {
	if len(s.triggers) > maxHandles {
		maps.DeleteFunc(s.triggers, func(_ string, t *trigger) bool { return s.clock().Sub(t.born) > triggerLife })
	}
	s.serial++
	id := fmt.Sprintf("%d.%d.%08x", s.clock().UnixMilli(), s.serial, s.serial*2654435761)
	s.triggers[id] = &trigger{user: user, born: s.clock(), fromView: fromView}
	return id
}

// exchange takes a trigger_id: once, and within three seconds.
func (s *Server) exchange(id string) (*trigger, error) {
	t := s.triggers[id]
	switch {
	case id == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: trigger_id")
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.clock().Sub(t.born) > triggerLife:
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}
