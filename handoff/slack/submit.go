package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// submitted is what we read of a form that came back.
type submitted struct {
	ID              string `json:"id"`
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	State           struct {
		Values map[string]map[string]struct {
			Value    string `json:"value"`
			Selected *struct {
				Value string `json:"value"`
			} `json:"selected_option"`
			Files []attached `json:"files"`
		} `json:"values"`
	} `json:"state"`
}

// value is what was filled in under an ID that is a block's and its action's.
func (s submitted) value(id string) string {
	v := s.State.Values[id][id]
	if v.Selected != nil {
		return v.Selected.Value
	}
	return v.Value
}

// ours says whether it is a form that we opened, with what it remembers.
func (s submitted) ours(m memo) bool {
	kind, writes := handoff.Kind(s.CallbackID), m.Kind == handoff.Reply || m.Kind == handoff.Correct
	switch {
	case s.ID == "" || m.Case == "":
		return false
	case s.CallbackID == callbackConfirm:
		return writes && m.Text != ""
	case kind == handoff.Reply:
		return writes
	}
	return slices.Contains(handoff.Kinds, kind) && !slices.Contains(atOnce, kind)
}

// submission takes a form in. Who submits is checked anew.
func (d *Desk) submission(ctx context.Context, in interaction) answer {
	var m memo
	v := in.View
	kind := handoff.Kind(v.CallbackID)
	if err := json.Unmarshal([]byte(v.PrivateMetadata), &m); err != nil || !v.ours(m) {
		d.strange("submission")
		return answer{}
	}
	name, no := d.may(ctx, actor{in.User.ID, in.User.TeamID, m.Spot.Channel})
	if no != "" {
		return show(notice(no))
	}
	a := handoff.Action{
		ID: v.ID, City: d.o.City, Kind: m.Kind, Case: m.Case, Version: m.Version, By: in.User.ID, Name: name,
		Spot: m.Spot, Source: m.Source, At: d.o.Clock(),
	}
	switch {
	case v.CallbackID == callbackConfirm:
		a.Text, a.File = m.Text, m.File
		return d.accept(ctx, a, func() *api.ModalViewRequest {
			// The same form and so the same ID again: what was stored in spite of
			// the error is not sent twice.
			view := confirmForm(m, m.Text, []string{sayLater})
			view.Blocks.BlockSet = view.Blocks.BlockSet[:len(view.Blocks.BlockSet)-1] // no 書き直す
			return &view
		})
	case kind == handoff.Reply:
		if file := v.file(); file != "" {
			m.File = file
		}
		if d.o.Pictures == 0 {
			m.File = ""
		}
		return d.preview(ctx, a, m, v.value("text"))
	}
	a.Kind, a.Outcome, a.Field, a.Reason = kind, v.value("outcome"), v.value("field"), strings.TrimSpace(v.value("reason"))
	return d.accept(ctx, a, func() *api.ModalViewRequest { return notice(sayLater) })
}

// accept stores what was submitted and closes the form, or says what is wrong.
func (d *Desk) accept(ctx context.Context, a handoff.Action, again func() *api.ModalViewRequest) answer {
	err := d.o.Accept(ctx, a)
	if err == nil {
		return answer{body: api.NewClearViewSubmissionResponse()}
	}
	text, status := d.excuse(err)
	if status != 0 {
		return show(again())
	}
	return show(notice(text))
}

// preview shows a text before it can be sent.
func (d *Desk) preview(ctx context.Context, a handoff.Action, m memo, text string) answer {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return wrong("文を入れてください。")
	}
	if n := len([]rune(text)); n > handoff.ReplyMax {
		return wrong("1,000文字までにしてください（いま" + itoa(n) + "文字）。")
	}
	m.Text = text
	if units(m.encode()) > maxMemo {
		return wrong("長すぎて確認の画面を出せません。短くするか、2回に分けてください。")
	}
	k, err := d.o.Look(ctx, a.Case)
	if err == nil {
		err = k.May(a.Kind, a.By, a.Version, a.At)
	}
	if err != nil {
		text, status := d.excuse(err)
		if status != 0 {
			return wrong(text) // what was written stays in the form
		}
		return show(notice(text))
	}
	a.Text, a.File = text, m.File
	if m.File == "" {
		view := d.confirmed(k, a, m)
		return show(&view)
	}
	if no := d.look(ctx, m.File); no != "" {
		return wrongAt(actionFile, no)
	}
	view := d.withPicture(ctx, d.confirmed(k, a, m), a.ID, m.File)
	return show(&view)
}

// confirmed is the preview of a message to the resident.
func (d *Desk) confirmed(k handoff.Case, a handoff.Action, m memo) api.ModalViewRequest {
	shown := a.Text
	if d.o.Preview != nil {
		shown = d.o.Preview(k, a)
	}
	return confirmForm(m, shown, d.warnings(a.Text))
}

func (d *Desk) warnings(text string) []string {
	var all []string
	if d.o.Warn != nil {
		all = d.o.Warn(text)
	}
	return append(all, personal(text)...)
}

// rewrite goes back from the preview to the text.
func (d *Desk) rewrite(in interaction) answer {
	var m memo
	if err := json.Unmarshal([]byte(in.View.PrivateMetadata), &m); err != nil || in.View.CallbackID != callbackConfirm {
		d.strange("rewrite")
		return answer{}
	}
	view := d.replyForm(m, m.Text)
	return answer{after: func(ctx context.Context) {
		if _, err := d.api.UpdateViewContext(ctx, view, "", "", in.View.ID); err != nil {
			d.log.Warn("a form could not be shown again", "reason", trouble(err).Error())
		}
	}}
}

func show(view *api.ModalViewRequest) answer {
	return answer{body: api.NewUpdateViewSubmissionResponse(view)}
}

func wrong(text string) answer { return wrongAt("text", text) }

func wrongAt(block, text string) answer {
	return answer{body: api.NewErrorsViewSubmissionResponse(map[string]string{block: text})}
}

// shortcut prefills a reply with a message of a case's thread.
func (d *Desk) shortcut(ctx context.Context, in interaction) answer {
	spot := handoff.Spot{Channel: in.Channel.ID, TS: in.Message.TS, Thread: in.Message.Thread}
	if _, no := d.may(ctx, actor{in.User.ID, in.User.TeamID, spot.Channel}); no != "" {
		return d.tell(in, no)
	}
	if spot.Thread == "" || spot.Thread == spot.TS {
		return d.tell(in, "相談のスレッドに書いたメッセージで使ってください。")
	}
	if in.Message.BotID != "" {
		return d.tell(in, "職員が書いたメッセージで使ってください。")
	}
	k, err := d.o.Find(ctx, spot.Channel, spot.Thread)
	if errors.Is(err, handoff.ErrNoCase) {
		return d.tell(in, "相談のスレッドに書いたメッセージで使ってください。")
	}
	if err != nil {
		return d.failed(in, err)
	}
	text := in.Message.plain()
	file, note := "", ""
	if d.o.Pictures > 0 {
		file, note = in.Message.picture()
	}
	if text == "" && file == "" {
		return d.tell(in, strings.TrimSpace("文字のあるメッセージで使ってください。"+note))
	}
	m := memo{File: file, Case: k.ID, Version: k.Version, Kind: handoff.Reply, Spot: spot, Source: spot.TS, Receipt: k.Receipt}
	if err := k.May(m.Kind, in.User.ID, m.Version, d.o.Clock()); err != nil {
		return d.failed(in, err)
	}
	view := d.replyForm(m, text)
	if in.Message.User != in.User.ID {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, small(sayAnothers))
	}
	if note != "" {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, small(note))
	}
	if _, err := d.api.OpenViewContext(ctx, in.TriggerID, view); err != nil {
		d.log.Warn("a form did not open", "kind", shortcutSend, "reason", trouble(err).Error())
		return d.tell(in, sayNoForm)
	}
	return answer{}
}
