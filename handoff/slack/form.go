package slack

import (
	"bytes"
	"encoding/json"
	"strings"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// Callbacks and IDs beside the kinds' own names.
const (
	callbackConfirm = "reply_confirm"
	actionRewrite   = "rewrite"
	actionCanned    = "canned"
	shortcutSend    = "send_to_resident"
	maxMemo         = 3000 // units of private_metadata
	maxOptions      = 100
	maxOption       = 75
)

// memo is what a form remembers in its private_metadata. Only our own app reads
// it back, from a signed request.
type memo struct {
	Case    string       `json:"c"`
	Version int          `json:"v"`
	Kind    handoff.Kind `json:"k"`
	Spot    handoff.Spot `json:"s"`
	Source  string       `json:"o,omitempty"` // ts of the shortcut's message
	Text    string       `json:"t,omitempty"` // of the preview
	File    string       `json:"f,omitempty"` // the picture that goes along
	Receipt string       `json:"r,omitempty"`
	Below   int          `json:"b,omitempty"` // forms that lie below this one
}

func (m memo) encode() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // <, > and & would take six units each
	if err := e.Encode(m); err != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// form draws what an action asks for; no says why there is none.
func (d *Desk) form(k handoff.Case, m memo) (view api.ModalViewRequest, no string) {
	m.Receipt = k.Receipt
	view = modal(string(m.Kind), m.Kind.Label(), "決定", m)
	add := func(b ...api.Block) { view.Blocks.BlockSet = append(view.Blocks.BlockSet, b...) }
	add(small("受付番号：" + escape(k.Receipt)))
	reason := func() {
		input := api.NewPlainTextInputBlockElement(nil, "reason")
		input.Multiline, input.MaxLength = true, handoff.ReasonMax
		add(api.NewInputBlock("reason", plain("理由"), plain("住民の名前や電話番号は書かないでください。"), input))
	}
	field := func(label string) {
		options := d.fields(k.Field)
		if len(options) == 0 {
			no = "ほかの分野が設定されていません。管理者に知らせてください。"
			return
		}
		add(pick("field", label, options))
	}
	switch m.Kind {
	case handoff.Reply, handoff.Correct:
		return d.replyForm(m, ""), ""
	case handoff.Close:
		var options []*api.OptionBlockObject
		for _, o := range handoff.Outcomes {
			options = append(options, option(o.ID, o.Label))
		}
		add(pick("outcome", "どう終わりましたか", options))
		if k.Waiting > 0 {
			add(small("⚠️ 住民が書いたことばに、まだ返事をしていません。"))
		}
		add(small("終了すると、カードから内容が消えます。" + d.heardOfClosing(k)))
		if d.o.Pictures > 0 {
			add(small("住民に送った写真も、見られなくなります。"))
		}
	case handoff.HandOn:
		field("つなぎ先の分野")
		reason()
	case handoff.Help:
		field("応援を頼む分野")
	case handoff.Misroute:
		field("正しい分野")
		add(small("この相談はその分野へ移ります（ほかの人が引き受けているときは、その人に知らせます）。案内のしかたを見直すために、数だけ残します。"))
	case handoff.Escalate:
		reason()
	}
	return view, no
}

// heardOfClosing says what the resident will hear of it.
func (d *Desk) heardOfClosing(k handoff.Case) string {
	if d.o.ClosedNotice && !k.Blocked && k.Closings() == 0 {
		return "住民には、終わりになったという知らせが1通行きます。"
	}
	return "住民には、何も行きません。"
}

// fields are the options of the other fields.
func (d *Desk) fields(but string) []*api.OptionBlockObject {
	var out []*api.OptionBlockObject
	for _, f := range d.o.Fields {
		if f.ID != but && f.ID != "" && units(f.ID) <= maxOption && len(out) < maxOptions {
			out = append(out, option(f.ID, f.Name))
		}
	}
	return out
}

// replyForm asks for the text; first stands in it already.
func (d *Desk) replyForm(m memo, first string) api.ModalViewRequest {
	m.Text = ""
	view := modal(string(handoff.Reply), m.Kind.Label(), "確認へ", m)
	input := api.NewPlainTextInputBlockElement(nil, "text")
	input.Multiline, input.MaxLength = true, handoff.ReplyMax
	hint := "次の画面で、送る前に確認できます。職員や住民の名前、個人の電話番号は書かないでください。"
	if units(first) > handoff.ReplyMax {
		first, _ = head(first, handoff.ReplyMax)
		hint = "長いため、1,000文字までを入れました。" + hint
	}
	input.InitialValue = first
	if m.Below > 0 {
		view.Close = plain("もどる")
	}
	view.Blocks.BlockSet = []api.Block{small("受付番号：" + escape(m.Receipt))}
	if menu := d.cannedMenu(); menu != nil && m.Below < maxBelow {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, menu)
	}
	view.Blocks.BlockSet = append(view.Blocks.BlockSet, api.NewInputBlock("text", plain("住民に送る文"), plain(hint), input))
	if d.o.Pictures > 0 {
		if m.File != "" {
			view.Blocks.BlockSet = append(view.Blocks.BlockSet, small(sayPictureOn))
		}
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, d.fileInput())
	}
	return view
}

// confirmForm shows a text as the phone will show it, and what to think over.
func confirmForm(m memo, shown string, warnings []string) api.ModalViewRequest {
	view := modal(callbackConfirm, "この内容で送りますか", "送る", m)
	add := func(b ...api.Block) { view.Blocks.BlockSet = append(view.Blocks.BlockSet, b...) }
	add(small("受付番号：" + escape(m.Receipt) + "　住民の画面には、つぎのように出ます。"))
	add(quotes([]string{shown}, 2*maxSection, 5)...)
	if m.File != "" {
		add(section(sayPicture))
	}
	for i, w := range warnings {
		if i == 5 {
			break
		}
		add(section("⚠️ " + escape(cut(w, 300))))
	}
	buttons := []api.BlockElement{api.NewButtonBlockElement(actionRewrite, "", plain("書き直す"))}
	if m.File != "" {
		buttons = append(buttons, api.NewButtonBlockElement(actionWithout, "", plain("写真を外す")))
	}
	add(api.NewActionBlock("", buttons...))
	return view
}

// notice is a form that only says something.
func notice(text string) *api.ModalViewRequest {
	return &api.ModalViewRequest{
		Type: api.VTModal, Title: plain("つなぐ"), Close: plain("とじる"), CallbackID: "notice",
		Blocks: api.Blocks{BlockSet: []api.Block{section(ours(text))}},
	}
}

func modal(callback, title, submit string, m memo) api.ModalViewRequest {
	return api.ModalViewRequest{
		Type: api.VTModal, CallbackID: callback, PrivateMetadata: m.encode(),
		Title: plain(title), Submit: plain(submit), Close: plain("やめる"),
	}
}

func option(id, label string) *api.OptionBlockObject {
	if label == "" {
		label = id
	}
	first, _ := head(label, maxOption)
	return api.NewOptionBlockObject(id, plain(first), nil)
}

// pick is a required select whose block and action have the same ID.
func pick(id, label string, options []*api.OptionBlockObject) api.Block {
	return api.NewInputBlock(id, plain(label), nil, api.NewOptionsSelectBlockElement(api.OptTypeStatic, plain("選んでください"), id, options...))
}
