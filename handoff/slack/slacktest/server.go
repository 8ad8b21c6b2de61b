package slacktest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say who the app is and where it listens. Empty values get a default.
type Options struct {
	BotToken      string // xoxb-…, accepted by the Web API
	AppToken      string // xapp-…, accepted by apps.connections.open only
	SigningSecret string // signs every request to the app
	TeamID        string // the workspace that installed the app

	URL             string // where this server is reached; learnt from the first API call when empty
	EventsURL       string // the app's Events API address
	InteractionsURL string // the app's address for clicks, modals and shortcuts
	CommandsURL     string // the app's address for slash commands

	Scopes []string         // of the bot token; DefaultScopes when nil
	Clock  func() time.Time // drives ts, triggers, signatures and rate limits; time.Now when nil
	Client *http.Client     // sends to the app; a plain client when nil
	Echo   bool             // send the bot's own posts, updates and deletions back as events, as Slack does
}

// The app's own identities in every workspace of this package.
const (
	BotUser = "UTSUNAGUBOT"
	BotID   = "BTSUNAGUBOT"
	AppID   = "ATSUNAGUAPP"
)

// What Options stand for when they are silent.
const (
	DefaultBotToken      = "xoxb-slacktest"
	DefaultAppToken      = "xapp-slacktest"
	DefaultSigningSecret = "slacktest signing secret"
	DefaultTeamID        = "T0CITY"
)

// DefaultScopes are the scopes of the bot token when Options name none.
func DefaultScopes() []string {
	return []string{"chat:write", "channels:history", "groups:history", "channels:read", "groups:read",
		"commands", "users:read", "usergroups:read"}
}

// Server is one workspace with one installed app. Make it with New, serve it as
// an http.Handler, end it with Close.
type Server struct {
	client  *http.Client
	clock   func() time.Time
	methods map[string]method
	done    chan struct{} // closed by Close; ends hanging calls, pings and echoes
	echoes  sync.WaitGroup

	mu      sync.Mutex
	opt     Options
	changed chan struct{} // closed and renewed at every change

	users    map[string]User
	channels map[string]*channel
	groups   map[string]Group
	names    map[string]string // id -> what a reader sees; replaced, never changed

	lastTS   int64 // microseconds of the newest ts
	serial   int   // for ids of every kind
	private  map[string][]*Message
	modals   map[string][]*View // open views of a user, bottom first
	homes    map[string]*View
	triggers map[string]*trigger
	hooks    map[string]*hook // response URLs by path
	files    map[string]*File // by ID, also those that are not shared yet

	throttle Throttle
	buckets  map[string]*bucket
	faults   []*Fault
	counts   map[string]int
	calls    []Call

	tickets map[string]time.Time // Socket Mode addresses handed out and not yet used
	sockets []*socket
	turn    int
	last    *delivery // the newest event, for RetryLast
}

// New makes a workspace that has the app's bot user and nothing else.
func New(o Options) *Server {
	s := &Server{
		opt: o, client: o.Client, clock: o.Clock,
		done: make(chan struct{}), changed: make(chan struct{}),
		users: map[string]User{}, channels: map[string]*channel{}, groups: map[string]Group{}, names: map[string]string{},
		private: map[string][]*Message{}, modals: map[string][]*View{}, homes: map[string]*View{},
		triggers: map[string]*trigger{}, hooks: map[string]*hook{}, files: map[string]*File{},
		buckets: map[string]*bucket{}, counts: map[string]int{}, tickets: map[string]time.Time{},
	}
	if s.client == nil {
		s.client = &http.Client{}
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.opt.BotToken = cmp.Or(o.BotToken, DefaultBotToken)
	s.opt.AppToken = cmp.Or(o.AppToken, DefaultAppToken)
	s.opt.SigningSecret = cmp.Or(o.SigningSecret, DefaultSigningSecret)
	s.opt.TeamID = cmp.Or(o.TeamID, DefaultTeamID)
	if o.Scopes == nil {
		s.opt.Scopes = DefaultScopes()
	}
	s.methods = s.table()
	s.AddUser(User{ID: BotUser, Name: "tsunagu", Bot: true})
	return s
}

// Close cuts every Socket Mode connection, frees hanging calls and waits for
// echoes under way. The server refuses everything afterwards.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	s.mu.Unlock()
	s.DropSockets()
	s.echoes.Wait()
}

// SetURL tells the server its own address, as response URLs and the Socket Mode
// address need it.
func (s *Server) SetURL(u string) { s.set(func() { s.opt.URL = strings.TrimSuffix(u, "/") }) }

// APIURL is the address for a client's API option; it ends in "/api/".
func (s *Server) APIURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSuffix(s.opt.URL, "/") + "/api/"
}

// SetEventsURL changes where events go.
func (s *Server) SetEventsURL(u string) { s.set(func() { s.opt.EventsURL = u }) }

// SetInteractionsURL changes where clicks, modals and shortcuts go.
func (s *Server) SetInteractionsURL(u string) { s.set(func() { s.opt.InteractionsURL = u }) }

// SetCommandsURL changes where slash commands go.
func (s *Server) SetCommandsURL(u string) { s.set(func() { s.opt.CommandsURL = u }) }

// SetScopes replaces the bot token's scopes.
func (s *Server) SetScopes(scopes ...string) {
	s.set(func() { s.opt.Scopes = append([]string(nil), scopes...) })
}

func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.notify()
}

// ServeHTTP answers /api/<method>, response URLs and the Socket Mode address.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.done:
		panic(http.ErrAbortHandler) // net/http's way to cut a connection without an answer
	default:
	}
	s.learnURL(r)
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(path, "/api/"))
	case strings.HasPrefix(path, hookPath):
		s.serveHook(w, r)
	case strings.HasPrefix(path, uploadPath):
		s.serveUpload(w, r)
	case strings.HasPrefix(path, filePath):
		s.serveFile(w, r)
	case path == socketPath:
		s.serveSocket(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) learnURL(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opt.URL == "" && r.Host != "" {
		s.opt.URL = "http://" + r.Host
		if r.TLS != nil {
			s.opt.URL = "https://" + r.Host
		}
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "unencodable answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away has nothing to be told
}
