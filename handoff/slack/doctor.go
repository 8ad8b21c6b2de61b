package slack

import (
	"context"
	"slices"
	"strings"

	api "github.com/slack-go/slack"
)

// Scopes are what the bot token needs; manifest.yaml says why.
var Scopes = []string{
	"chat:write", "commands", "users:read", "usergroups:read",
	"channels:read", "groups:read", "channels:history", "groups:history",
}

// FileScope is what the bot token needs besides, where a city shows pictures and
// files.
const FileScope = "files:write"

// wanted are all the scopes that this city needs.
func (d *Desk) wanted() []string {
	all := slices.Clone(Scopes)
	if d.o.Files {
		all = append(all, FileScope)
	}
	if d.o.Pictures > 0 {
		all = append(all, PictureScope)
	}
	return all
}

// Health is what Slack says about the app.
type Health struct {
	Team, TeamID, BotUser string
	Missing               []string // scopes
	Channels              []Room
	// Duty counts the duty group's members, -1 = no group is set or it cannot be read.
	Duty int
	// Faults are Slack's codes, by what was asked.
	Faults []string
}

// Room is one channel that the city's yaml names.
type Room struct {
	Field, ID, Name          string
	Member, Archived, Shared bool
}

// Reach says why a person (U…, W…) or user group (S…) of the 当番表 cannot do what
// a call asks of them, "" when they can. The error is a *handoff.DeskError.
func (d *Desk) Reach(ctx context.Context, id string) (why string, err error) {
	if strings.HasPrefix(id, "S") {
		switch users, err := d.api.GetUserGroupMembersContext(ctx, id); {
		case err != nil:
			return "", trouble(err)
		case len(users) == 0:
			return "だれもいません", nil
		}
		return "", nil
	}
	me, err := d.self(ctx)
	if err != nil {
		return "", trouble(err)
	}
	_, why, err = d.person(ctx, me, id)
	if why == "" && err == nil {
		why, err = d.onDuty(ctx, actor{user: id, channel: d.channel("")})
	}
	return why, trouble(err)
}

// Check asks Slack whether all is well: token, scopes, channels and duty group.
// The error is a *handoff.DeskError when not even the token could be tried.
func (d *Desk) Check(ctx context.Context) (Health, error) {
	h := Health{Duty: -1}
	ctx, cancel := context.WithTimeout(ctx, 4*callTime)
	defer cancel()
	me, err := d.api.AuthTestContext(ctx)
	if err != nil {
		return h, trouble(err)
	}
	h.Team, h.TeamID, h.BotUser = me.Team, me.TeamID, me.UserID
	given := strings.FieldsFunc(me.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	for _, s := range d.wanted() {
		if len(given) > 0 && !slices.Contains(given, s) {
			h.Missing = append(h.Missing, s)
		}
	}
	fault := func(what string, err error) {
		h.Faults = append(h.Faults, what+": "+trouble(err).Error())
	}
	for field, id := range d.o.Channels {
		c, err := d.api.GetConversationInfoContext(ctx, &api.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			fault("channel "+field, err)
			continue
		}
		h.Channels = append(h.Channels, Room{field, id, c.Name, c.IsMember, c.IsArchived, c.IsExtShared || c.IsPendingExtShared})
	}
	slices.SortFunc(h.Channels, func(a, b Room) int { return strings.Compare(a.Field, b.Field) })
	if d.o.DutyGroup != "" {
		if users, err := d.api.GetUserGroupMembersContext(ctx, d.o.DutyGroup); err != nil {
			fault("duty group", err)
		} else {
			h.Duty = len(users)
		}
	}
	if d.o.AppToken != "" {
		if _, _, err := d.api.StartSocketModeContext(ctx); err != nil {
			fault("app token", err)
		}
	}
	slices.Sort(h.Faults)
	return h, nil
}
