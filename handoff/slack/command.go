package slack

import (
	"context"
	"slices"
	"strings"

	api "github.com/slack-go/slack"
)

// typed is a slash command, as a form or as an envelope's payload.
type typed struct {
	Command string `json:"command"`
	Text    string `json:"text"`
	User    string `json:"user_id"`
	Team    string `json:"team_id"`
	Channel string `json:"channel_id"`
}

// command answers to the one who typed, and to nobody else. Whether they may is
// asked of the channel where they typed when it is one of the cases' channels,
// else of the default one.
func (d *Desk) command(ctx context.Context, t typed) answer {
	if t.Command != d.o.Command || d.o.Command == "" {
		d.strange("command")
		return answer{}
	}
	channel := d.channel("")
	for _, id := range d.o.Channels {
		if id == t.Channel {
			channel = id
		}
	}
	if _, no := d.may(ctx, actor{t.User, t.Team, channel}); no != "" {
		return say(no)
	}
	what, arg, _ := strings.Cut(strings.TrimSpace(t.Text), " ")
	arg = strings.TrimSpace(arg)
	switch {
	case d.o.List == nil || !slices.Contains([]string{"list", "mine", "find"}, what), what == "find" && arg == "", len(arg) > 100:
		return say(d.help())
	}
	text, err := d.o.List(ctx, t.User, what, arg)
	if err != nil {
		text, _ = d.excuse(err)
	}
	if strings.TrimSpace(text) == "" {
		text = "ありません。"
	}
	return say(text)
}

func (d *Desk) help() string {
	return strings.Join([]string{
		d.o.Command + " list　いま開いている相談",
		d.o.Command + " mine　あなたが引き受けている相談",
		d.o.Command + " find みかん-4821　受付番号でさがす",
		"カードのボタン：引き受ける／住民に送る／手放す／終了",
	}, "\n")
}

func say(text string) answer {
	text = cut(ours(text), maxSection)
	return answer{body: api.WebhookMessage{
		ResponseType: "ephemeral", Parse: "none", Text: text, Blocks: &api.Blocks{BlockSet: []api.Block{section(text)}},
	}}
}
