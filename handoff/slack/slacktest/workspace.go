package slacktest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// User is a person or bot. TeamID empty means the app's own workspace.
type User struct {
	ID, Name        string
	TeamID          string
	Restricted      bool // multi-channel guest
	UltraRestricted bool // single-channel guest
	Bot             bool
	Deleted         bool
}

// Channel is a conversation with its members. Messages are read with Messages.
type Channel struct {
	ID, Name  string
	Private   bool
	ExtShared bool // shared with another organisation
	Archived  bool
	Members   []string
}

type channel struct {
	Channel
	messages []*Message // all that still exist, in ts order
}

// Group is a user group, mentioned as <!subteam^ID>.
type Group struct {
	ID, Name, Handle string
	Members          []string
	Disabled         bool
}

// AddUser adds a user or replaces the one with the same ID.
func (s *Server) AddUser(u User) {
	s.set(func() {
		if u.TeamID == "" {
			u.TeamID = s.opt.TeamID
		}
		if u.Name == "" {
			u.Name = u.ID
		}
		s.users[u.ID] = u
		s.rename(u.ID, "@"+u.Name)
	})
}

// AddChannel adds a channel, or replaces one of the same ID and keeps its messages.
func (s *Server) AddChannel(c Channel) {
	s.set(func() {
		if c.Name == "" {
			c.Name = c.ID
		}
		c.Members = slices.Clone(c.Members)
		if old := s.channels[c.ID]; old != nil {
			old.Channel = c
		} else {
			s.channels[c.ID] = &channel{Channel: c}
		}
		s.rename(c.ID, "#"+c.Name)
	})
}

// AddGroup adds a user group or replaces the one with the same ID.
func (s *Server) AddGroup(g Group) {
	s.set(func() {
		if g.Handle == "" {
			g.Handle = g.ID
		}
		g.Members = slices.Clone(g.Members)
		s.groups[g.ID] = g
		s.rename(g.ID, "@"+g.Handle)
	})
}

// Leave takes a user (or BotUser) out of a channel.
func (s *Server) Leave(channelID, user string) {
	s.set(func() {
		if c := s.channels[channelID]; c != nil {
			c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
		}
	})
}

// Users are all users in the order of their IDs.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sorted(s.users)
}

// Channels are all channels in the order of their IDs.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Channel
	for _, c := range sorted(s.channels) {
		one := c.Channel
		one.Members = slices.Clone(c.Members)
		out = append(out, one)
	}
	return out
}

func sorted[V any](m map[string]V) []V {
	var out []V
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// rename replaces the table, as copies of messages still hold the old one.
func (s *Server) rename(id, shown string) {
	s.names = maps.Clone(s.names)
	s.names[id] = shown
}

// mintTS makes a ts: seconds and six decimals, never given twice, always growing.
func (s *Server) mintTS() string {
	now := s.clock().UnixMicro()
	if now <= s.lastTS {
		now = s.lastTS + 1
	}
	s.lastTS = now
	return formatTS(now)
}

func formatTS(micros int64) string { return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6) }

// id makes an ID that is unique in this server.
func (s *Server) id(prefix string) string {
	s.serial++
	return prefix + fmt.Sprintf("%08X", s.serial)
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func (s *Server) isMember(c *channel, user string) bool { return slices.Contains(c.Members, user) }

// sees reports whether a person can open the channel: members can, and anyone
// who is no guest and of the same team can open a public one.
func (s *Server) sees(c *channel, user string) bool {
	if s.isMember(c, user) {
		return true
	}
	u := s.users[user]
	return !c.Private && !u.Restricted && !u.UltraRestricted && u.TeamID == s.opt.TeamID
}
