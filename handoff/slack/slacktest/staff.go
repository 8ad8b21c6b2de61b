package slacktest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ErrNotPossible means that Slack's own client does not offer this act: a button is
// gone, a form is closed.
var ErrNotPossible = errors.New("slacktest: the client does not allow it")

func impossible(format string, a ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrNotPossible}, a...)...)
}

// actor checks that a person can act at all; the lock is held.
func (s *Server) actor(user string) (User, error) {
	u, known := s.users[user]
	if !known || u.Deleted {
		return u, impossible("no user %s", user)
	}
	return u, nil
}

// actorIn checks that a person can act in a channel; the lock is held.
func (s *Server) actorIn(user, channelID string) (User, *channel, error) {
	u, err := s.actor(user)
	if err != nil {
		return u, nil, err
	}
	c := s.channels[channelID]
	if c == nil || !s.sees(c, user) {
		return u, nil, impossible("%s does not see channel %s", user, channelID)
	}
	return u, c, nil
}

func userRef(u User) map[string]any {
	return map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}
}

func channelRef(c *channel) map[string]any {
	name := c.Name
	if c.Private {
		name = "privategroup"
	}
	return map[string]any{"id": c.ID, "name": name}
}

// Click presses a button (or chooses in a select, WithValue) on a message, or
// on an ephemeral message the user has. A button's confirm dialog counts as
// confirmed. With WithValue the button need not be there any more.
func (s *Server) Click(ctx context.Context, user, channelID, ts, actionID string, how ...How) (Answer, error) {
	b := bent(how)
	s.mu.Lock()
	d, err := s.click(user, channelID, ts, actionID, b)
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	return s.deliver(ctx, d, b)
}

func (s *Server) click(user, channelID, ts, actionID string, b bend) (*delivery, error) {
	u, c, err := s.actorIn(user, channelID)
	if err != nil {
		return nil, err
	}
	m := c.message(ts)
	if m == nil {
		i := slices.IndexFunc(s.private[user], func(m *Message) bool { return m.TS == ts && m.Channel == channelID })
		if i < 0 {
			return nil, impossible("%s sees no message %s", user, ts)
		}
		m = s.private[user][i]
	}
	action, err := s.action(m.Buttons(), actionID, b)
	if err != nil {
		return nil, err
	}
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.EphemeralTo != "",
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := map[string]any{
		"type": "block_actions", "user": userRef(u), "channel": channelRef(c), "container": container,
		"trigger_id": s.trigger(user, false), "response_url": s.newHook(c.ID, user, m),
		"state": map[string]any{"values": map[string]any{}}, "actions": []any{action},
	}
	if m.EphemeralTo == "" {
		payload["message"] = s.json(m, true)
	}
	return s.interaction(payload), nil
}

// action is what a click on one of the elements sends.
func (s *Server) action(all []Button, actionID string, b bend) (map[string]any, error) {
	el, found := findButton(all, actionID)
	if !found {
		if b.value == nil {
			return nil, impossible("there is no %q to click", actionID)
		}
		el = Button{ActionID: actionID, BlockID: s.id("b"), Type: "button", Text: actionID, Value: *b.value}
	}
	out := map[string]any{
		"action_id": el.ActionID, "block_id": el.BlockID, "type": el.Type, "action_ts": formatTS(s.clock().UnixMicro()),
	}
	if el.Type == "button" {
		out["text"] = map[string]any{"type": "plain_text", "text": el.Text, "emoji": true}
		if b.value != nil {
			el.Value = *b.value
		}
		if el.Value != "" {
			out["value"] = el.Value
		}
		if el.Style != "" {
			out["style"] = el.Style
		}
		return out, nil
	}
	if b.value == nil {
		return nil, impossible("%q wants a choice", actionID)
	}
	state, err := choose(el.raw, []string{*b.value})
	if err != nil {
		return nil, err
	}
	for k, v := range state {
		out[k] = v
	}
	return out, nil
}

// Shortcut chooses a message shortcut of the app on a message. Only members of
// the app's own workspace have it.
func (s *Server) Shortcut(ctx context.Context, user, channelID, ts, callbackID string, how ...How) (Answer, error) {
	s.mu.Lock()
	d, err := s.shortcut(user, channelID, ts, callbackID)
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	return s.deliver(ctx, d, bent(how))
}

func (s *Server) shortcut(user, channelID, ts, callbackID string) (*delivery, error) {
	u, c, err := s.actorIn(user, channelID)
	if err != nil {
		return nil, err
	}
	m := c.message(ts)
	switch {
	case m == nil || m.Subtype == "tombstone":
		return nil, impossible("%s sees no message %s", user, ts)
	case u.TeamID != s.opt.TeamID:
		return nil, impossible("%s is of another workspace", user)
	}
	return s.interaction(map[string]any{
		"type": "message_action", "callback_id": callbackID, "action_ts": formatTS(s.clock().UnixMicro()),
		"user": userRef(u), "channel": channelRef(c), "message_ts": m.TS, "message": s.json(m, true),
		"trigger_id": s.trigger(user, false), "response_url": s.newHook(c.ID, user, m),
	}), nil
}

// deliver sends an interaction and notes what was sent along.
func (s *Server) deliver(ctx context.Context, d *delivery, b bend) (Answer, error) {
	a, err := s.send(ctx, d, b)
	if b.twice && err == nil {
		again := *d
		again.retry, again.reason = 1, reasonFor(a, nil)
		a, err = s.send(ctx, &again, b)
	}
	a.TriggerID, a.ResponseURL = text(d.payload["trigger_id"]), text(d.payload["response_url"])
	return a, err
}

// Command types a slash command in a channel; command has its slash. What the
// app answers is shown to the user as Slack would: text or a message, ephemeral
// unless it says in_channel.
func (s *Server) Command(ctx context.Context, user, channelID, command, words string, how ...How) (Answer, error) {
	s.mu.Lock()
	d, err := s.command(user, channelID, command, words)
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	a, err := s.deliver(ctx, d, bent(how))
	if err != nil || !a.Acked() || len(strings.TrimSpace(string(a.Body))) == 0 {
		return a, err
	}
	shown := args(a.Response)
	if shown == nil {
		shown = args{"text": string(a.Body)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(shown) > 0 {
		err = s.respond(&hook{channel: channelID, user: user, born: s.clock()}, shown, "")
	}
	s.recordAnswer("command_response", a, err)
	return a, err
}

func (s *Server) command(user, channelID, command, words string) (*delivery, error) {
	u, c, err := s.actorIn(user, channelID)
	switch {
	case err != nil:
		return nil, err
	case u.TeamID != s.opt.TeamID:
		return nil, impossible("%s is of another workspace", user)
	case !s.hasScope("commands"):
		return nil, ErrNotDelivered
	}
	fields := map[string]any{
		"token": "verification", "team_id": s.opt.TeamID, "team_domain": "city", "channel_id": c.ID,
		"channel_name": channelRef(c)["name"], "user_id": u.ID, "user_name": u.Name, "command": command, "text": words,
		"api_app_id": AppID, "is_enterprise_install": "false",
		"response_url": s.newHook(c.ID, user, nil), "trigger_id": s.trigger(user, false),
	}
	form := url.Values{}
	for k, v := range fields {
		form.Set(k, text(v))
	}
	return &delivery{url: s.opt.CommandsURL, envelope: "slash_commands", payload: fields, form: form, replies: true}, nil
}

// Respond posts JSON to a response URL, as an app does; for trying one out.
func (s *Server) Respond(ctx context.Context, responseURL string, v any) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, responseURL, strings.NewReader(string(encode(v))))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return res.StatusCode, nil
}
