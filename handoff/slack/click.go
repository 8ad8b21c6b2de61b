package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// interaction is what we read of a click, a shortcut or a submission.
type interaction struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	CallbackID  string `json:"callback_id"`
	User        struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Type      string `json:"type"`
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message said `json:"message"`
	Actions []struct {
		ActionID string `json:"action_id"`
		BlockID  string `json:"block_id"` // of a correction: the message that it corrects
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
		Selected struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	View submitted `json:"view"`
}

// spot is where it was clicked.
func (in interaction) spot() handoff.Spot {
	s := handoff.Spot{Channel: in.Container.ChannelID, TS: in.Container.MessageTS, Thread: in.Container.ThreadTS}
	if s.Channel == "" {
		s.Channel = in.Channel.ID
	}
	if s.Thread == "" {
		s.Thread = in.Message.Thread
	}
	if s.Thread == s.TS {
		s.Thread = "" // a root names itself once it has replies
	}
	return s
}

// What people hear when something did not go.
const (
	sayGone     = "この相談は見つかりません。終了して保管期間が過ぎたか、削除されています。"
	sayLater    = "いま受け付けられませんでした。少し待ってから、もう一度お試しください。"
	sayAnothers = "ほかの人がスレッドに書いた文です。住民に見せてよいか、書いた人に確かめてから送ってください。"
	sayNoForm   = "画面を開けませんでした。もう一度押してください。"
)

// interaction answers clicks, shortcuts and submissions.
func (d *Desk) interaction(ctx context.Context, body []byte) answer {
	var in interaction
	if err := json.Unmarshal(body, &in); err != nil {
		d.strange("interaction")
		return answer{}
	}
	switch {
	case in.Type == "block_actions" && in.Container.Type == "view" && len(in.Actions) > 0:
		return d.inView(ctx, in)
	case in.Type == "block_actions" && len(in.Actions) > 0:
		return d.click(ctx, in)
	case in.Type == "message_action" && in.CallbackID == shortcutSend && d.o.Find != nil:
		return d.shortcut(ctx, in)
	case in.Type == "view_submission":
		return d.submission(ctx, in)
	case in.Type == "view_closed":
		return answer{}
	}
	d.strange(in.Type)
	return answer{}
}

// inView answers what is touched in a form or on the home tab.
func (d *Desk) inView(ctx context.Context, in interaction) answer {
	switch in.Actions[0].ActionID {
	case actionRewrite:
		return d.rewrite(in)
	case actionWithout:
		return d.without(in)
	case actionCanned:
		return d.canned(ctx, in)
	case actionRefresh:
		return d.home(in.User.ID, in.User.TeamID, in.View.PrivateMetadata, homePause)
	case actionField:
		return d.home(in.User.ID, in.User.TeamID, in.Actions[0].Selected.Value, 0)
	}
	d.strange("view")
	return answer{}
}

// atOnce are the kinds that ask nothing more.
var atOnce = []handoff.Kind{handoff.Claim, handoff.Release, handoff.Reopen, handoff.Keep, handoff.TakeBack, handoff.Drill}

// click does what a card's button says, or opens its form.
func (d *Desk) click(ctx context.Context, in interaction) answer {
	act := in.Actions[0]
	kind := handoff.Kind(act.ActionID)
	id, version, ok := parseValue(act.Value)
	if !ok || !slices.Contains(handoff.Kinds, kind) && kind != handoff.Correct && !slices.Contains(atOnce, kind) {
		d.strange("button")
		return answer{}
	}
	spot := in.spot()
	name, no := d.may(ctx, actor{in.User.ID, in.User.TeamID, spot.Channel})
	if no != "" {
		return d.tell(in, no)
	}
	if !slices.Contains(atOnce, kind) {
		k, err := d.o.Look(ctx, id)
		if err != nil {
			return d.failed(in, err)
		}
		m := memo{Case: id, Version: version, Kind: kind, Spot: spot}
		if kind == handoff.Correct && len(act.BlockID) < 40 {
			m.Source = act.BlockID
		}
		if kind == handoff.Correct || !k.Twin(spot) {
			return d.open(ctx, in, k, m)
		}
		kind = handoff.Lost
	}
	err := d.o.Accept(ctx, handoff.Action{
		ID: in.User.ID + "/" + act.ActionID + "/" + act.ActionTS, City: d.o.City, Kind: kind, Case: id, Version: version,
		By: in.User.ID, Name: name, Spot: spot, Answer: in.ResponseURL, At: d.o.Clock(),
	})
	if err != nil {
		return d.failed(in, err)
	}
	return answer{}
}

// open opens the form of an action, or says why its rules forbid it.
func (d *Desk) open(ctx context.Context, in interaction, k handoff.Case, m memo) answer {
	if err := k.May(m.Kind, in.User.ID, m.Version, d.o.Clock()); err != nil {
		return d.failed(in, err)
	}
	view, no := d.form(k, m)
	if no != "" {
		return d.tell(in, no)
	}
	if _, err := d.api.OpenViewContext(ctx, in.TriggerID, view); err != nil {
		d.log.Warn("a form did not open", "kind", string(m.Kind), "reason", trouble(err).Error())
		return d.tell(in, sayNoForm)
	}
	return answer{}
}

// failed tells why something was not done. What could not be stored is not
// acknowledged.
func (d *Desk) failed(in interaction, err error) answer {
	text, status := d.excuse(err)
	a := d.tell(in, text)
	a.status = status
	return a
}

// excuse is what an error means for who acted: a text, and a status other than
// 0 when Slack is not to think it done.
func (d *Desk) excuse(err error) (text string, status int) {
	if no, is := errors.AsType[*handoff.Refusal](err); is {
		return no.Text, 0
	}
	if errors.Is(err, handoff.ErrNoCase) {
		return sayGone, 0
	}
	d.log.Warn("an action could not be taken in")
	return sayLater, http.StatusServiceUnavailable
}

// tell answers to the one who acted, and to nobody else.
func (d *Desk) tell(in interaction, text string) answer {
	spot := in.spot()
	return answer{after: func(ctx context.Context) {
		// A response URL reaches everybody who clicked, but never into a thread.
		w := handoff.Whisper{User: in.User.ID, Text: text, Answer: in.ResponseURL}
		if d.Whisper(ctx, spot, w) == nil {
			return
		}
		if spot.Thread == "" || in.ResponseURL == "" || d.respond(ctx, in.ResponseURL, text, []api.Block{section(ours(text))}) != nil {
			d.log.Warn("an answer to a click was not delivered")
		}
	}}
}

// errStranger is an address of an answer that is not Slack's.
var errStranger = errors.New("not an address of Slack's")

// respond answers a click at the address that came with it.
func (d *Desk) respond(ctx context.Context, address, text string, blocks []api.Block) error {
	if !d.hook(address) {
		return errStranger
	}
	return api.PostWebhookCustomHTTPContext(ctx, address, d.client, &api.WebhookMessage{
		Text: ours(text), Blocks: &api.Blocks{BlockSet: blocks},
		Parse: "none", ResponseType: "ephemeral",
	})
}

// hooks are where Slack's own response URLs stand.
var hooks = []string{"https://hooks.slack.com", "https://hooks.slack-gov.com"}

// hook says whether an answer may go to an address: to Slack's hooks or to where
// api_url is. Only signed requests bring one, but what they bring is still text.
func (d *Desk) hook(address string) bool {
	to, err := url.Parse(address)
	own, ownErr := url.Parse(d.o.APIURL)
	if err != nil || ownErr != nil || to.User != nil {
		return false
	}
	origin := to.Scheme + "://" + to.Host
	return origin == own.Scheme+"://"+own.Host || slices.Contains(hooks, origin)
}
