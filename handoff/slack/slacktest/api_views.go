package slacktest

import (
	"encoding/json"
	"maps"
)

// maxStack is how many modals may lie on each other.
const maxStack = 3

// View is a modal or a home tab as its user has it open.
type View struct {
	ID, Type, User  string
	CallbackID      string
	PrivateMetadata string
	ExternalID      string
	Hash            string // changes at every update
	Title, Submit   string // labels; Submit is empty when there is no such button
	Close           string
	RootID          string
	PreviousID      string
	Blocks          json.RawMessage
	Errors          map[string]string // by block_id, after a submission was answered with errors

	raw   map[string]any // as the app sent it
	names map[string]string
}

// Buttons are the elements that act when touched, without plain inputs.
func (v View) Buttons() []Button { return buttonsOf(decodeBlocks(v.Blocks)) }

func (s *Server) copyOfView(v *View) View {
	c := *v
	c.Errors = maps.Clone(v.Errors)
	c.names = s.names
	return c
}

// fill puts what the app sent into a view that may exist already.
func (s *Server) fill(v *View, raw map[string]any) {
	label := func(key string) string { return text(object(raw[key])["text"]) }
	v.raw, v.Type, v.CallbackID = raw, text(raw["type"]), text(raw["callback_id"])
	v.PrivateMetadata, v.ExternalID = text(raw["private_metadata"]), text(raw["external_id"])
	v.Title, v.Submit, v.Close = label("title"), label("submit"), label("close")
	v.Blocks, v.Errors = s.named(list(raw["blocks"])), nil
	v.Hash = unix(s.clock()) + "." + s.id("h")
}

func (s *Server) viewJSON(v *View, state map[string]any) map[string]any {
	out := map[string]any{}
	for _, k := range []string{"type", "title", "submit", "close", "callback_id", "private_metadata", "external_id",
		"clear_on_close", "notify_on_close"} {
		if x, has := v.raw[k]; has {
			out[k] = x
		}
	}
	for _, k := range []string{"callback_id", "private_metadata", "external_id"} {
		if out[k] == nil {
			out[k] = ""
		}
	}
	if state == nil {
		state = map[string]any{}
	}
	out["id"], out["team_id"], out["hash"], out["root_view_id"] = v.ID, s.opt.TeamID, v.Hash, v.RootID
	out["app_id"], out["bot_id"], out["app_installed_team_id"] = AppID, BotID, s.opt.TeamID
	out["state"] = map[string]any{"values": state}
	out["previous_view_id"] = nil
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	out["blocks"] = []any{}
	if v.Blocks != nil {
		out["blocks"] = v.Blocks
	}
	return out
}

// viewArg reads and checks a view argument of the wanted type.
func (s *Server) viewArg(a args, kind string) (map[string]any, error) {
	v, ok := a.value("view")
	raw := object(v)
	if !ok || raw == nil {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: view")
	}
	return raw, s.acceptView(raw, kind)
}

func (s *Server) acceptView(raw map[string]any, kind string) error {
	if len(encode(raw)) > maxViewBytes {
		return refuse("view_too_large")
	}
	faults := append(checkView(raw, "/view"), s.images(raw)...)
	if text(raw["type"]) != kind {
		faults = append(faults, "[ERROR] must be of type "+kind+" [json-pointer:/view/type]")
	}
	if len(faults) > 0 {
		return refuse("invalid_arguments", faults...)
	}
	return nil
}

func (s *Server) stack(user string, below []*View, raw map[string]any) (*View, error) {
	if id := text(raw["external_id"]); id != "" && s.findView("", id) != nil {
		return nil, refuse("duplicate_external_id")
	}
	v := &View{ID: s.id("V"), User: user}
	v.RootID = v.ID
	if len(below) > 0 {
		v.RootID, v.PreviousID = below[0].ID, below[len(below)-1].ID
	}
	s.fill(v, raw)
	s.modals[user] = append(below, v)
	return v, nil
}

func (s *Server) viewsOpen(a args) (reply, error) {
	raw, err := s.viewArg(a, "modal")
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(a.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	v, err := s.stack(t.user, nil, raw) // a new root takes the place of what was open
	if err != nil {
		return nil, err
	}
	return reply{"view": s.viewJSON(v, nil)}, nil
}

func (s *Server) viewsPush(a args) (reply, error) {
	raw, err := s.viewArg(a, "modal")
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(a.str("trigger_id"))
	switch {
	case err != nil:
		return nil, err
	case !t.fromView || len(s.modals[t.user]) == 0:
		return nil, refuse("invalid_trigger_id")
	case len(s.modals[t.user]) >= maxStack:
		return nil, refuse("push_limit_reached")
	}
	v, err := s.stack(t.user, s.modals[t.user], raw)
	if err != nil {
		return nil, err
	}
	return reply{"view": s.viewJSON(v, nil)}, nil
}

// findView finds an open modal by either of its IDs; an empty ID matches nothing.
func (s *Server) findView(id, externalID string) *View {
	for _, stack := range s.modals {
		for _, v := range stack {
			if id != "" && v.ID == id || id == "" && externalID != "" && v.ExternalID == externalID {
				return v
			}
		}
	}
	return nil
}

func (s *Server) viewsUpdate(a args) (reply, error) {
	raw, err := s.viewArg(a, "modal")
	if err != nil {
		return nil, err
	}
	v := s.findView(a.str("view_id"), a.str("external_id"))
	switch {
	case v == nil:
		return nil, refuse("not_found")
	case a.str("hash") != "" && a.str("hash") != v.Hash:
		return nil, refuse("hash_conflict")
	}
	if id := text(raw["external_id"]); id != "" && id != v.ExternalID && s.findView("", id) != nil {
		return nil, refuse("duplicate_external_id")
	}
	s.fill(v, raw)
	return reply{"view": s.viewJSON(v, nil)}, nil
}

func (s *Server) viewsPublish(a args) (reply, error) {
	raw, err := s.viewArg(a, "home")
	if err != nil {
		return nil, err
	}
	user := a.str("user_id")
	if _, known := s.users[user]; !known {
		return nil, refuse("user_not_found")
	}
	v := s.homes[user]
	if hash := a.str("hash"); hash != "" && (v == nil || hash != v.Hash) {
		return nil, refuse("hash_conflict")
	}
	if v == nil {
		v = &View{ID: s.id("V"), User: user}
		v.RootID = v.ID
		s.homes[user] = v
	}
	s.fill(v, raw)
	return reply{"view": s.viewJSON(v, nil)}, nil
}
