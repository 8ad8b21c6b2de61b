package linetest

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Content is what GET /v2/bot/message/{id}/content answers.
type Content struct {
	Type  string // MIME type
	Bytes []byte
	gone  bool // its message was unsent
}

func (s *Server) getContent(c call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	got, known := s.content.get(c.PathValue("id"))
	switch {
	case !known:
		return errNotFound
	case got.gone:
		return refuse(http.StatusGone, "Gone")
	}
	return answer{status: http.StatusOK, raw: append([]byte{}, got.Bytes...), kind: got.Type}
}

func (s *Server) getInfo(call) answer {
	return ok(object{
		"userId": BotUserID, "basicId": "@000aaaaa", "displayName": "相談窓口",
		"chatMode": s.chatMode, "markAsReadMode": map[string]string{"bot": "auto", "chat": "manual"}[s.chatMode],
	})
}

// getProfile exists so that a test can see it was never called.
func (s *Server) getProfile(c call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Profiles++
	ch := s.chats[c.PathValue("id")]
	if ch == nil || ch.blocked {
		return errNotFound
	}
	return ok(object{"userId": ch.id, "displayName": "LINE太郎"})
}

func (s *Server) getQuota(call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 {
		return ok(object{"type": "none"})
	}
	return ok(object{"type": "limited", "value": s.limit})
}

func (s *Server) getConsumption(call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quotaSpent(s.clock())
	return ok(object{"totalUsage": s.used})
}

func (s *Server) getWebhook(call) answer {
	hook := s.Webhook()
	if hook == "" {
		return errNotFound
	}
	return ok(object{"endpoint": hook, "active": true})
}

type endpointBody struct {
	Endpoint string `json:"endpoint"`
}

func (s *Server) putWebhook(c call) answer {
	var b endpointBody
	if a, fine := parseJSON(c.body, &b); !fine {
		return a
	}
	if !webhookURL(b.Endpoint) {
		return refuse(http.StatusBadRequest, "Invalid webhook endpoint URL")
	}
	s.SetWebhook(b.Endpoint)
	return ok(struct{}{})
}

// webhookURL wants https and 500 characters at most; plain http is good enough
// for this machine, which no platform but this one can reach.
func webhookURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || len(raw) > 500 {
		return false
	}
	host := u.Hostname()
	here := host == "localhost" || net.ParseIP(host).IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && here
}

// testWebhook sends a webhook without events, as the console's Verify does.
func (s *Server) testWebhook(c call) answer {
	var b endpointBody
	if len(c.body) > 0 {
		if a, fine := parseJSON(c.body, &b); !fine {
			return a
		}
	}
	if b.Endpoint == "" {
		b.Endpoint = s.Webhook()
	}
	if !webhookURL(b.Endpoint) {
		return refuse(http.StatusBadRequest, "Invalid webhook endpoint URL")
	}
	body := webhookBody(nil)
	status, err := s.post(c.Context(), b.Endpoint, body, Sign(s.secret, body))
	result := object{"timestamp": s.clock().UTC().Format(time.RFC3339Nano), "statusCode": status,
		"success": status/100 == 2, "reason": http.StatusText(status), "detail": strconv.Itoa(status)}
	if err != nil {
		result["reason"], result["detail"] = "COULD_NOT_CONNECT", "The webhook could not be delivered"
		if context.Cause(c.Context()) == nil && isTimeout(err) {
			result["reason"], result["detail"] = "REQUEST_TIMEOUT", "Request timeout"
		}
	}
	return ok(result)
}

func (s *Server) startLoading(c call) answer {
	b := struct {
		ChatID  string `json:"chatId"`
		Seconds *int   `json:"loadingSeconds"`
	}{}
	if a, fine := parseJSON(c.body, &b); !fine {
		return a
	}
	var faults []Detail
	if !userID.MatchString(b.ChatID) {
		faults = append(faults, Detail{"Must be a user ID", "chatId"})
	}
	if n := b.Seconds; n != nil && (*n < 5 || *n > 60 || *n%5 != 0) {
		faults = append(faults, Detail{"Must be a multiple of 5 between 5 and 60", "loadingSeconds"})
	}
	if len(faults) > 0 {
		return refuse(http.StatusBadRequest, "The request body has "+strconv.Itoa(len(faults))+" error(s)", faults...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Loading++
	return answer{status: http.StatusAccepted, body: struct{}{}}
}

func (s *Server) leave(c call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := c.PathValue("id")
	ch := s.chats[id]
	if ch == nil || ch.blocked || userID.MatchString(id) {
		return errNotFound
	}
	ch.blocked = true // from here on nothing is shown in it
	s.counts.Left = append(s.counts.Left, id)
	s.touch()
	return ok(struct{}{})
}
