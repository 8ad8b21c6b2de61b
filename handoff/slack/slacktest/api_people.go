package slacktest

func (s *Server) userInfo(a args) (reply, error) {
	u, known := s.users[a.str("user")]
	if !known {
		return nil, refuse("user_not_found")
	}
	return reply{"user": userJSON(u)}, nil
}

func (s *Server) userList(a args) (reply, error) {
	part, next, ok := page(sorted(s.users), a, 200, 1000)
	if !ok {
		return nil, refuse("invalid_cursor")
	}
	members := []reply{}
	for _, u := range part {
		members = append(members, userJSON(u))
	}
	return reply{"members": members, "response_metadata": reply{"next_cursor": next}}, nil
}

func userJSON(u User) reply {
	return reply{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.Name, "deleted": u.Deleted,
		"is_bot": u.Bot, "is_restricted": u.Restricted || u.UltraRestricted, "is_ultra_restricted": u.UltraRestricted,
		"is_stranger": false, "is_admin": false, "is_owner": false, "is_app_user": false, "tz": "Asia/Tokyo",
		"profile": reply{"real_name": u.Name, "display_name": u.Name, "team": u.TeamID},
	}
}

func (s *Server) groupList(a args) (reply, error) {
	groups := []reply{}
	for _, g := range sorted(s.groups) {
		if g.Disabled && !a.flag("include_disabled", false) {
			continue
		}
		one := reply{
			"id": g.ID, "team_id": s.opt.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"is_external": false, "date_delete": 0,
		}
		if g.Disabled {
			one["date_delete"] = 1
		}
		if a.flag("include_users", false) {
			one["users"] = g.Members
		}
		if a.flag("include_count", false) {
			one["user_count"] = len(g.Members)
		}
		groups = append(groups, one)
	}
	return reply{"usergroups": groups}, nil
}

func (s *Server) groupUsers(a args) (reply, error) {
	g, known := s.groups[a.str("usergroup")]
	switch {
	case !known:
		return nil, refuse("no_such_subteam")
	case g.Disabled && !a.flag("include_disabled", false):
		return nil, refuse("subteam_disabled")
	case g.Members == nil:
		return reply{"users": []string{}}, nil
	}
	return reply{"users": g.Members}, nil
}
