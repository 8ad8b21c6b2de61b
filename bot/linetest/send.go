package linetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	retryKeyHeader = "X-Line-Retry-Key"
	tokenLife      = time.Minute      // from the webhook that carried it
	tokenEnd       = 20 * time.Minute // from the event, however often it is redelivered
	keyLife        = 24 * time.Hour
	friendless     = 7 * 24 * time.Hour // how long someone who wrote, but is no friend, can be pushed to
)

// japan is where months begin for the quota.
var japan = time.FixedZone("JST", 9*60*60)

type replyToken struct {
	chat  string
	event time.Time // when the event happened
	sent  time.Time // when the webhook that carried it last went out
	used  bool
}

// accepted is a push that a retry key stands for.
type accepted struct {
	request string
	at      time.Time
	sent    []sent
}

type sent struct {
	ID         string `json:"id"`
	QuoteToken string `json:"quoteToken,omitempty"`
}

// sendBody is the body of a reply, a push or a validation.
type sendBody struct {
	ReplyToken string            `json:"replyToken"`
	To         string            `json:"to"`
	Messages   []json.RawMessage `json:"messages"`
	Silent     bool              `json:"notificationDisabled"`
}

func parseJSON(body []byte, into any) (answer, bool) {
	err := json.Unmarshal(body, into)
	if err == nil {
		return answer{}, true
	}
	var offset int64
	message := "The request body could not be parsed as JSON (line: %d, column: %d)"
	switch e := err.(type) {
	case *json.SyntaxError:
		offset = min(e.Offset, int64(len(body)))
	case *json.UnmarshalTypeError:
		offset = min(e.Offset, int64(len(body)))
		message = "The property, '" + e.Field + "', in the request body is invalid (line: %d, column: %d)"
	}
	before := body[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return refuse(http.StatusBadRequest, fmt.Sprintf(message, line, column)), false
}

// readSend parses and checks a body with messages. A faulty one spends
// neither reply token nor retry key.
func readSend(c call) (sendBody, answer, bool) {
	var b sendBody
	if a, fine := parseJSON(c.body, &b); !fine {
		return b, a, false
	}
	if faults := CheckMessages(b.Messages); len(faults) > 0 {
		return b, refuse(http.StatusBadRequest, fmt.Sprintf("The request body has %d error(s)", len(faults)), faults...), false
	}
	return b, answer{}, true
}

func (s *Server) validate(c call) answer {
	if _, a, fine := readSend(c); !fine {
		return a
	}
	return ok(struct{}{})
}

func (s *Server) reply(c call) answer {
	b, a, fine := readSend(c)
	if !fine {
		return a
	}
	if b.ReplyToken == "" {
		return refuse(http.StatusBadRequest, "The request body has 1 error(s)", Detail{"May not be empty", "replyToken"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	token, known := s.tokens.get(b.ReplyToken)
	if !known || token.used || now.Sub(token.sent) > tokenLife || now.Sub(token.event) > tokenEnd {
		return refuse(http.StatusBadRequest, "Invalid reply token")
	}
	token.used = true
	s.counts.Replies++
	ids, _ := s.show(token.chat, b, Reply, c, now)
	return ok(object{"sentMessages": ids})
}

func (s *Server) push(c call) answer {
	key, has := c.Header[retryKeyHeader]
	if has && (len(key) != 1 || !uuid.MatchString(key[0])) {
		return refuse(http.StatusBadRequest, "The retry key must be a UUID")
	}
	b, a, fine := readSend(c)
	if !fine {
		return a
	}
	if !userID.MatchString(b.To) && !groupID.MatchString(b.To) && !roomID.MatchString(b.To) {
		return refuse(http.StatusBadRequest, "The property, 'to', in the request body is invalid (line: -, column: -)")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	if has {
		if first, known := s.keys.get(key[0]); known && now.Sub(first.at) < keyLife {
			s.counts.Conflicts++
			body := errorBody{Message: "The retry key is already accepted", Sent: first.sent}
			return answer{status: http.StatusConflict, body: body, accepted: first.request}
		}
	}
	if s.quotaSpent(now) {
		return refuse(http.StatusTooManyRequests, "You have reached your monthly limit.")
	}
	s.counts.Pushes++
	ids, seen := s.show(b.To, b, Push, c, now)
	if seen {
		s.used++
	}
	if has {
		s.keys.put(key[0], accepted{request: c.id, at: now, sent: ids})
	}
	return ok(object{"sentMessages": ids})
}

// show puts messages into a chat, or drops them without a word where LINE
// does: nobody there, blocked, or no friend who wrote lately.
func (s *Server) show(to string, b sendBody, how How, c call, now time.Time) (ids []sent, seen bool) {
	ch := s.chats[to]
	seen = ch != nil && !ch.blocked && (how == Reply || ch.friend || now.Sub(ch.wrote) <= friendless)
	if !seen {
		s.counts.Dropped++
		if ch != nil {
			ch.dropped = append(ch.dropped, now)
		}
	}
	for _, raw := range b.Messages {
		e := readMessage(raw)
		e.ID, e.From, e.How, e.At, e.Silent = s.nextMessageID(), Bot, how, now, b.Silent
		e.RequestID, e.RetryKey = c.id, c.Header.Get(retryKeyHeader)
		id := sent{ID: e.ID}
		if e.quotable() {
			id.QuoteToken = randomHex(24)
		}
		ids = append(ids, id)
		if seen {
			ch.add(e)
		}
	}
	s.touch()
	return ids, seen
}

// quotaSpent begins a new count with each month of Japan's calendar.
func (s *Server) quotaSpent(now time.Time) bool {
	local := now.In(japan)
	month := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, japan)
	if !month.Equal(s.usedMonth) {
		if !s.usedMonth.IsZero() {
			s.used = 0
		}
		s.usedMonth = month
	}
	return s.limit > 0 && s.used >= s.limit
}

func (s *Server) nextMessageID() string {
	s.serial++
	return fmt.Sprint(s.serial)
}
