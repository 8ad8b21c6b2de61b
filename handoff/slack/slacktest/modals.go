package slacktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Values are what a person fills into a modal, by block_id: text for an input,
// an option's value for a select, several for a multi-select, files' IDs (see Choose)
// for a file_input.
type Values map[string][]string

// One is short for a Values entry with a single text.
func One(blockID, value string) Values { return Values{blockID: {value}} }

// ErrTrouble means that Slack shows "trouble connecting": the app did not
// acknowledge, or answered something Slack does not take.
var ErrTrouble = errors.New("slacktest: trouble connecting")

// Submit fills in and submits the topmost modal of a user, and follows the
// response_action the app answers with: nothing closes it, clear closes all,
// update and push show another view, errors stay at their inputs.
func (s *Server) Submit(ctx context.Context, user, viewID string, values Values, how ...How) (Answer, error) {
	s.mu.Lock()
	v, d, err := s.submission(user, viewID, values)
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	a, err := s.deliver(ctx, d, bent(how))
	if err != nil {
		return a, err
	}
	if !a.Acked() {
		return a, fmt.Errorf("%w: status %d", ErrTrouble, a.Status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.follow(v, a)
	s.recordAnswer("response_action", a, err)
	return a, err
}

// recordAnswer keeps what the app answered to an act, as it reached Slack too.
func (s *Server) recordAnswer(method string, a Answer, err error) {
	call := Call{Method: method, Args: encode(string(a.Body))}
	if a.Response != nil {
		call.Args = encode(a.Response)
	}
	if err != nil {
		call.Error = err.Error()
	}
	if r, is := errors.AsType[*refusal](err); is {
		call.Error, call.Messages = r.code, r.messages
	}
	s.record(call)
}

func (s *Server) top(user, viewID string) (*View, error) {
	stack := s.modals[user]
	if len(stack) == 0 || stack[len(stack)-1].ID != viewID {
		return nil, impossible("%s has no view %s in front", user, viewID)
	}
	return stack[len(stack)-1], nil
}

func (s *Server) submission(user, viewID string, values Values) (*View, *delivery, error) {
	u, err := s.actor(user)
	if err != nil {
		return nil, nil, err
	}
	v, err := s.top(user, viewID)
	switch {
	case err != nil:
		return nil, nil, err
	case v.Submit == "":
		return nil, nil, impossible("view %s has no submit button", viewID)
	}
	state, err := fillIn(decodeBlocks(v.Blocks), values)
	if err != nil {
		return nil, nil, err
	}
	if err := s.describe(decodeBlocks(v.Blocks), state, user); err != nil {
		return nil, nil, err
	}
	return v, s.interaction(map[string]any{
		"type": "view_submission", "user": userRef(u), "trigger_id": s.trigger(user, true),
		"view": s.viewJSON(v, state), "response_urls": []any{},
	}), nil
}

// fillIn makes the state of a view's inputs, or says what the client would not
// let through.
func fillIn(blocks []any, values Values) (map[string]any, error) {
	state, used := map[string]any{}, 0
	for _, b := range blocks {
		block := object(b)
		if text(block["type"]) != "input" {
			continue
		}
		id, el := text(block["block_id"]), object(block["element"])
		chosen, filled := values[id]
		if filled {
			used++
		} else {
			chosen = initial(el)
		}
		optional, _ := block["optional"].(bool)
		if len(slices.DeleteFunc(slices.Clone(chosen), func(s string) bool { return s == "" })) == 0 && !optional {
			return nil, impossible("input %q has to be filled in", id)
		}
		one, err := choose(el, chosen)
		if err != nil {
			return nil, err
		}
		one["type"] = el["type"]
		state[id] = map[string]any{text(el["action_id"]): one}
	}
	if used != len(values) {
		return nil, impossible("there are not inputs for all of the values")
	}
	return state, nil
}

// initial is what an input holds before anyone touches it.
func initial(el map[string]any) []string {
	var out []string
	for _, k := range []string{"initial_value", "initial_date", "initial_time", "initial_user", "initial_channel", "initial_conversation"} {
		if s := text(el[k]); s != "" {
			out = append(out, s)
		}
	}
	if o := object(el["initial_option"]); o != nil {
		out = append(out, text(o["value"]))
	}
	for _, o := range list(el["initial_options"]) {
		out = append(out, text(object(o)["value"]))
	}
	return out
}

// choose is the state of an element after a person wrote or chose.
func choose(el map[string]any, chosen []string) (map[string]any, error) {
	kind := text(el["type"])
	first := ""
	if len(chosen) > 0 {
		first = chosen[0]
	}
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return write(el, first)
	case "file_input":
		return pickFiles(el, chosen)
	case "static_select", "radio_buttons", "multi_static_select", "checkboxes", "overflow":
		picked := []any{}
		for _, value := range chosen {
			options := optionsOf(el)
			i := slices.IndexFunc(options, func(o map[string]any) bool { return text(o["value"]) == value })
			if i < 0 {
				return nil, impossible("%q is none of the options", value)
			}
			picked = append(picked, options[i])
		}
		switch {
		case kind == "checkboxes" || strings.HasPrefix(kind, "multi_"):
			return map[string]any{"selected_options": picked}, nil
		case len(picked) == 0:
			return map[string]any{"selected_option": nil}, nil
		case len(picked) > 1:
			return nil, impossible("%s takes one option", kind)
		}
		return map[string]any{"selected_option": picked[0]}, nil
	}
	key := map[string]string{
		"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
		"users_select": "selected_user", "channels_select": "selected_channel", "conversations_select": "selected_conversation",
		"multi_users_select": "selected_users", "multi_channels_select": "selected_channels",
		"multi_conversations_select": "selected_conversations",
	}[kind]
	switch {
	case key == "":
		return nil, impossible("nobody can fill in a %q", kind)
	case strings.HasPrefix(kind, "multi_"):
		return map[string]any{key: slices.Clone(chosen)}, nil
	case first == "":
		return map[string]any{key: nil}, nil
	}
	return map[string]any{key: first}, nil
}

// write puts text into an input, within the length it allows.
func write(el map[string]any, words string) (map[string]any, error) {
	if words == "" {
		return map[string]any{"value": nil}, nil
	}
	limits := args(el)
	if most := limits.num("max_length", 3000, 3000); units(words) > most {
		return nil, impossible("the input takes %d characters", most)
	}
	if least := limits.num("min_length", 0, 3000); units(words) < least {
		return nil, impossible("the input wants %d characters", least)
	}
	return map[string]any{"value": words}, nil
}

// follow does what the app's answer to a submission says; the lock is held.
func (s *Server) follow(v *View, a Answer) error {
	user := v.User
	if _, err := s.top(user, v.ID); err != nil {
		return nil // the app closed or covered it meanwhile
	}
	stack := s.modals[user]
	switch action := text(a.Response["response_action"]); action {
	case "":
		if len(bytes.TrimSpace(a.Body)) > 0 && (a.Response == nil || len(a.Response) > 0) {
			return fmt.Errorf("%w: an answer that is neither empty nor a response_action", ErrTrouble)
		}
		s.modals[user] = stack[:len(stack)-1]
	case "clear":
		delete(s.modals, user)
	case "errors":
		return v.show(object(a.Response["errors"]))
	case "update", "push":
		raw := object(a.Response["view"])
		if err := s.acceptView(raw, "modal"); err != nil {
			return fmt.Errorf("%w: %w", ErrTrouble, err)
		}
		if action == "update" {
			s.fill(v, raw)
			return nil
		}
		if len(stack) >= maxStack {
			return fmt.Errorf("%w: %w", ErrTrouble, refuse("push_limit_reached"))
		}
		_, err := s.stack(user, stack, raw)
		return err
	default:
		return fmt.Errorf("%w: response_action %q", ErrTrouble, action)
	}
	return nil
}

// show puts errors at the inputs they name; Slack takes no other block_id.
func (v *View) show(problems map[string]any) error {
	said := map[string]string{}
	for id, words := range problems {
		at := slices.IndexFunc(decodeBlocks(v.Blocks), func(b any) bool {
			return text(object(b)["type"]) == "input" && text(object(b)["block_id"]) == id
		})
		if at < 0 || text(words) == "" {
			return fmt.Errorf("%w: errors for %q, which is no input", ErrTrouble, id)
		}
		said[id] = text(words)
	}
	if len(said) == 0 {
		return fmt.Errorf("%w: errors without any", ErrTrouble)
	}
	v.Errors = said
	return nil
}

// ClickView presses a button in the topmost modal or in the home tab.
func (s *Server) ClickView(ctx context.Context, user, viewID, actionID string, how ...How) (Answer, error) {
	b := bent(how)
	s.mu.Lock()
	d, err := s.clickView(user, viewID, actionID, b)
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	return s.deliver(ctx, d, b)
}

func (s *Server) clickView(user, viewID, actionID string, b bend) (*delivery, error) {
	u, err := s.actor(user)
	if err != nil {
		return nil, err
	}
	v := s.homes[user]
	if v == nil || v.ID != viewID {
		if v, err = s.top(user, viewID); err != nil {
			return nil, err
		}
	}
	action, err := s.action(v.Buttons(), actionID, b)
	if err != nil {
		return nil, err
	}
	state, err := typed(decodeBlocks(v.Blocks), b.typed)
	if err == nil {
		err = s.describe(decodeBlocks(v.Blocks), state, user)
	}
	if err != nil {
		return nil, err
	}
	return s.interaction(map[string]any{
		"type": "block_actions", "user": userRef(u), "trigger_id": s.trigger(user, v.Type == "modal"),
		"container": map[string]any{"type": "view", "view_id": v.ID}, "view": s.viewJSON(v, state), "actions": []any{action},
	}), nil
}

// typed is the state of a view's inputs while somebody is still at them.
func typed(blocks []any, values Values) (map[string]any, error) {
	state := map[string]any{}
	for _, b := range blocks {
		block := object(b)
		if text(block["type"]) != "input" {
			continue
		}
		id, el := text(block["block_id"]), object(block["element"])
		stands, touched := values[id]
		if !touched {
			stands = initial(el)
		}
		one, err := choose(el, stands)
		if err != nil {
			return nil, err
		}
		one["type"] = el["type"]
		state[id] = map[string]any{text(el["action_id"]): one}
	}
	return state, nil
}

// CloseView closes the topmost modal. The app hears of it only if the view has
// notify_on_close; otherwise the answer is empty.
func (s *Server) CloseView(ctx context.Context, user, viewID string, how ...How) (Answer, error) {
	s.mu.Lock()
	v, err := s.top(user, viewID)
	var d *delivery
	if err == nil {
		s.modals[user] = s.modals[user][:len(s.modals[user])-1]
		s.notify()
		if on, _ := v.raw["notify_on_close"].(bool); on {
			d = s.interaction(map[string]any{
				"type": "view_closed", "user": userRef(s.users[user]), "view": s.viewJSON(v, nil), "is_cleared": false,
			})
		}
	}
	s.mu.Unlock()
	if err != nil || d == nil {
		return Answer{}, err
	}
	return s.deliver(ctx, d, bent(how))
}
