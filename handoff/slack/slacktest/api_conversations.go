package slacktest

import (
	"slices"
	"strings"
)

// visible finds a channel the bot may read, with the scope its kind needs.
func (s *Server) visible(id, right string) (*channel, error) {
	c := s.channels[id]
	if c == nil || c.Private && !s.isMember(c, BotUser) {
		return nil, refuse("channel_not_found")
	}
	scope := "channels:" + right
	if c.Private {
		scope = "groups:" + right
	}
	if !s.hasScope(scope) {
		return nil, s.missing(scope)
	}
	return c, nil
}

// within is one page of messages between oldest and latest, which both count
// only when inclusive. newestFirst is history's order; replies go the other way.
func (s *Server) within(all []*Message, a args, newestFirst bool) (reply, error) {
	oldest, latest, inclusive := a.str("oldest"), a.str("latest"), a.flag("inclusive", false)
	cursor, paging := strings.CutPrefix(a.str("cursor"), "next_ts:")
	if a.str("cursor") != "" && !paging {
		return nil, refuse("invalid_cursor")
	}
	var fit []*Message
	for _, m := range all {
		low, high := compareTS(m.TS, oldest), compareTS(m.TS, latest)
		switch {
		case oldest != "" && (low < 0 || low == 0 && !inclusive),
			latest != "" && (high > 0 || high == 0 && !inclusive),
			paging && newestFirst && compareTS(m.TS, cursor) >= 0,
			paging && !newestFirst && compareTS(m.TS, cursor) <= 0:
			continue
		}
		fit = append(fit, m)
	}
	if newestFirst {
		slices.Reverse(fit)
	}
	limit := a.num("limit", 100, 999)
	out := reply{"has_more": len(fit) > limit}
	if len(fit) > limit {
		fit = fit[:limit]
		out["response_metadata"] = reply{"next_cursor": "next_ts:" + fit[limit-1].TS}
	}
	messages := []any{}
	for _, m := range fit {
		messages = append(messages, s.json(m, a.flag("include_all_metadata", false)))
	}
	out["messages"] = messages
	return out, nil
}

// compareTS compares two ts by time; their seconds may be written with or
// without decimals.
func compareTS(a, b string) int {
	whole := func(ts string) string {
		sec, frac, _ := strings.Cut(ts, ".")
		return strings.Repeat("0", max(0, 12-len(sec))) + sec + "." + frac + strings.Repeat("0", max(0, 6-len(frac)))
	}
	return strings.Compare(whole(a), whole(b))
}

func (s *Server) history(a args) (reply, error) {
	c, err := s.visible(a.str("channel"), "history")
	if err != nil {
		return nil, err
	}
	if !s.isMember(c, BotUser) {
		return nil, refuse("not_in_channel")
	}
	var top []*Message
	for _, m := range c.messages {
		if m.isRoot() || m.Broadcast {
			top = append(top, m)
		}
	}
	return s.within(top, a, true)
}

func (s *Server) threadReplies(a args) (reply, error) {
	c, err := s.visible(a.str("channel"), "history")
	if err != nil {
		return nil, err
	}
	if !s.isMember(c, BotUser) {
		return nil, refuse("not_in_channel")
	}
	parent := c.message(a.str("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	if !parent.isRoot() {
		return s.within([]*Message{parent}, a, false) // asked with a reply's ts Slack gives that reply alone
	}
	out, err := s.within(s.replies(parent), a, false)
	if err != nil {
		return nil, err
	}
	if a.str("cursor") == "" { // the parent always comes first, whatever the window
		out["messages"] = append([]any{s.json(parent, a.flag("include_all_metadata", false))}, out["messages"].([]any)...)
	}
	return out, nil
}

func (s *Server) conversationInfo(a args) (reply, error) {
	c, err := s.visible(a.str("channel"), "read")
	if err != nil {
		return nil, err
	}
	one := s.channelJSON(c)
	if a.flag("include_num_members", false) {
		one["num_members"] = len(c.Members)
	}
	return reply{"channel": one}, nil
}

func (s *Server) channelJSON(c *channel) reply {
	return reply{
		"id": c.ID, "name": c.Name, "is_channel": !c.Private, "is_group": c.Private && strings.HasPrefix(c.ID, "G"),
		"is_private": c.Private, "is_archived": c.Archived, "is_ext_shared": c.ExtShared, "is_shared": c.ExtShared,
		"is_im": false, "is_mpim": false, "is_general": false, "is_org_shared": false, "is_pending_ext_shared": false,
		"is_member": s.isMember(c, BotUser), "context_team_id": s.opt.TeamID,
	}
}

func (s *Server) members(a args) (reply, error) {
	c, err := s.visible(a.str("channel"), "read")
	if err != nil {
		return nil, err
	}
	part, next, ok := page(c.Members, a, 100, 1000)
	if !ok {
		return nil, refuse("invalid_cursor")
	}
	return reply{"members": part, "response_metadata": reply{"next_cursor": next}}, nil
}

func (s *Server) conversationList(a args) (reply, error) {
	types := a.str("types")
	if types == "" {
		types = "public_channel"
	}
	var fit []reply
	for _, c := range sorted(s.channels) {
		kind, scope := "public_channel", "channels:read"
		if c.Private {
			kind, scope = "private_channel", "groups:read"
		}
		if !slices.Contains(strings.Split(types, ","), kind) || c.Private && !s.isMember(c, BotUser) ||
			c.Archived && a.flag("exclude_archived", false) {
			continue
		}
		if !s.hasScope(scope) {
			return nil, s.missing(scope)
		}
		fit = append(fit, s.channelJSON(c))
	}
	part, next, ok := page(fit, a, 100, 1000)
	if !ok {
		return nil, refuse("invalid_cursor")
	}
	if part == nil {
		part = []reply{}
	}
	return reply{"channels": part, "response_metadata": reply{"next_cursor": next}}, nil
}
