package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Socket Mode's own limits and times.
const (
	socketPath  = "/link/"
	maxSockets  = 10
	ticketLife  = 30 * time.Second
	pingEvery   = 5 * time.Second
	writeWithin = 5 * time.Second
)

// errSocketLost means that the connection ended before the acknowledgement came.
var errSocketLost = errors.New("slacktest: the Socket Mode connection was lost")

// socket is one open connection.
type socket struct {
	conn *websocket.Conn
	gone chan struct{}

	write sync.Mutex
	mu    sync.Mutex
	acks  map[string]chan Answer // by envelope_id
}

func (s *Server) connectionsOpen(args) (reply, error) {
	if len(s.sockets) >= maxSockets {
		return nil, refuse("too_many_websockets")
	}
	maps.DeleteFunc(s.tickets, func(_ string, given time.Time) bool { return s.clock().Sub(given) > ticketLife })
	ticket := s.id("ticket")
	s.tickets[ticket] = s.clock()
	address := "ws" + strings.TrimPrefix(s.opt.URL, "http")
	return reply{"url": address + socketPath + "?ticket=" + ticket + "&app_id=" + AppID}, nil
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if fault := s.faultFor("socket"); fault != nil {
		fault.answer(s, w, r)
		return
	}
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	given, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	fresh := known && s.clock().Sub(given) <= ticketLife
	s.mu.Unlock()
	if !fresh {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the ticket is the proof
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	conn.SetReadLimit(maxBody)
	sock := &socket{conn: conn, gone: make(chan struct{}), acks: map[string]chan Answer{}}
	var open int
	s.set(func() {
		s.sockets = append(s.sockets, sock)
		open = len(s.sockets)
	})
	_ = sock.put(map[string]any{ // a connection lost already ends the reading below
		"type": "hello", "num_connections": open, "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "applink-1", "build_number": 1, "approximate_connection_time": 3600},
	})
	go sock.ping(s.done)
	sock.read()
	s.set(func() { s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == sock }) })
	_ = conn.Close()
}

func (k *socket) put(v any) error {
	k.write.Lock()
	defer k.write.Unlock()
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return k.conn.WriteJSON(v)
}

func (k *socket) ping(done <-chan struct{}) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		if k.conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(writeWithin)) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-k.gone:
			return
		case <-done:
			_ = k.conn.Close() // ends the reading too
			return
		}
	}
}

// read takes acknowledgements until the connection ends.
func (k *socket) read() {
	defer close(k.gone)
	for {
		_, raw, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(raw, &ack) != nil {
			continue
		}
		k.mu.Lock()
		waiting := k.acks[ack.EnvelopeID]
		delete(k.acks, ack.EnvelopeID)
		k.mu.Unlock()
		if string(ack.Payload) == "null" {
			ack.Payload = nil
		}
		if waiting != nil {
			a := answered(http.StatusOK, nil, ack.Payload)
			a.Socket = true
			waiting <- a // buffered, and only once per envelope
		}
	}
}

// nextSocket picks a connection in turn; Slack promises no particular one.
func (s *Server) nextSocket() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets) == 0 {
		return nil
	}
	s.turn++
	return s.sockets[s.turn%len(s.sockets)]
}

func (s *Server) sendEnvelope(ctx context.Context, k *socket, d *delivery) (Answer, error) {
	s.mu.Lock()
	id := s.id("envelope-")
	s.mu.Unlock()
	waiting := make(chan Answer, 1)
	k.mu.Lock()
	k.acks[id] = waiting
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.acks, id)
		k.mu.Unlock()
	}()
	envelope := map[string]any{
		"type": d.envelope, "envelope_id": id, "payload": d.payload, "accepts_response_payload": d.replies,
	}
	if d.envelope == "events_api" {
		envelope["retry_attempt"], envelope["retry_reason"] = d.retry, d.reason
	}
	if err := k.put(envelope); err != nil {
		return Answer{Socket: true}, err
	}
	select {
	case a := <-waiting:
		return a, nil
	case <-k.gone:
		return Answer{Socket: true}, errSocketLost
	case <-ctx.Done():
		return Answer{Socket: true}, ctx.Err()
	}
}

// Sockets is how many Socket Mode connections are open.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// DropSockets cuts every Socket Mode connection without a word.
func (s *Server) DropSockets() {
	s.mu.Lock()
	open := slices.Clone(s.sockets)
	s.mu.Unlock()
	for _, k := range open {
		_ = k.conn.Close() // closed twice is closed
	}
}

// RefreshSockets sends every connection a disconnect message, as Slack does
// every few hours. reason is "warning", "refresh_requested" or "link_disabled".
// With "warning" the connections stay open for the app to leave in its time.
func (s *Server) RefreshSockets(reason string) {
	s.mu.Lock()
	open := slices.Clone(s.sockets)
	s.mu.Unlock()
	for _, k := range open {
		_ = k.put(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-1"}})
		if reason != "warning" {
			_ = k.conn.Close()
		}
	}
}
