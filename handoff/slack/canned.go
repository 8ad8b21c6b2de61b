package slack

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// maxBelow is how many forms may lie below one: Slack stacks three.
const maxBelow = 2

// cannedMenu offers the 定型文; nil when there are none.
func (d *Desk) cannedMenu() api.Block {
	var options []*api.OptionBlockObject
	for _, c := range d.o.Canned {
		if c.ID != "" && units(c.ID) <= maxOption && len(options) < maxOptions {
			options = append(options, option(c.ID, c.Title))
		}
	}
	if len(options) == 0 {
		return nil
	}
	return api.NewActionBlock(actionCanned, api.NewOptionsSelectBlockElement(api.OptTypeStatic, plain("定型文を足す"), actionCanned, options...))
}

// canned adds the chosen text to what is written already, in a new form on top:
// an update would not do, because Slack keeps what somebody typed into an input of
// the same IDs and does not look at its initial value again. もどる shows the form
// as it was.
func (d *Desk) canned(ctx context.Context, in interaction) answer {
	var m memo
	i := slices.IndexFunc(d.o.Canned, func(c handoff.Canned) bool { return c.ID == in.Actions[0].Selected.Value })
	if err := json.Unmarshal([]byte(in.View.PrivateMetadata), &m); err != nil || i < 0 || in.View.CallbackID != string(handoff.Reply) {
		d.strange("canned")
		return answer{}
	}
	m.Below++
	if file := in.View.file(); file != "" {
		m.File = file // the new form has an input of its own
	}
	text := strings.TrimSpace(strings.TrimSpace(in.View.value("text")) + "\n" + d.o.Canned[i].Text)
	if _, err := d.api.PushViewContext(ctx, in.TriggerID, d.replyForm(m, text)); err != nil {
		d.log.Warn("a form did not open", "kind", actionCanned, "reason", trouble(err).Error())
		return answer{after: func(ctx context.Context) {
			_ = d.Whisper(ctx, m.Spot, handoff.Whisper{User: in.User.ID, Text: sayNoForm}) // the form stands as it was
		}}
	}
	return answer{}
}
