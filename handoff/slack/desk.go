package slack

import (
	"context"
	"errors"
	"strconv"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// The metadata's event types.
const (
	eventCard = "tsunagu_card"
	eventPost = "tsunagu_post"
)

// Card posts the card, or edits it in place when at.TS is set. See handoff.Desk.
func (d *Desk) Card(ctx context.Context, at handoff.Spot, card handoff.Card, box handoff.Outbox) (handoff.Spot, error) {
	if at.Channel == "" {
		at.Channel = d.channel(card.Field)
	}
	r := rankCard
	if at.TS != "" {
		r = rankClaim
	}
	d.changed() // what is drawn is stored already
	return d.put(ctx, at, r, d.drawCard(card), eventCard, box)
}

// Post posts into a thread, or edits the post at.TS. See handoff.Desk.
func (d *Desk) Post(ctx context.Context, at handoff.Spot, post handoff.Post, box handoff.Outbox) (handoff.Spot, error) {
	if at == (handoff.Spot{}) {
		at.Channel = d.channel("")
		return d.put(ctx, at, rankClaim, d.drawPost(post), eventPost, box)
	}
	if at.Channel == "" || at.Thread == "" && at.TS == "" {
		return at, &handoff.DeskError{Reason: "no_thread", Final: true}
	}
	r := rankWords
	if post.Mention != "" && post.Kind != handoff.PostWords { // words keep to their order
		r = rankClaim
	}
	return d.put(ctx, at, r, d.drawPost(post), eventPost, box)
}

// Whisper says something to one user only. Its text is ours: <@U…> names
// somebody. A click is answered at its own address, which no limit slows down;
// in a thread that does not work.
func (d *Desk) Whisper(ctx context.Context, at handoff.Spot, w handoff.Whisper) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if at.Channel == "" {
		at.Channel = d.channel("")
	}
	blocks := []api.Block{section(ours(w.Text))}
	if w.Button != "" {
		b := api.NewButtonBlockElement(string(w.Button), value(w.Case, w.Version), plain(w.Button.Label()))
		blocks = append(blocks, api.NewActionBlock(w.Source, b))
	}
	if w.Answer != "" && at.Thread == "" {
		if d.respond(ctx, w.Answer, w.Text, blocks) == nil {
			return nil
		}
	}
	options := []api.MsgOption{api.MsgOptionText(ours(w.Text), false), api.MsgOptionBlocks(blocks...), api.MsgOptionParse(false)}
	if at.Thread != "" {
		options = append(options, api.MsgOptionTS(at.Thread))
	}
	return d.call(ctx, "chat.postEphemeral", "", rankClaim, func() error {
		_, err := d.api.PostEphemeralContext(ctx, at.Channel, w.User, options...)
		return err
	})
}

// Delete removes one of our own messages or files; what is gone is no error.
func (d *Desk) Delete(ctx context.Context, at handoff.Spot) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if at.File != "" {
		return d.deleteFile(ctx, at.File)
	}
	d.changed() // a card that goes is of a case that went
	return d.call(ctx, "chat.delete", "", rankWords, func() error {
		_, _, err := d.api.DeleteMessageContext(ctx, at.Channel, at.TS)
		if codeOf(err) == "message_not_found" {
			return nil
		}
		return err
	})
}

// channel is where cards of a field go.
func (d *Desk) channel(field string) string {
	if id := d.o.Channels[field]; id != "" {
		return id
	}
	return d.o.Channels["default"]
}

// put posts a message or edits the one that stands there already.
func (d *Desk) put(ctx context.Context, at handoff.Spot, r rank, m message, event string, box handoff.Outbox) (handoff.Spot, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	id := outboxID(box.ID)
	options := []api.MsgOption{
		api.MsgOptionText(escape(m.text), false), api.MsgOptionBlocks(m.blocks...), api.MsgOptionParse(false),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
		api.MsgOptionMetadata(api.SlackMetadata{EventType: event, EventPayload: map[string]any{"outbox": id}}),
	}
	if at.TS == "" && box.Doubtful {
		ts, err := d.lookUp(ctx, at, event, id, box.Since)
		if err != nil {
			return at, err
		}
		at.TS = ts
	}
	if at.TS != "" {
		return at, d.call(ctx, "chat.update", "", r, func() error {
			_, _, _, err := d.api.UpdateMessageContext(ctx, at.Channel, at.TS, options...)
			return err
		})
	}
	if at.Thread != "" {
		options = append(options, api.MsgOptionTS(at.Thread))
	}
	err := d.call(ctx, "chat.postMessage", at.Channel, r, func() error {
		_, ts, err := d.api.PostMessageContext(ctx, at.Channel, options...)
		if err == nil && ts == "" {
			err = errNoTS
		}
		at.TS = ts
		return err
	})
	return at, err
}

// call makes one call when its budget allows, and says what an error means.
func (d *Desk) call(ctx context.Context, method, channel string, r rank, do func() error) error {
	key, p := method+" "+channel, paces[method]
	if err := d.budget.take(ctx, key, p, r); err != nil {
		return err
	}
	err := trouble(do())
	if de, is := errors.AsType[*handoff.DeskError](err); is && de.After > 0 {
		d.budget.off(key, p, de.After)
	}
	return err
}

// Bounds of a search: how far before the first attempt, and how much is read.
const (
	lookSkew  = time.Minute
	lookPages = 5
	lookPage  = 200
)

// lookUp finds our own message of that outbox ID, "" when there is none among
// the newest thousand since its first attempt.
func (d *Desk) lookUp(ctx context.Context, at handoff.Spot, event, id string, since time.Time) (ts string, err error) {
	_, err = d.search(ctx, handoff.Search{At: at, Since: since}, rankCard, func(m api.Message) bool {
		if m.Metadata.EventType == event && m.Metadata.EventPayload["outbox"] == id {
			ts = m.Timestamp
		}
		return ts != ""
	})
	return ts, err
}

// Find lists our own messages. See handoff.Desk.
func (d *Desk) Find(ctx context.Context, s handoff.Search) (found []handoff.Spot, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	all := len(s.Boxes) == 0
	if all && s.At.Thread == "" {
		return nil, "", &handoff.DeskError{Reason: "no_thread", Final: true} // a channel holds other cases
	}
	if s.At.Channel == "" {
		s.At.Channel = d.channel(s.Field)
	}
	wanted := map[string]bool{}
	for _, box := range s.Boxes {
		wanted[outboxID(box)] = true
	}
	next, err = d.search(ctx, s, rankWords, func(m api.Message) bool {
		id, _ := m.Metadata.EventPayload["outbox"].(string)
		if wanted[id] || all && m.Metadata.EventType == eventPost {
			found = append(found, handoff.Spot{Channel: s.At.Channel, TS: m.Timestamp, Thread: s.At.Thread})
		}
		for _, f := range m.Files {
			if all && f.Mode != "tombstone" {
				found = append(found, handoff.Spot{File: f.ID})
			}
		}
		return false
	})
	if de, is := errors.AsType[*handoff.DeskError](err); is && de.Reason == "thread_not_found" {
		err = nil // it went with its card
	}
	return found, next, err
}

// search shows our own messages to found, until one is it. next is where to go on, ""
// when none is left.
func (d *Desk) search(ctx context.Context, s handoff.Search, r rank, found func(api.Message) bool) (next string, err error) {
	me, err := d.self(ctx)
	if err != nil {
		return "", trouble(err)
	}
	at, oldest := s.At, ""
	if !s.Since.IsZero() {
		shift := time.Until(d.o.Clock()) // Slack's ts goes by real time
		oldest = strconv.FormatInt(s.Since.Add(-shift-lookSkew).Unix(), 10)
	}
	method, cursor := "conversations.history", s.Next
	if at.Thread != "" {
		method = "conversations.replies"
	}
	for range lookPages {
		var page []api.Message
		err := d.call(ctx, method, "", r, func() (err error) {
			page, cursor, err = d.page(ctx, at, oldest, cursor)
			return err
		})
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if (m.BotID == me.bot || m.User == me.user) && found(m) {
				return "", nil
			}
		}
		if cursor == "" {
			break
		}
	}
	return cursor, nil
}

func (d *Desk) page(ctx context.Context, at handoff.Spot, oldest, cursor string) ([]api.Message, string, error) {
	if at.Thread != "" {
		found, _, next, err := d.api.GetConversationRepliesContext(ctx, &api.GetConversationRepliesParameters{
			ChannelID: at.Channel, Timestamp: at.Thread, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
		})
		return found, next, err
	}
	res, err := d.api.GetConversationHistoryContext(ctx, &api.GetConversationHistoryParameters{
		ChannelID: at.Channel, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return res.Messages, res.ResponseMetaData.NextCursor, nil
}
