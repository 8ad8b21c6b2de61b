package linetest

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// BotUserID is the account's own ID: the destination of every webhook.
const BotUserID = "U00000000000000000000000000000b07"

const (
	maxBody    = 2 << 20 // bytes of an API request; above it 413
	maxTokens  = 100_000 // remembered reply tokens; the oldest are forgotten first
	maxKeys    = 100_000 // remembered retry keys
	maxContent = 1_000   // remembered pictures, voices and files
	maxChat    = 2_000   // entries of one chat; the oldest are forgotten first
	maxRefused = 1_000   // remembered refusals
	maxHeld    = 10_000  // webhooks held back
)

// Options configure a Server. The zero value of each field but the secret and
// the token is usable.
type Options struct {
	ChannelSecret string // signs webhooks
	ChannelToken  string // the bearer token every API call must carry
	Webhook       string // where webhooks are sent; may be set later with SetWebhook
	Clock         func() time.Time
	// Client sends the webhooks. The default gives up after 2 seconds, as LINE
	// does.
	Client *http.Client
	// Web carries what LINE and the phones fetch: the pictures of image messages, when
	// somebody looks (see Look and Behind). Nil reaches nothing.
	Web http.RoundTripper
	// MonthlyLimit is the number of pushes a month; 0 means without limit.
	MonthlyLimit int
	// ChatMode is what /v2/bot/info says: "bot" (the default) or "chat".
	ChatMode string
}

// Server is the platform. It is safe for use by several goroutines; its
// methods never call the bot while holding its lock.
type Server struct {
	secret, token, chatMode string
	clock                   func() time.Time
	client                  *http.Client
	web                     http.RoundTripper
	mux                     *http.ServeMux

	mu       sync.Mutex
	webhook  string
	changed  chan struct{}
	revision uint64
	serial   uint64 // last message ID given out

	chats   map[string]*chat
	tokens  bounded[*replyToken]
	keys    bounded[accepted]
	content bounded[Content]
	counts  Counts
	calls   map[string]int

	limit, used int
	usedMonth   time.Time

	faults  []*Fault
	holding bool
	twice   bool
	held    []Delivery
}

// New makes a platform without residents.
func New(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 2 * time.Second}
	}
	if o.ChatMode == "" {
		o.ChatMode = "bot"
	}
	s := &Server{
		secret: o.ChannelSecret, token: o.ChannelToken, chatMode: o.ChatMode,
		clock: o.Clock, client: o.Client, web: o.Web, webhook: o.Webhook, limit: o.MonthlyLimit,
		changed: make(chan struct{}),
		serial:  460_000_000_000_000_000,
		chats:   map[string]*chat{},
		calls:   map[string]int{},
		tokens:  newBounded[*replyToken](maxTokens),
		keys:    newBounded[accepted](maxKeys),
		content: newBounded[Content](maxContent),
	}
	s.mux = s.routes()
	return s
}

// SetWebhook changes the URL webhooks are sent to.
func (s *Server) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = url
}

// Webhook returns the URL webhooks are sent to.
func (s *Server) Webhook() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.webhook
}

// call is one authorised API request.
type call struct {
	*http.Request
	id   string // the x-line-request-id of its answer
	body []byte
}

// answer is what an endpoint says; ServeHTTP alone writes it, so that a fault
// can lose it on the way.
type answer struct {
	status   int
	body     any    // encoded as JSON, unless raw is set
	raw      []byte // content of a message
	kind     string // content type of raw
	accepted string // x-line-accepted-request-id
}

// errorBody is LINE's error shape.
type errorBody struct {
	Message string   `json:"message"`
	Details []Detail `json:"details,omitempty"`
	Sent    []sent   `json:"sentMessages,omitempty"`
}

// Detail is one fault of a request body.
type Detail struct {
	Message  string `json:"message"`
	Property string `json:"property,omitempty"`
}

type object = map[string]any

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func refuse(status int, message string, details ...Detail) answer {
	return answer{status: status, body: errorBody{Message: message, Details: details}}
}

var errNotFound = refuse(http.StatusNotFound, "Not found")

type endpoint func(call) answer

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern string, e endpoint) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, pattern, e) })
	}
	handle("POST /v2/bot/message/reply", s.reply)
	handle("POST /v2/bot/message/push", s.push)
	handle("POST /v2/bot/message/validate/reply", s.validate)
	handle("POST /v2/bot/message/validate/push", s.validate)
	handle("GET /v2/bot/message/quota", s.getQuota)
	handle("GET /v2/bot/message/quota/consumption", s.getConsumption)
	handle("GET /v2/bot/message/{id}/content", s.getContent)
	handle("GET /v2/bot/info", s.getInfo)
	handle("GET /v2/bot/profile/{id}", s.getProfile)
	handle("GET /v2/bot/channel/webhook/endpoint", s.getWebhook)
	handle("PUT /v2/bot/channel/webhook/endpoint", s.putWebhook)
	handle("POST /v2/bot/channel/webhook/test", s.testWebhook)
	handle("POST /v2/bot/chat/loading/start", s.startLoading)
	handle("POST /v2/bot/group/{id}/leave", s.leave)
	handle("POST /v2/bot/room/{id}/leave", s.leave)
	handle("/", func(call) answer { return errNotFound })
	return mux
}

// ServeHTTP answers as api.line.me and api-data.line.me.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request, pattern string, e endpoint) {
	c := call{Request: r, id: newUUID()}
	w.Header().Set("X-Line-Request-Id", c.id)
	s.count(pattern)
	a, allowed := s.admit(w, &c)
	if allowed {
		fault, mended := s.fault(r.URL.Path)
		if fault != nil {
			s.fail(w, c, e, fault, mended)
			return
		}
		a = e(c)
	}
	s.note(c, a, false)
	write(w, a)
}

// admit checks what LINE checks of every call: size, token, retry key, type.
func (s *Server) admit(w http.ResponseWriter, c *call) (answer, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, c.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "Request entity too large"), false
	case err != nil:
		return refuse(http.StatusBadRequest, "The request body could not be read"), false
	}
	c.body = body
	scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || s.token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1 {
		return refuse(http.StatusUnauthorized, "Authentication failed. Confirm that the access token in the authorization header is valid."), false
	}
	if _, has := c.Header[retryKeyHeader]; has && c.URL.Path != "/v2/bot/message/push" {
		return refuse(http.StatusBadRequest, "The retry key cannot be used with this endpoint"), false
	}
	if kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";"); len(body) > 0 && !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return refuse(http.StatusUnsupportedMediaType, "The content type, "+kind+", is not supported"), false
	}
	return answer{}, true
}

func write(w http.ResponseWriter, a answer) {
	if a.accepted != "" {
		w.Header().Set("X-Line-Accepted-Request-Id", a.accepted)
	}
	if a.raw != nil {
		w.Header().Set("Content-Type", a.kind)
		w.WriteHeader(a.status)
		w.Write(a.raw) // a client that has gone is no fault of ours
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	w.Write(encode(a.body))
}

// encode writes JSON as LINE does: UTF-8, no HTML escapes, no newline.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("null") // only values made in this package or decoded from JSON come here
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// bounded is a map that forgets its oldest entries.
type bounded[V any] struct {
	max   int
	byKey map[string]V
	order []string
}

func newBounded[V any](max int) bounded[V] { return bounded[V]{max: max, byKey: map[string]V{}} }

func (b *bounded[V]) get(key string) (V, bool) { v, ok := b.byKey[key]; return v, ok }

func (b *bounded[V]) put(key string, v V) {
	if _, known := b.byKey[key]; !known {
		b.order = append(b.order, key)
	}
	b.byKey[key] = v
	for len(b.order) > b.max {
		delete(b.byKey, b.order[0])
		b.order = b.order[1:]
	}
}
