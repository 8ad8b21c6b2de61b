package slacktest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// reply is what a method answers beside ok.
type reply map[string]any

// refusal is a method's error answer.
type refusal struct {
	code     string
	messages []string // for response_metadata
	extra    reply
}

func (r *refusal) Error() string {
	return strings.Join(append([]string{r.code}, r.messages...), " ")
}

func refuse(code string, messages ...string) *refusal {
	return &refusal{code: code, messages: messages}
}

// method is one Web API method; do runs with the lock held.
type method struct {
	scopes []string // any one of them suffices; none needed when empty
	app    bool     // wants the app-level token
	do     func(args) (reply, error)
}

func (s *Server) table() map[string]method {
	write := []string{"chat:write"}
	read := []string{"channels:read", "groups:read"}
	history := []string{"channels:history", "groups:history"}
	return map[string]method{
		"auth.test":             {do: s.authTest},
		"apps.connections.open": {app: true, do: s.connectionsOpen},
		"chat.postMessage":      {scopes: write, do: s.postMessage},
		"chat.update":           {scopes: write, do: s.updateMessage},
		"chat.delete":           {scopes: write, do: s.deleteMessage},
		"chat.postEphemeral":    {scopes: write, do: s.postEphemeral},
		"chat.getPermalink":     {do: s.getPermalink},
		"conversations.history": {scopes: history, do: s.history},
		"conversations.replies": {scopes: history, do: s.threadReplies},
		"conversations.info":    {scopes: read, do: s.conversationInfo},
		"conversations.members": {scopes: read, do: s.members},
		"conversations.list":    {scopes: read, do: s.conversationList},
		"users.info":            {scopes: []string{"users:read"}, do: s.userInfo},
		"users.list":            {scopes: []string{"users:read"}, do: s.userList},
		"usergroups.list":       {scopes: []string{"usergroups:read"}, do: s.groupList},
		"usergroups.users.list": {scopes: []string{"usergroups:read"}, do: s.groupUsers},
		"views.open":            {do: s.viewsOpen},

		"files.getUploadURLExternal":   {scopes: []string{"files:write"}, do: s.getUploadURL},
		"files.completeUploadExternal": {scopes: []string{"files:write"}, do: s.completeUpload},
		"files.info":                   {scopes: []string{"files:read"}, do: s.fileInfo},
		"files.delete":                 {scopes: []string{"files:write"}, do: s.deleteFile},
		"views.push":                   {do: s.viewsPush},
		"views.update":                 {do: s.viewsUpdate},
		"views.publish":                {do: s.viewsPublish},
	}
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	a, token, problem := readArgs(r)
	fault := s.faultFor(name)
	if fault.spoils() {
		s.set(func() { s.record(Call{Method: name, Args: encode(a), Error: "fault: " + fault.Kind.String()}) })
		fault.answer(s, w, r)
		return
	}
	answer, wait := s.run(name, a, token, problem)
	if fault != nil {
		fault.answer(s, w, r)
		return
	}
	s.mu.Lock()
	scopes := strings.Join(s.opt.Scopes, ",")
	soft := s.throttle.Soft
	s.mu.Unlock()
	w.Header().Set("X-OAuth-Scopes", scopes)
	if wait > 0 && !soft {
		tooMany(w, wait)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// run carries a call out. wait is set when the caller came too fast: the
// seconds until it may come again.
func (s *Server) run(name string, a args, token, problem string) (answer reply, wait int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := Call{Method: name, Args: encode(a)}
	answer, wait, err := s.attempt(name, a, token, problem)
	if err == nil {
		answer["ok"] = true
		s.record(call)
		return answer, wait
	}
	var r *refusal
	if !errors.As(err, &r) {
		r = refuse("internal_error")
	}
	answer = reply{"ok": false, "error": r.code}
	if len(r.messages) > 0 {
		answer["response_metadata"] = reply{"messages": r.messages}
	}
	for k, v := range r.extra {
		answer[k] = v
	}
	call.Error, call.Messages = r.code, r.messages
	s.record(call)
	return answer, wait
}

func (s *Server) attempt(name string, a args, token, problem string) (reply, int, error) {
	m, known := s.methods[name]
	switch {
	case !known:
		return nil, 0, &refusal{code: "unknown_method", extra: reply{"req_method": name}}
	case problem != "":
		return nil, 0, refuse(problem)
	case token == "":
		return nil, 0, refuse("not_authed")
	case token != s.opt.BotToken && token != s.opt.AppToken:
		return nil, 0, refuse("invalid_auth")
	case m.app != (token == s.opt.AppToken):
		return nil, 0, refuse("not_allowed_token_type")
	case len(m.scopes) > 0 && !slices.ContainsFunc(m.scopes, s.hasScope):
		return nil, 0, s.missing(m.scopes...)
	}
	if wait := s.tooFast(name, a.str("channel")); wait > 0 {
		return nil, wait, refuse("ratelimited")
	}
	answer, err := m.do(a)
	if err != nil {
		return nil, 0, err
	}
	if answer == nil {
		answer = reply{}
	}
	return answer, 0, nil
}

func (s *Server) hasScope(scope string) bool { return slices.Contains(s.opt.Scopes, scope) }

func (s *Server) missing(needed ...string) *refusal {
	return &refusal{code: "missing_scope", extra: reply{
		"needed": strings.Join(needed, ","), "provided": strings.Join(s.opt.Scopes, ","),
	}}
}

func (s *Server) authTest(args) (reply, error) {
	return reply{
		"url": "https://city.slack.com/", "team": "city", "user": s.users[BotUser].Name,
		"team_id": s.opt.TeamID, "user_id": BotUser, "bot_id": BotID, "is_enterprise_install": false,
	}, nil
}
