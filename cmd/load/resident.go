package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// patience is how long a resident waits for an answer.
const patience = 10 * time.Second

// script is what a resident does, over and over; "" is a tap on a button of the
// last answer that stays within the guide, or words where there is none.
var script = []string{
	"母の介護のことで困っています。どこに相談したらいいか分かりません。", "", "", "",
	"父が退院してきて、家のことも仕事もうまくいっていません。", "", "",
	"もどる", "さいしょから",
	"子どもの学校のことで相談したいです。", "", "", "やめる",
}

// resident is one person with one connection. Only one goroutine drives it.
type resident struct {
	who   int
	user  string
	addr  string
	path  string
	conn  net.Conn
	read  *bufio.Reader
	step  int
	seq   int64
	taps  []string
	heard chan []string // the buttons of the answer that is waited for
	wait  time.Duration // for an answer

	mu      sync.Mutex
	waiting int64 // seq of the message whose answer is waited for; 0 = none
}

func newResident(line *platform, addr, path string) *resident {
	r := &resident{addr: addr, path: path, heard: make(chan []string, 1), wait: patience}
	r.who = line.admit(r)
	r.user = fmt.Sprintf("U%032x", r.who+1)
	return r
}

// answered hands an answer over; false when nobody waits for it (any more).
func (r *resident) answered(seq int64, taps []string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting != seq {
		return false
	}
	r.waiting = 0
	r.heard <- taps
	return true
}

func (r *resident) await(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = seq
	select {
	case <-r.heard: // an earlier one, at the last moment
	default:
	}
}

// turn is one message and its answer: how long until it was acknowledged and
// until the answer came.
func (r *resident) turn(ctx context.Context) (ack, reply time.Duration, err error) {
	r.seq++
	body := r.event(time.Now())
	r.await(r.seq)
	began := time.Now()
	if err := r.post(body); err != nil {
		r.hangUp()
		r.await(0)
		return 0, 0, err
	}
	ack = time.Since(began)
	timer := time.NewTimer(r.wait)
	defer timer.Stop()
	select {
	case r.taps = <-r.heard:
		return ack, time.Since(began), nil
	case <-timer.C:
		err = errSilent
	case <-ctx.Done():
		err = ctx.Err()
	}
	r.await(0)
	return ack, 0, err
}

var errSilent = errors.New("an acknowledged message was not answered")

// event is the webhook of the resident's next deed.
func (r *resident) event(now time.Time) []byte {
	deed := script[r.step%len(script)]
	r.step++
	what := fmt.Sprintf(`"type":"postback","postback":{"data":%q}`, r.tap())
	if words := deed; words != "" || r.tap() == "" {
		if words == "" {
			words = "ほかにもあります"
		}
		what = fmt.Sprintf(`"type":"message","message":{"type":"text","id":"%d%08d","quoteToken":"q3Plxr4AgKd","text":%q}`, 500_000_000+r.who, r.seq, words)
	}
	return fmt.Appendf(nil, `{"destination":"U00000000000000000000000000000b07","events":[{%s,"webhookEventId":"01JLOAD%x%013d","deliveryContext":{"isRedelivery":false},"timestamp":%d,"source":{"type":"user","userId":%q},"replyToken":%q,"mode":"active"}]}`,
		what, r.who, r.seq, now.UnixMilli(), r.user, token(r.who, r.seq))
}

// tap chooses a button that leads on in the guide: nobody's consent is given
// here, so that no case reaches Slack. The echo shows no buttons; there a tap
// carries what a real one would.
func (r *resident) tap() string {
	if len(r.taps) == 0 && r.path == echoPath {
		return "1763800000:a:age/65"
	}
	for i := range r.taps {
		data := r.taps[(r.step+i)%len(r.taps)]
		if _, verb, _ := strings.Cut(data, ":"); strings.HasPrefix(verb, "a:") || strings.HasPrefix(verb, "pick:") || strings.HasPrefix(verb, "known:") {
			return data
		}
	}
	return ""
}

// post sends the webhook, signed, over the resident's own connection.
func (r *resident) post(body []byte) error {
	if r.conn == nil {
		c, err := net.DialTimeout("tcp", r.addr, patience)
		if err != nil {
			return err
		}
		r.conn, r.read = c, bufio.NewReader(c)
	}
	m := hmac.New(sha256.New, []byte(lineSecret))
	m.Write(body)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json; charset=utf-8\r\nUser-Agent: LineBotWebhook/2.0\r\nX-Line-Signature: %s\r\nContent-Length: %d\r\n\r\n",
		r.path, r.addr, base64.StdEncoding.EncodeToString(m.Sum(nil)), len(body))
	if err := r.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := r.conn.Write(append([]byte(head), body...)); err != nil {
		return err
	}
	res, err := http.ReadResponse(r.read, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("a webhook was answered %d", res.StatusCode)
	}
	return err
}

func (r *resident) hangUp() {
	if r.conn != nil {
		_ = r.conn.Close()
		r.conn = nil
	}
}
