package slacktest

import (
	"slices"
	"testing"

	"github.com/slack-go/slack"
)

// What a resident could write to ring everybody's bell.
const attack = "<!channel> <!here> <@UDUTY> <!subteam^S01> @here <https://evil.example|https://city.example.jp>"

func TestPingsAndReading(t *testing.T) {
	tw := newTown(t, Options{})
	tw.SetThrottle(Throttle{Off: true})
	mrkdwn := func(text string, verbatim bool) slack.MsgOption {
		return slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, verbatim), nil, nil))
	}
	rich := slack.MsgOptionBlocks(slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(attack, nil))))
	bell := slack.MsgOptionBlocks(slack.NewRichTextBlock("", slack.NewRichTextSection(
		slack.NewRichTextSectionUserElement("UDUTY", nil), slack.NewRichTextSectionBroadcastElement("here"))))
	none := slack.MsgOptionParse(false)
	all := []string{"S01", "UDUTY", "channel", "here"}
	cases := []struct {
		name  string
		post  []slack.MsgOption
		pings []string
		reads string
	}{
		{"raw text", []slack.MsgOption{slack.MsgOptionText(attack, false)}, all,
			"@channel @here @当番 @tantou @here https://city.example.jp"},
		{"escaped text, parse left open", []slack.MsgOption{slack.MsgOptionText(attack, true)}, []string{"here"}, attack},
		{"escaped text, parse none", []slack.MsgOption{slack.MsgOptionText(attack, true), none}, nil, attack},
		{"raw mrkdwn", []slack.MsgOption{mrkdwn(attack, false)}, all, "@channel @here @当番 @tantou @here https://city.example.jp"},
		{"mrkdwn that is verbatim", []slack.MsgOption{mrkdwn("@here", true)}, nil, "@here"},
		{"mrkdwn that is not", []slack.MsgOption{mrkdwn("至急@here", false)}, []string{"here"}, "至急@here"},
		{"an address is no ping", []slack.MsgOption{slack.MsgOptionText("a@here.example", false)}, nil, "a@here.example"},
		{"plain_text", []slack.MsgOption{slack.MsgOptionBlocks(slack.NewSectionBlock(plainText(attack), nil, nil))}, nil, attack},
		{"rich text", []slack.MsgOption{rich}, nil, attack},
		{"rich text that mentions", []slack.MsgOption{bell}, []string{"UDUTY", "here"}, "@当番@here"},
		{"buttons", []slack.MsgOption{card("v")}, nil, "みかん-4821\n[引き受ける]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := tw.MessageAt("C01", post(t, tw, "C01", c.post...))
			if got := m.Pings(); !slices.Equal(got, c.pings) {
				t.Errorf("pings %v, want %v", got, c.pings)
			}
			if got := m.Readable(); got != c.reads {
				t.Errorf("reads %q, want %q", got, c.reads)
			}
		})
	}
}
