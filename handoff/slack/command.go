package slack

import (
	"context"
	"slices"
	"strings"
	"unicode"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
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
	what, arg := ask(t.Text)
	if d.o.List == nil || !slices.Contains([]string{"list", "mine", "find"}, what) || what == "find" && arg == "" || len(arg) > 100 {
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

// ask reads what was typed behind the command as people type it: LIST, a wide space,
// a 受付番号 alone.
func ask(text string) (what, arg string) {
	text = strings.TrimSpace(text)
	if _, ok := handoff.ReadReceipt(text); ok {
		return "find", text
	}
	what = text
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		what, arg = text[:i], strings.TrimSpace(text[i:])
	}
	return strings.ToLower(what), arg
}

// helpWords say what each thing to press does, in the order of the card.
var helpWords = []struct {
	kind handoff.Kind
	text string
}{
	{handoff.Claim, "1 人だけが担当になります。応援のカードでは、応援に入ります"},
	{handoff.Reply, "文を書き、確認の画面を見てから送ります。定型文も選べます"},
	{handoff.Release, "未対応にもどし、ほかの人が引き受けられるようにします"},
	{handoff.HandOn, "ほかの分野へ移します。同意した相手でないときは、先に住民に聞きます"},
	{handoff.Help, "ほかの分野にも写しのカードを出します。担当はかわりません"},
	{handoff.Misroute, "正しい分野を知らせて移します"},
	{handoff.Escalate, "多機関協働の調整役に上げます"},
	{handoff.Close, "終わり方を選びます。カードから内容が消えます"},
	{handoff.Reopen, "終了した相談を、もう一度未対応にします"},
	{handoff.Keep, "「まだ対応中ですか」と聞かれたときに押します"},
	{handoff.Correct, "送ったあとに元のメッセージを直したとき、訂正を住民に送ります"},
}

func (d *Desk) help() string {
	lines := []string{
		"返事は、あなただけに見えます。",
		d.o.Command + " list　開いている相談",
		d.o.Command + " mine　あなたの担当と応援",
		d.o.Command + " find みかん-4821　受付番号でさがす",
		"",
		"カードのボタン（いまできるものだけが出ます）",
	}
	for _, w := range helpWords {
		lines = append(lines, "・"+w.kind.Label()+"　"+w.text)
	}
	return strings.Join(append(lines, "",
		"スレッドに書いたメッセージの「︙」→「住民に送る」でも送れます。スレッドの会話そのものは、住民に届きません。",
		"つなぐのホームタブに、未対応・自分の担当・約束の近いものが出ます。"), "\n")
}

func say(text string) answer {
	text = cut(ours(text), maxSection)
	return answer{body: api.WebhookMessage{
		ResponseType: "ephemeral", Parse: "none", Text: text, Blocks: &api.Blocks{BlockSet: []api.Block{section(text)}},
	}}
}
