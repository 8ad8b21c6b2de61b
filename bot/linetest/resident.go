package linetest

import "strings"

// Resident is somebody with a phone. Its methods send one webhook each and
// return when the bot has answered it; those that end in Event only make the
// event, for Deliver. A Resident may be used by several goroutines.
type Resident struct {
	s      *Server
	ID     string // user ID
	chatID string // of the user or, in a group, of the group
}

// Resident returns the resident with this user ID, who need not be a friend
// yet; "" draws a new ID.
func (s *Server) Resident(id string) *Resident {
	if id == "" {
		id = NewUserID()
	}
	s.open(id)
	return &Resident{s: s, ID: id, chatID: id}
}

// In returns the same resident, writing in a group (C…) or room (R…).
func (r *Resident) In(group string) *Resident {
	r.s.open(group)
	return &Resident{s: r.s, ID: r.ID, chatID: group}
}

func (s *Server) open(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil {
		s.chats[id] = &chat{id: id}
	}
}

// Join invites the bot into a group (C…) or room (R…).
func (s *Server) Join(group string) Delivery {
	s.open(group)
	r := &Resident{s: s, chatID: group}
	e := r.event("join", object{}, true)
	e.body["source"] = source(group, "")
	return s.Deliver(e)
}

func source(chat, user string) object {
	o := object{"type": "user"}
	switch {
	case strings.HasPrefix(chat, "C"):
		o = object{"type": "group", "groupId": chat}
	case strings.HasPrefix(chat, "R"):
		o = object{"type": "room", "roomId": chat}
	}
	if user != "" {
		o["userId"] = user
	}
	return o
}

// event makes an event with the properties all have.
func (r *Resident) event(kind string, more object, token bool) Event {
	now := r.s.clock()
	body := object{
		"type": kind, "mode": "active", "timestamp": now.UnixMilli(), "source": source(r.chatID, r.ID),
		"webhookEventId": newULID(now), "deliveryContext": object{"isRedelivery": false},
	}
	for key, v := range more {
		body[key] = v
	}
	if token {
		body["replyToken"] = randomHex(16)
	}
	return Event{chat: r.chatID, at: now, body: body}
}

// message makes a message event and the bubble on the resident's own screen.
func (r *Resident) message(kind, text string, more object) Event {
	r.s.mu.Lock()
	id := r.s.nextMessageID()
	r.s.mu.Unlock()
	m := object{"id": id, "type": kind, "markAsReadToken": randomHex(16)}
	for key, v := range more {
		m[key] = v
	}
	e := r.event("message", object{"message": m}, true)
	e.entry = &Entry{ID: id, From: Own, Type: kind, Text: text, At: e.at, EventID: str(e.body, "webhookEventId")}
	return e
}

// FollowEvent adds the account as a friend; again says it was blocked before.
func (r *Resident) FollowEvent(again bool) Event {
	return r.event("follow", object{"follow": object{"isUnblocked": again}}, true)
}

// UnfollowEvent blocks the account.
func (r *Resident) UnfollowEvent() Event { return r.event("unfollow", nil, false) }

// TextEvent is a written message.
func (r *Resident) TextEvent(text string) Event {
	return r.message("text", text, object{"text": text, "quoteToken": randomHex(24)})
}

// StandbyEvent is a message while another module owns the chat: it has no
// reply token, and the bot must stay silent.
func (r *Resident) StandbyEvent(text string) Event {
	return r.TextEvent(text).With("mode", "standby").With("replyToken", nil)
}

// StickerEvent is a sticker.
func (r *Resident) StickerEvent(packageID, stickerID string) Event {
	return r.message("sticker", "", object{"packageId": packageID, "stickerId": stickerID,
		"stickerResourceType": "STATIC", "keywords": []string{"hello"}, "quoteToken": randomHex(24)})
}

// MediaEvent is an image, video or audio message (kind); its content can be
// fetched until it is unsent.
func (r *Resident) MediaEvent(kind string, content Content) Event {
	more := object{"contentProvider": object{"type": "line"}}
	if kind != "image" {
		more["duration"] = 3000
	}
	if kind != "audio" {
		more["quoteToken"] = randomHex(24)
	}
	e := r.message(kind, "", more)
	e.content = &content
	return e
}

// FileEvent is a file.
func (r *Resident) FileEvent(name string, content Content) Event {
	e := r.message("file", name, object{"fileName": name, "fileSize": len(content.Bytes)})
	e.content = &content
	return e
}

// LocationEvent is a place; LINE leaves out an empty title or address.
func (r *Resident) LocationEvent(title, address string, latitude, longitude float64) Event {
	more := object{"latitude": latitude, "longitude": longitude}
	if title != "" {
		more["title"] = title
	}
	if address != "" {
		more["address"] = address
	}
	return r.message("location", strings.Trim(title+"\n"+address, "\n"), more)
}

// UnknownMessageEvent is a message of a type of the future.
func (r *Resident) UnknownMessageEvent(kind string) Event { return r.message(kind, "", nil) }

// UnknownEvent is an event of a type of the future.
func (r *Resident) UnknownEvent(kind string) Event {
	return r.event(kind, object{kind: object{"new": true}}, false)
}

// PostbackEvent is a tap; params are those of a datetime picker, else nil.
// Words that the tap shows stand in the chat, but are no message.
func (r *Resident) PostbackEvent(data, shown string, params map[string]string) Event {
	p := object{"data": data}
	if params != nil {
		p["params"] = params
	}
	e := r.event("postback", object{"postback": p}, true)
	if shown != "" {
		e.entry = &Entry{From: Own, Type: "text", Text: shown, At: e.at, EventID: str(e.body, "webhookEventId")}
	}
	return e
}

// UnsendEvent takes a message back.
func (r *Resident) UnsendEvent(messageID string) Event {
	return r.event("unsend", object{"unsend": object{"messageId": messageID}}, false)
}

// TapEvent is what a tap on b tells the bot, or ErrNoWebhook. A datetime
// picker needs the value picked, in its mode's form.
func (r *Resident) TapEvent(b Button, picked string) (Event, error) {
	var e Event
	switch b.Type {
	case "message":
		e = r.TextEvent(b.Text)
	case "postback":
		e = r.PostbackEvent(b.Data, b.DisplayText, nil)
	case "datetimepicker":
		return r.PostbackEvent(b.Data, "", map[string]string{b.Mode: picked}), nil // quick replies stay
	default:
		return Event{}, ErrNoWebhook
	}
	if b.Quick {
		e.tapped = b.MessageID
	}
	return e, nil
}

// Follow adds the account as a friend for the first time.
func (r *Resident) Follow() Delivery { return r.s.Deliver(r.FollowEvent(false)) }

// FollowAgain takes a block back.
func (r *Resident) FollowAgain() Delivery { return r.s.Deliver(r.FollowEvent(true)) }

// Block blocks the account: nothing reaches the resident from here on.
func (r *Resident) Block() Delivery { return r.s.Deliver(r.UnfollowEvent()) }

// Say writes a message.
func (r *Resident) Say(text string) Delivery { return r.s.Deliver(r.TextEvent(text)) }

// Unsend takes a message back; it need not have reached the bot.
func (r *Resident) Unsend(messageID string) Delivery { return r.s.Deliver(r.UnsendEvent(messageID)) }

// Sticker sends a sticker.
func (r *Resident) Sticker() Delivery { return r.s.Deliver(r.StickerEvent("446", "1988")) }

// Image sends a picture.
func (r *Resident) Image(jpeg []byte) Delivery {
	return r.s.Deliver(r.MediaEvent("image", Content{Type: "image/jpeg", Bytes: jpeg}))
}

// Voice sends a sound.
func (r *Resident) Voice(m4a []byte) Delivery {
	return r.s.Deliver(r.MediaEvent("audio", Content{Type: "audio/x-m4a", Bytes: m4a}))
}

// Video sends a film.
func (r *Resident) Video(mp4 []byte) Delivery {
	return r.s.Deliver(r.MediaEvent("video", Content{Type: "video/mp4", Bytes: mp4}))
}

// File sends a document.
func (r *Resident) File(name string, b []byte) Delivery {
	return r.s.Deliver(r.FileEvent(name, Content{Type: "application/octet-stream", Bytes: b}))
}

// Location sends a place, in degrees.
func (r *Resident) Location(title, address string, latitude, longitude float64) Delivery {
	return r.s.Deliver(r.LocationEvent(title, address, latitude, longitude))
}

// Tap taps a button that is or was shown.
func (r *Resident) Tap(b Button) Delivery { return r.Pick(b, "") }

// Pick taps a datetime picker and chooses a date or time.
func (r *Resident) Pick(b Button, picked string) Delivery {
	e, err := r.TapEvent(b, picked)
	if err != nil {
		return Delivery{Err: err}
	}
	return r.s.Deliver(e)
}

// TapLabel taps the newest button shown with this label, or gives ErrNotShown.
func (r *Resident) TapLabel(label string) Delivery {
	buttons := r.Buttons()
	for i := len(buttons) - 1; i >= 0; i-- {
		if buttons[i].Label == label {
			return r.Tap(buttons[i])
		}
	}
	return Delivery{Err: ErrNotShown}
}

// Chat is what the resident sees, oldest first.
func (r *Resident) Chat() []Entry { return r.s.Chat(r.chatID) }

// Buttons is what the resident can tap now, top to bottom.
func (r *Resident) Buttons() []Button { return r.s.Buttons(r.chatID) }

// Heard returns the bot's messages in this chat, oldest first.
func (r *Resident) Heard() []Entry {
	var out []Entry
	for _, e := range r.Chat() {
		if e.From == Bot {
			out = append(out, e)
		}
	}
	return out
}
