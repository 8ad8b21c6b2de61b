package demo

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// What is shown of a long talk: the newest part.
const (
	maxEntries  = 200 // of the phone
	maxMessages = 300 // of a channel, replies included
	maxWhispers = 20  // of a person
)

// state is all the page shows, as JSON.
type state struct {
	World    int             `json:"world"` // another number after a fresh start
	City     string          `json:"city"`
	Cities   []cityState     `json:"cities"`
	Now      int64           `json:"now"`    // the city's clock, in ms since 1970
	Offset   int64           `json:"offset"` // of that clock from the machine's, in ms
	Running  bool            `json:"running"`
	Fault    string          `json:"fault,omitempty"` // why the program does not run
	Busy     string          `json:"busy,omitempty"`
	Notice   notice          `json:"notice"`
	Switches map[string]bool `json:"switches"`
	Phone    phoneState      `json:"phone"`
	Slack    slackState      `json:"slack"`
}

type cityState struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type moment struct {
	Time string `json:"time"` // 9:05
	Day  string `json:"day"`  // 11月22日（日）
}

type phoneState struct {
	Blocked bool         `json:"blocked"`
	Entries []entryState `json:"entries"`
	// How the program answered: replies are free, pushes count at LINE.
	Replies int `json:"replies"`
	Pushes  int `json:"pushes"`
	Refused int `json:"refused"`
}

type entryState struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	From   string `json:"from"`
	Push   bool   `json:"push,omitempty"`
	Type   string `json:"type"`
	Text   string `json:"text"`
	Sender string `json:"sender,omitempty"`
	Silent bool   `json:"silent,omitempty"`
	Unsent bool   `json:"unsent,omitempty"`
	moment
	Raw     json.RawMessage `json:"raw,omitempty"`
	Buttons []buttonState   `json:"buttons,omitempty"`
	Quick   []buttonState   `json:"quick,omitempty"` // only where they can still be tapped
}

type buttonState struct {
	Label string `json:"label"`
	Type  string `json:"type"`
	URI   string `json:"uri,omitempty"`
}

type slackState struct {
	Bot      string            `json:"bot"`
	Names    map[string]string `json:"names"` // ID → what a reader sees
	Staff    []staffState      `json:"staff"`
	Channels []channelState    `json:"channels"`
}

type staffState struct {
	person
	Whispers []messageState `json:"whispers,omitempty"` // only visible to this person
	View     *viewState     `json:"view,omitempty"`     // the modal in front
	Home     *viewState     `json:"home,omitempty"`     // the app's home tab, once opened
}

type channelState struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Topic    string         `json:"topic"`
	Members  []string       `json:"members"`
	Messages []messageState `json:"messages"`
}

type messageState struct {
	Channel string          `json:"channel"`
	TS      string          `json:"ts"`
	Thread  string          `json:"thread,omitempty"` // ts of the root, in a reply
	User    string          `json:"user"`
	Text    string          `json:"text"`
	Mrkdwn  bool            `json:"mrkdwn,omitempty"`
	Blocks  json.RawMessage `json:"blocks,omitempty"`
	Edited  bool            `json:"edited,omitempty"`
	Gone    bool            `json:"gone,omitempty"`
	moment
}

type viewState struct {
	ID       string            `json:"id"`
	Hash     string            `json:"hash"`
	Callback string            `json:"callback"`
	Title    string            `json:"title"`
	Submit   string            `json:"submit"`
	Close    string            `json:"close"`
	Blocks   json.RawMessage   `json:"blocks"`
	Errors   map[string]string `json:"errors,omitempty"`
}

// state draws everything as it stands now.
func (d *Demo) state() state {
	d.mu.Lock()
	w, s := d.shown, state{Busy: d.busy, Notice: d.notice}
	d.mu.Unlock()
	for _, c := range d.o.Cities {
		s.Cities = append(s.Cities, cityState{c.ID, c.Name})
	}
	s.World, s.City, s.Phone, s.Slack = w.number, w.city.ID, w.phone(), w.workspace()
	s.Now = w.time(time.Now()).UnixMilli()
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Phone.Blocked = w.blocked
	s.Fault, s.Running, s.Offset = w.lastFail, w.lastFail == "", w.clock.last().Milliseconds()
	s.Switches = map[string]bool{}
	for _, name := range []string{"line", "slack", "twice"} {
		s.Switches[name] = w.faults[name] != nil
	}
	return s
}

var weekdays = []string{"日", "月", "火", "水", "木", "金", "土"}

// moment is a time as the city's clock showed it.
func (w *world) moment(machine time.Time) moment {
	t := w.time(machine)
	return moment{t.Format("15:04"), t.Format("1月2日") + "（" + weekdays[t.Weekday()] + "）"}
}

func (w *world) phone() phoneState {
	counts := w.line.Counts()
	p := phoneState{Replies: counts.Replies, Pushes: counts.Pushes, Refused: len(counts.Refused), Entries: []entryState{}}
	live := map[string]bool{} // bubbles whose quick replies can still be tapped
	for _, b := range w.resident.Buttons() {
		if b.Quick {
			live[b.MessageID] = true
		}
	}
	chat := w.resident.Chat()
	for i, e := range chat {
		if i < len(chat)-maxEntries {
			continue
		}
		one := entryState{
			ID: e.ID, Key: cmp.Or(e.ID, e.EventID), From: string(e.From), Push: e.How == linetest.Push, Type: e.Type, Text: e.Text,
			Sender: e.Sender, Silent: e.Silent, Unsent: e.Unsent, moment: w.moment(e.At), Buttons: buttons(e.Buttons),
		}
		if e.From == linetest.Bot && e.Type == "flex" {
			one.Raw = e.Raw
		}
		if live[e.ID] {
			one.Quick = buttons(e.QuickReplies)
		}
		p.Entries = append(p.Entries, one)
	}
	return p
}

func buttons(all []linetest.Button) []buttonState {
	var out []buttonState
	for _, b := range all {
		out = append(out, buttonState{b.Label, b.Type, b.URI})
	}
	return out
}

func (w *world) workspace() slackState {
	s := slackState{Bot: slacktest.BotUser, Names: map[string]string{slacktest.BotUser: "つなぐ", dutyGroup: "@相談当番"}}
	for _, p := range staff {
		s.Names[p.ID] = "@" + p.Name
		one := staffState{person: p, Whispers: w.messages(newest(w.slack.Ephemerals(p.ID), maxWhispers))}
		if views := w.slack.Views(p.ID); len(views) > 0 {
			one.View = drawn(views[len(views)-1])
		}
		if v, opened := w.slack.Home(p.ID); opened {
			one.Home = drawn(v)
		}
		s.Staff = append(s.Staff, one)
	}
	topics := map[string]string{"soudan-default": "どの分野にも入らない相談"}
	for _, c := range w.city.Channels {
		topics["soudan-"+c.Key] = c.Name
	}
	for _, c := range w.slack.Channels() {
		s.Names[c.ID] = "#" + c.Name
		s.Channels = append(s.Channels, channelState{
			ID: c.ID, Name: c.Name, Topic: topics[c.Name], Members: c.Members,
			Messages: w.messages(newest(w.slack.AllMessages(c.ID), maxMessages)),
		})
	}
	return s
}

func drawn(v slacktest.View) *viewState {
	return &viewState{v.ID, v.Hash, v.CallbackID, v.Title, v.Submit, v.Close, v.Blocks, v.Errors}
}

func newest[T any](all []T, most int) []T { return all[max(0, len(all)-most):] }

func (w *world) messages(all []slacktest.Message) []messageState {
	out := []messageState{}
	for _, m := range all {
		one := messageState{
			Channel: m.Channel, TS: m.TS, User: m.User, Text: m.Text, Mrkdwn: m.Mrkdwn, Blocks: m.Blocks, Edited: m.Edited,
			Gone: m.Subtype == "tombstone", moment: w.moment(stamp(m.TS)),
		}
		if m.ThreadTS != m.TS {
			one.Thread = m.ThreadTS
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b messageState) int { return cmp.Compare(a.TS, b.TS) })
	return out
}

// stamp reads the time out of a message's ts.
func stamp(ts string) time.Time {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64)   // a ts is made by the workspace
	us, _ := strconv.ParseInt(fraction, 10, 64) // and well formed
	return time.Unix(s, us*1000)
}
