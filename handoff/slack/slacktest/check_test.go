package slacktest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func times(n int, one string) string {
	return strings.TrimSuffix(strings.Repeat(one+",", n), ",")
}

func numbered(n int, format string) string {
	var out []string
	for i := range n {
		out = append(out, strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return strings.Join(out, ",")
}

func pt(n int) string { return `{"type":"plain_text","text":"` + strings.Repeat("あ", n) + `"}` }
func mr(n int) string { return `{"type":"mrkdwn","text":"` + strings.Repeat("あ", n) + `"}` }
func a(n int) string  { return strings.Repeat("a", n) }

const opt = `{"text":{"type":"plain_text","text":"x"},"value":"#"}`

// Every limit of facts 1.3: at the edge Slack takes it, one over it does not.
func TestBlockLimits(t *testing.T) {
	button := func(more string) string {
		return `{"type":"actions","elements":[{"type":"button","text":` + pt(1) + more + `}]}`
	}
	choice := func(options string) string {
		return `{"type":"actions","elements":[{"type":"static_select","action_id":"s","options":[` + options + `]}]}`
	}
	sure := func(title, text, yes, no int) string {
		return button(`,"confirm":{"title":` + pt(title) + `,"text":` + pt(text) + `,"confirm":` + pt(yes) + `,"deny":` + pt(no) + `}`)
	}
	input := func(label int, element string) string {
		return `{"type":"input","label":` + pt(label) + `,"element":` + element + `}`
	}
	cases := []struct{ name, good, bad, says string }{
		{"blocks", times(50, `{"type":"divider"}`), times(51, `{"type":"divider"}`), "no more than 50 items"},
		{"header", `{"type":"header","text":` + pt(150) + `}`, `{"type":"header","text":` + pt(151) + `}`, "less than 151"},
		{"header in UTF-16", `{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("🍊", 75) + `"}}`,
			`{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("🍊", 76) + `"}}`, "less than 151"},
		{"header kind", `{"type":"header","text":` + pt(1) + `}`, `{"type":"header","text":` + mr(1) + `}`, "/blocks/0/text/type"},
		{"empty text", `{"type":"section","text":` + pt(1) + `}`, `{"type":"section","text":` + pt(0) + `}`, "more than 0"},
		{"section text", `{"type":"section","text":` + mr(3000) + `}`, `{"type":"section","text":` + mr(3001) + `}`, "less than 3001"},
		{"section fields", `{"type":"section","fields":[` + times(10, mr(1)) + `]}`, `{"type":"section","fields":[` + times(11, mr(1)) + `]}`, "no more than 10"},
		{"field text", `{"type":"section","fields":[` + pt(2000) + `]}`, `{"type":"section","fields":[` + pt(2001) + `]}`, "less than 2001"},
		{"section says nothing", `{"type":"section","fields":[` + pt(1) + `]}`, `{"type":"section"}`, "text or fields"},
		{"actions", `{"type":"actions","elements":[` + times(25, `{"type":"button","text":`+pt(1)+`}`) + `]}`,
			`{"type":"actions","elements":[` + times(26, `{"type":"button","text":`+pt(1)+`}`) + `]}`, "no more than 25"},
		{"context", `{"type":"context","elements":[` + times(10, mr(1)) + `]}`, `{"type":"context","elements":[` + times(11, mr(1)) + `]}`, "no more than 10"},
		{"button text", `{"type":"actions","elements":[{"type":"button","text":` + pt(75) + `}]}`,
			`{"type":"actions","elements":[{"type":"button","text":` + pt(76) + `}]}`, "less than 76"},
		{"button value", button(`,"value":"` + a(2000) + `"`), button(`,"value":"` + a(2001) + `"`), "less than 2001"},
		{"action_id", button(`,"action_id":"` + a(255) + `"`), button(`,"action_id":"` + a(256) + `"`), "less than 256"},
		{"block_id", `{"type":"divider","block_id":"` + a(255) + `"}`, `{"type":"divider","block_id":"` + a(256) + `"}`, "less than 256"},
		{"block_id twice", `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"}`,
			`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "already exists"},
		{"button style", button(`,"style":"danger"`), button(`,"style":"default"`), "one of primary, danger"},
		{"action_id twice", `{"type":"actions","elements":[{"type":"button","text":` + pt(1) + `,"action_id":"a"},{"type":"button","text":` + pt(1) + `,"action_id":"b"}]}`,
			`{"type":"actions","elements":[{"type":"button","text":` + pt(1) + `,"action_id":"a"},{"type":"button","text":` + pt(1) + `,"action_id":"a"}]}`, "already exists in this block"},
		{"confirm title", sure(100, 1, 1, 1), sure(101, 1, 1, 1), "confirm/title"},
		{"confirm text", sure(1, 300, 1, 1), sure(1, 301, 1, 1), "confirm/text"},
		{"confirm yes", sure(1, 1, 30, 1), sure(1, 1, 31, 1), "confirm/confirm"},
		{"confirm no", sure(1, 1, 1, 30), sure(1, 1, 1, 31), "confirm/deny"},
		{"select options", choice(numbered(100, opt)), choice(numbered(101, opt)), "no more than 100"},
		{"option twice", choice(numbered(2, opt)), choice(times(2, opt)), "already exists"},
		{"option text", choice(`{"text":` + pt(75) + `,"value":"1"}`), choice(`{"text":` + pt(76) + `,"value":"1"}`), "less than 76"},
		{"option value", choice(`{"text":` + pt(1) + `,"value":"` + a(75) + `"}`), choice(`{"text":` + pt(1) + `,"value":"` + a(76) + `"}`), "less than 76"},
		{"option kind", choice(`{"text":` + pt(1) + `,"value":"1"}`), choice(`{"text":` + mr(1) + `,"value":"1"}`), "one of plain_text"},
		{"input label", input(2000, `{"type":"plain_text_input"}`), input(2001, `{"type":"plain_text_input"}`), "less than 2001"},
		{"max_length", input(1, `{"type":"plain_text_input","max_length":3000}`), input(1, `{"type":"plain_text_input","max_length":3001}`), "from 1 to 3000"},
		{"initial_value", input(1, `{"type":"plain_text_input","initial_value":"`+a(3000)+`"}`), input(1, `{"type":"plain_text_input","initial_value":"`+a(3001)+`"}`), "less than 3001"},
		{"initial_value and max_length", input(1, `{"type":"plain_text_input","max_length":9,"initial_value":"`+a(9)+`"}`),
			input(1, `{"type":"plain_text_input","max_length":9,"initial_value":"`+a(10)+`"}`), "less than 10"},
		{"context text", `{"type":"context","elements":[` + mr(3000) + `]}`, `{"type":"context","elements":[` + mr(3001) + `]}`, "less than 3001"},
		{"placeholder", input(1, `{"type":"plain_text_input","placeholder":`+pt(150)+`}`), input(1, `{"type":"plain_text_input","placeholder":`+pt(151)+`}`), "less than 151"},
		{"input holds no button", input(1, `{"type":"plain_text_input"}`), input(1, `{"type":"button","text":`+pt(1)+`}`), "unsupported type: button"},
		{"unknown key", `{"type":"section","text":` + mr(1) + `}`, `{"type":"section","txt":` + mr(1) + `,"text":` + mr(1) + `}`, "additional property: txt"},
		{"unknown block", `{"type":"divider"}`, `{"type":"dividr"}`, "unsupported type: dividr"},
		{"emoji is for plain_text", `{"type":"section","text":{"type":"mrkdwn","text":"a","verbatim":true}}`,
			`{"type":"section","text":{"type":"mrkdwn","text":"a","emoji":true}}`, "additional property: emoji"},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a","style":{"bold":true}}]}]}`,
			`{"type":"rich_text","elements":[{"type":"text","text":"a"}]}`, "unsupported type: text"},
		{"rich text is never empty", `{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"a"}]}]}`,
			`{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":""}]}]}`, "more than 0"},
		{"rich text list", `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":0,"elements":[{"type":"rich_text_section","elements":[]}]}]}`,
			`{"type":"rich_text","elements":[{"type":"rich_text_list","style":"dots","elements":[{"type":"rich_text_section","elements":[]}]}]}`, "bullet, ordered"},
		{"markdown", `{"type":"markdown","text":"` + a(12000) + `"}`, `{"type":"markdown","text":"` + a(12001) + `"}`, "less than 12001"},
		{"overflow", `{"type":"actions","elements":[{"type":"overflow","options":[` + numbered(5, opt) + `]}]}`,
			`{"type":"actions","elements":[{"type":"overflow","options":[` + numbered(6, opt) + `]}]}`, "no more than 5"},
		{"radio", `{"type":"actions","elements":[{"type":"radio_buttons","options":[` + numbered(10, opt) + `]}]}`,
			`{"type":"actions","elements":[{"type":"radio_buttons","options":[` + numbered(11, opt) + `]}]}`, "no more than 10"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if faults := CheckBlocks([]byte("[" + c.good + "]")); len(faults) > 0 {
				t.Errorf("at the edge: %v", faults)
			}
			if faults := CheckBlocks([]byte("[" + c.bad + "]")); !contains(faults, c.says) {
				t.Errorf("one over: got %v, want %q", faults, c.says)
			}
		})
	}
}

func TestViewLimits(t *testing.T) {
	view := func(title int, more, blocks string) string {
		return `{"type":"modal","title":` + pt(title) + more + `,"blocks":[` + blocks + `]}`
	}
	div, input := `{"type":"divider"}`, `{"type":"input","label":`+pt(1)+`,"element":{"type":"plain_text_input"}}`
	big := `{"type":"section","text":` + pt(2999) + `}` // 9 kB each: 27 fit, 28 do not
	cases := []struct{ name, good, bad, says string }{
		{"title", view(24, "", div), view(25, "", div), "/view/title/text"},
		{"submit", view(1, `,"submit":`+pt(24), div), view(1, `,"submit":`+pt(25), div), "/view/submit/text"},
		{"close", view(1, `,"close":`+pt(24), div), view(1, `,"close":`+pt(25), div), "/view/close/text"},
		{"private_metadata", view(1, `,"private_metadata":"`+a(3000)+`"`, div), view(1, `,"private_metadata":"`+a(3001)+`"`, div), "less than 3001"},
		{"callback_id", view(1, `,"callback_id":"`+a(255)+`"`, div), view(1, `,"callback_id":"`+a(256)+`"`, div), "less than 256"},
		{"blocks", view(1, "", times(100, div)), view(1, "", times(101, div)), "no more than 100"},
		{"size", view(1, "", times(27, big)), view(1, "", times(28, big)), "250000 bytes"},
		{"an input wants a submit", view(1, `,"submit":`+pt(1), input), view(1, "", input), "missing required field: submit"},
		{"a home has no title", `{"type":"home","blocks":[` + div + `]}`, `{"type":"home","title":` + pt(1) + `,"blocks":[` + div + `]}`, "additional property: title"},
		{"no markdown in views", view(1, "", div), view(1, "", `{"type":"markdown","text":"a"}`), "unsupported type: markdown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if faults := CheckView([]byte(c.good)); len(faults) > 0 {
				t.Errorf("at the edge: %v", faults)
			}
			if faults := CheckView([]byte(c.bad)); !contains(faults, c.says) {
				t.Errorf("one over: got %v, want %q", faults, c.says)
			}
		})
	}
}

// The checks take a client's own values as they are.
func TestCheckTakesValues(t *testing.T) {
	good := []slack.Block{
		slack.NewSectionBlock(plainText("あ"), nil, slack.NewAccessory(slack.NewButtonBlockElement("x", "v", plainText("b")))),
		slack.NewRichTextBlock("", slack.NewRichTextList(slack.RTEListBullet, 0, slack.NewRichTextSection(slack.NewRichTextSectionTextElement("a", nil)))),
		slack.NewInputBlock("f", plainText("l"), nil, slack.NewPlainTextInputBlockElement(nil, "f").WithMaxLength(1000)),
	}
	if faults := CheckBlocks(good); len(faults) > 0 {
		t.Errorf("good blocks: %v", faults)
	}
	if faults := CheckBlocks([]slack.Block{slack.NewHeaderBlock(plainText(strings.Repeat("a", 151)))}); len(faults) != 1 {
		t.Errorf("a long header: %v", faults)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: good[:2]}}
	if faults := CheckView(home); len(faults) > 0 {
		t.Errorf("a home tab: %v", faults)
	}
}

func FuzzCheckNeverPanics(f *testing.F) {
	f.Add([]byte(`[{"type":"section","text":{"type":"mrkdwn","text":"a"}}]`))
	f.Add([]byte(`{"type":"modal","blocks":[{"type":"input","element":{"type":"static_select","options":[null]}}]}`))
	f.Add([]byte(`[{"type":"actions","elements":[{"type":"checkboxes","initial_options":7}]},null,3]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		CheckBlocks(raw)
		CheckView(raw)
	})
}
