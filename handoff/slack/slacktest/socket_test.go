package slacktest

import (
	"context"
	"errors"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// connect runs a real Socket Mode client until the test ends.
func connect(t *testing.T, tw town, handle func(*socketmode.Client, socketmode.Event)) {
	t.Helper()
	client := socketmode.New(tw.api)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = client.RunContext(ctx)
	}()
	go func() {
		for {
			select {
			case e := <-client.Events:
				handle(client, e)
			case <-ended:
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		tw.Close()
		<-ended
	})
	if err := tw.WaitFor(within(t), func() bool { return tw.Sockets() == 1 }); err != nil {
		t.Fatalf("no connection: %v", err)
	}
}

func TestSocketModeCarriesEverything(t *testing.T) {
	tw := newTown(t, Options{})
	heard := make(chan socketmode.Event, 8)
	connect(t, tw, func(c *socketmode.Client, e socketmode.Event) {
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		switch data := e.Data.(type) {
		case slack.InteractionCallback:
			if data.Type == slack.InteractionTypeViewSubmission {
				_ = c.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"text": "もう一度"}))
				break
			}
			_ = c.Ack(*e.Request)
		case slack.SlashCommand:
			_ = c.Ack(*e.Request, map[string]any{"text": "状況です"})
		default:
			_ = c.Ack(*e.Request)
		}
		heard <- e
	})
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	got, err := tw.Click(within(t), "UDUTY", "C01", ts, "claim")
	if err != nil || !got.Socket || !got.Acked() {
		t.Fatalf("click: %+v, %v", got, err)
	}
	if ic := (<-heard).Data.(slack.InteractionCallback); ic.ActionCallback.BlockActions[0].Value != "k1:1" {
		t.Errorf("payload %+v", ic)
	}
	if _, err := tw.api.OpenViewContext(within(t), got.TriggerID, replyModal("返信")); err != nil {
		t.Fatal(err)
	}
	view := tw.Views("UDUTY")[0]
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, One("text", "はい")); err != nil {
		t.Fatal(err)
	}
	if <-heard; tw.Views("UDUTY")[0].Errors["text"] != "もう一度" {
		t.Errorf("the acknowledgement's payload was not followed: %+v", tw.Views("UDUTY"))
	}
	if _, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", "状況"); err != nil {
		t.Fatal(err)
	}
	if <-heard; len(tw.Ephemerals("UDUTY")) != 1 || tw.Ephemerals("UDUTY")[0].Text != "状況です" {
		t.Errorf("shown %+v", tw.Ephemerals("UDUTY"))
	}
	if _, _, err := tw.Message(within(t), "UDUTY", "C01", "はい", ""); err != nil {
		t.Fatal(err)
	}
	first := (<-heard).Data.(slackevents.EventsAPIEvent)
	if _, err := tw.RetryLast(within(t)); err != nil {
		t.Fatal(err)
	}
	second := <-heard
	id := func(e slackevents.EventsAPIEvent) string { return e.Data.(*slackevents.EventsAPICallbackEvent).EventID }
	if id(second.Data.(slackevents.EventsAPIEvent)) != id(first) || second.Request.RetryAttempt != 1 {
		t.Errorf("retry %+v", second.Request)
	}
}

func TestSocketLostBeforeTheAck(t *testing.T) {
	tw := newTown(t, Options{})
	arrived, leave := make(chan struct{}, 8), make(chan struct{})
	connect(t, tw, func(_ *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeEventsAPI {
			arrived <- struct{}{}
			<-leave // never acknowledges
		}
	})
	defer close(leave)
	go func() {
		<-arrived
		tw.DropSockets()
	}()
	_, got, err := tw.Message(within(t), "UDUTY", "C01", "はい", "")
	if !errors.Is(err, errSocketLost) || got.Acked() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSocketReconnectsOnRefresh(t *testing.T) {
	tw := newTown(t, Options{})
	connect(t, tw, func(*socketmode.Client, socketmode.Event) {})
	opened := tw.Count("apps.connections.open")
	tw.RefreshSockets("refresh_requested")
	if err := tw.WaitFor(within(t), func() bool {
		return tw.Count("apps.connections.open") > opened && tw.Sockets() == 1
	}); err != nil {
		t.Errorf("no new connection: %v, %d open", err, tw.Sockets())
	}
}

func TestSocketWantsTheAppTokenAndAFreshTicket(t *testing.T) {
	tw := newTown(t, Options{})
	_, _, err := slack.New("x", slack.OptionAPIURL(tw.APIURL()), slack.OptionAppLevelToken(DefaultBotToken)).StartSocketModeContext(within(t))
	wantCode(t, err, "not_allowed_token_type")
	_, address, err := tw.api.StartSocketModeContext(within(t))
	if err != nil {
		t.Fatal(err)
	}
	tw.clock.Advance(ticketLife + 1)
	if _, status := dial(t, address); status != 403 {
		t.Errorf("an old ticket: status %d", status)
	}
	_, address, _ = tw.api.StartSocketModeContext(within(t))
	conn, _ := dial(t, address)
	if conn == nil {
		t.Fatal("a fresh ticket was refused")
	}
	defer conn.Close()
	if _, status := dial(t, address); status != 403 {
		t.Errorf("a used ticket: status %d", status)
	}
}
