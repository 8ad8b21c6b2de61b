package slack

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	api "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// Times of Socket Mode: the library's own back-off grows to minutes, which is
// too long for a desk, so it is begun anew at longBackoff.
const (
	shortPause    = time.Second
	longPause     = 30 * time.Second
	longBackoff   = 20 * time.Second
	maxEnvelope   = 4 << 20
	maxAtOnce     = 16
	silenceOfPing = 30 * time.Second
)

// RunSocket receives over Socket Mode until ctx ends, which is no error. It
// connects again after every loss; without an AppToken it returns an error at once.
func (d *Desk) RunSocket(ctx context.Context) error {
	if d.o.AppToken == "" {
		return errors.New("slack: no app token, no Socket Mode")
	}
	pause := shortPause
	for ctx.Err() == nil {
		began := time.Now()
		err := d.connected(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > 2*longPause {
			pause = shortPause
		}
		if c := codeOf(err); final[c] {
			d.log.Error("Slack refuses Socket Mode", "reason", c)
		} else {
			d.log.Warn("Socket Mode was lost, connecting again")
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		pause = min(2*pause, longPause)
	}
	return nil
}

// connected runs one client of the library until it gives up or ctx ends.
func (d *Desk) connected(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := socketmode.New(d.api, socketmode.OptionLog(mute{}), socketmode.OptionReadLimit(maxEnvelope),
		socketmode.OptionPingInterval(silenceOfPing))
	var handling sync.WaitGroup
	handling.Go(func() { d.receive(ctx, c, cancel) })
	err := c.RunContext(ctx)
	cancel()
	handling.Wait()
	return err
}

// receive handles envelopes, a bounded number at once.
func (d *Desk) receive(ctx context.Context, c *socketmode.Client, giveUp func()) {
	var handling sync.WaitGroup
	defer handling.Wait()
	slots := make(chan struct{}, maxAtOnce)
	for {
		var e socketmode.Event
		select {
		case <-ctx.Done():
			return
		case e = <-c.Events:
		}
		var req *socketmode.Request
		switch e.Type {
		case socketmode.EventTypeConnectionError:
			if lost, is := e.Data.(*api.ConnectionErrorEvent); is && lost.Backoff > longBackoff {
				if _, limited := errors.AsType[*api.RateLimitedError](lost.ErrorObj); !limited {
					giveUp()
				}
			}
			continue
		case socketmode.EventTypeErrorBadMessage:
			// The library could not parse it; what we need of it we read ourselves.
			bad, is := e.Data.(*socketmode.ErrorBadMessage)
			req = &socketmode.Request{}
			if !is || json.Unmarshal(bad.Message, req) != nil {
				continue
			}
		case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
			req = e.Request
		}
		if req == nil || req.EnvelopeID == "" {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		handling.Go(func() {
			defer func() { <-slots }()
			d.envelope(ctx, c, req)
		})
	}
}

// envelope handles one envelope as its HTTP twin is handled. What is not
// acknowledged Slack sends again, or tells who clicked.
func (d *Desk) envelope(ctx context.Context, c *socketmode.Client, req *socketmode.Request) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	a := d.dispatch(ctx, req)
	if a.status == 0 {
		if err := c.AckCtx(ctx, req.EnvelopeID, a.body); err != nil {
			d.log.Warn("an envelope was not acknowledged")
		}
	}
	if a.after != nil {
		d.later(a.after)
	}
}

func (d *Desk) dispatch(ctx context.Context, req *socketmode.Request) answer {
	switch req.Type {
	case socketmode.RequestTypeEventsAPI:
		return d.event(ctx, req.Payload)
	case socketmode.RequestTypeInteractive:
		return d.interaction(ctx, req.Payload)
	case socketmode.RequestTypeSlashCommands:
		var t typed
		if json.Unmarshal(req.Payload, &t) == nil {
			return d.command(ctx, t)
		}
	}
	d.strange(req.Type)
	return answer{}
}
