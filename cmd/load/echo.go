package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"
)

// echoName makes a process of this program the echo.
const echoName = "echo"

// echo is the least that a bot on this library can do: it verifies, parses and
// replies, and keeps nothing. It writes its address to out and serves until it
// is killed. It keeps as many connections as speak at once: the library's
// default of two would only make it slow.
func echo(line string, out io.Writer) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute}
	api, err := messaging_api.NewMessagingApiAPI(lineToken, messaging_api.WithEndpoint(line),
		messaging_api.WithHTTPClient(&http.Client{Transport: transport, Timeout: 8 * time.Second}))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, l.Addr())
	s := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hook, err := webhook.ParseRequest(lineSecret, r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for _, e := range hook.Events {
			token, words := heard(e)
			_, err := api.ReplyMessage(&messaging_api.ReplyMessageRequest{ReplyToken: token,
				Messages: []messaging_api.MessageInterface{&messaging_api.TextMessage{Text: words}}})
			if err != nil {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
	})}
	return s.Serve(l)
}

// heard is what there is to answer in an event.
func heard(e webhook.EventInterface) (token, words string) {
	switch e := e.(type) {
	case webhook.MessageEvent:
		if m, ok := e.Message.(webhook.TextMessageContent); ok {
			return e.ReplyToken, m.Text
		}
	case webhook.PostbackEvent:
		return e.ReplyToken, e.Postback.Data
	}
	return "", ""
}
