package slack

import (
	"context"
	"sync"
	"time"

	api "github.com/slack-go/slack"
)

// keepTime is how long it is remembered who may act, keepNo how long that
// somebody is not on duty: who was just added should not wait long.
const (
	keepTime = 5 * time.Minute
	keepNo   = 15 * time.Second
	maxKept  = 2000
)

// kept remembers what was asked of Slack for a while, by the machine's clock.
type kept[T any] struct {
	mu  sync.Mutex
	all map[string]keptOne[T]
}

type keptOne[T any] struct {
	v  T
	at time.Time
}

// get returns what is not older than age, or asks. A failure is not kept.
func (k *kept[T]) get(key string, age time.Duration, ask func() (T, error)) (T, error) {
	k.mu.Lock()
	one, has := k.all[key]
	k.mu.Unlock()
	if has && time.Since(one.at) < age {
		return one.v, nil
	}
	v, err := ask()
	if err != nil {
		return v, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= maxKept {
		k.all = map[string]keptOne[T]{}
	}
	k.all[key] = keptOne[T]{v, time.Now()}
	return v, nil
}

// identity is who the app is.
type identity struct{ team, user, bot string }

// self asks once who we are; a token's identity does not change.
func (d *Desk) self(ctx context.Context) (identity, error) {
	return d.me.get("", 24*time.Hour, func() (identity, error) {
		r, err := d.api.AuthTestContext(ctx)
		if err != nil {
			return identity{}, err
		}
		return identity{r.TeamID, r.UserID, r.BotID}, nil
	})
}

// What people hear who may not act. Only they see it.
const (
	noForeign = "この操作は、この市の職員のワークスペースの人だけができます。"
	noGuest   = "この操作は、ゲストの方やアプリからはできません。"
	noShared  = "外部と共有されたチャンネルでは、相談の操作はできません。管理者に知らせてください。"
	noDuty    = "この操作は、当番の人だけができます。当番のユーザーグループに入っているか、管理者に確認してください。"
	noMember  = "この操作は、このチャンネルのメンバーだけができます。"
	noAnswer  = "いま Slack に権限を確かめられませんでした。少し待ってから、もう一度お試しください。"
)

// actor is somebody who did something, and where.
type actor struct{ user, team, channel string }

// may says why somebody may not act, "" when they may, and their name where the
// city shows names.
func (d *Desk) may(ctx context.Context, a actor) (name, no string) {
	me, err := d.self(ctx)
	if err != nil {
		return "", d.unsure(err)
	}
	if a.user == "" || a.team != "" && a.team != me.team {
		return "", noForeign
	}
	var (
		wait               sync.WaitGroup
		user               *api.User
		errUser, errDuty   error
		byUser, room, duty string
	)
	wait.Go(func() { user, byUser, errUser = d.person(ctx, me, a.user) })
	wait.Go(func() { room = d.shared(ctx, a.channel) })
	wait.Go(func() { duty, errDuty = d.onDuty(ctx, a) })
	wait.Wait()
	switch {
	case errUser != nil:
		return "", d.unsure(errUser)
	case byUser != "":
		return "", byUser
	case room != "":
		return "", room
	case errDuty != nil:
		return "", d.unsure(errDuty)
	case duty != "":
		return "", duty
	}
	if !d.o.ShowNames {
		return "", ""
	}
	if name = user.Profile.DisplayName; name == "" {
		name = user.RealName
	}
	return name, ""
}

func (d *Desk) unsure(err error) string {
	d.log.Warn("could not ask Slack who may act", "reason", trouble(err).Error())
	return noAnswer
}

// person checks that somebody is a full member of our workspace.
func (d *Desk) person(ctx context.Context, me identity, id string) (u *api.User, no string, err error) {
	u, err = d.users.get(id, keepTime, func() (*api.User, error) { return d.api.GetUserInfoContext(ctx, id) })
	switch c := codeOf(err); {
	case c == "user_not_found" || c == "user_not_visible":
		return nil, noForeign, nil
	case err != nil:
		return nil, "", err
	case u.TeamID != me.team || u.IsStranger:
		return u, noForeign, nil
	case u.IsBot || u.Deleted || u.IsRestricted || u.IsUltraRestricted:
		return u, noGuest, nil
	}
	return u, "", nil
}

// shared checks that no other organisation reads along. A channel that cannot be
// asked about is not trusted.
func (d *Desk) shared(ctx context.Context, id string) (no string) {
	c, err := d.rooms.get(id, keepTime, func() (*api.Channel, error) {
		return d.api.GetConversationInfoContext(ctx, &api.GetConversationInfoInput{ChannelID: id})
	})
	switch {
	case err != nil:
		return d.unsure(err)
	case c.IsExtShared || c.IsPendingExtShared:
		return noShared
	}
	return ""
}

// onDuty checks the duty group, or the channel's members when there is none.
func (d *Desk) onDuty(ctx context.Context, a actor) (no string, err error) {
	key, no, ask := d.o.DutyGroup, noDuty, func() (map[string]bool, error) { return d.group(ctx) }
	if key == "" {
		key, no, ask = a.channel, noMember, func() (map[string]bool, error) { return d.members(ctx, a.channel) }
	}
	for _, age := range []time.Duration{keepTime, keepNo} {
		all, err := d.rosters.get(key, age, ask)
		if err != nil {
			return "", err
		}
		if all[a.user] {
			return "", nil
		}
	}
	return no, nil
}

func (d *Desk) group(ctx context.Context) (map[string]bool, error) {
	users, err := d.api.GetUserGroupMembersContext(ctx, d.o.DutyGroup)
	if err != nil {
		return nil, err
	}
	return set(map[string]bool{}, users), nil
}

// maxMembers bounds what is read of a channel's members, in pages of a thousand.
const maxMembers = 10

func (d *Desk) members(ctx context.Context, channel string) (map[string]bool, error) {
	all, cursor := map[string]bool{}, ""
	for range maxMembers {
		users, next, err := d.api.GetUsersInConversationContext(ctx, &api.GetUsersInConversationParameters{ChannelID: channel, Cursor: cursor, Limit: 1000})
		if err != nil {
			return nil, err
		}
		set(all, users)
		if cursor = next; cursor == "" {
			break
		}
	}
	return all, nil
}

func set(all map[string]bool, ids []string) map[string]bool {
	for _, id := range ids {
		all[id] = true
	}
	return all
}
