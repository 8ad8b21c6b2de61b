package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	api "github.com/slack-go/slack"

	"tsunagu/handoff/slack/slacktest"
)

func TestUnitsAndCut(t *testing.T) {
	for _, s := range []string{"", "a", "あ", "𠮷野家", "👨‍👩‍👧", strings.Repeat("🏠", 99)} {
		if got, want := units(s), len(utf16.Encode([]rune(s))); got != want {
			t.Errorf("%q has %d units, want %d", s, got, want)
		}
		for most := 20; most < 60; most++ {
			c := cut(s, most)
			if units(c) > most || c != s && !strings.HasSuffix(c, cutMark) {
				t.Errorf("%q cut to %d is %q", s, most, c)
			}
		}
	}
}

func FuzzQuotes(f *testing.F) {
	f.Add("あ", "<!channel>", 3)
	f.Add(strings.Repeat("🏠", 4000), "\xff\x00", 40)
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		var words []string
		for range min(max(n, 1), 60) {
			words = append(words, a, b)
		}
		blocks := quotes(words, maxMessage, maxQuotes)
		if faults := slacktest.CheckBlocks(blocks); len(faults) > 0 || len(blocks) > maxQuotes {
			t.Fatalf("%d blocks: %v", len(blocks), faults)
		}
		total := 0
		for _, x := range blocks {
			if q, is := x.(*api.RichTextBlock); is {
				total += units(q.Elements[0].(*api.RichTextQuote).Elements[0].(*api.RichTextSectionTextElement).Text)
			}
		}
		if total > maxMessage {
			t.Fatalf("%d units", total)
		}
	})
}

func TestOurs(t *testing.T) {
	for in, want := range map[string]string{
		"<@U01> が":                 "<@U01> が",
		"<!channel> <@u01> &<b>":   "&lt;!channel&gt; &lt;@u01&gt; &amp;&lt;b&gt;",
		"<@U01|name> <#C01|x>":     "&lt;@U01|name&gt; &lt;#C01|x&gt;",
		"<#C01> の":                 "<#C01> の",
		"&lt;@U01&gt; <https://x>": "&amp;lt;@U01&amp;gt; &lt;https://x&gt;",
	} {
		if got := ours(in); got != want {
			t.Errorf("ours(%q) is %q", in, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"はい &lt;b&gt; A&amp;B":                         "はい <b> A&B",
		"<@U01> さん、<#C01|soudan> を <!here> 見て":         "さん、 を 見て",
		"<!subteam^S01|@toban> です":                     "です",
		"<https://a.example> と <https://b.example|ここ>": "https://a.example と ここ（https://b.example）",
		"<http://a.example|a.example>":                 "http://a.example",
		"<mailto:a@b.example|a@b.example>":             "a@b.example",
		"<!date^1^{date}|11月22日> まで":                   "11月22日 まで",
		"&amp;lt;x&amp;gt; <>":                         "&lt;x&gt;",
	} {
		if got := (said{Text: in}).plain(); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	rich := `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"*あ* "},{"type":"emoji","name":"smile","unicode":"1f604"},
		{"type":"user","user_id":"U1"}]},{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"一"}]},
		{"type":"rich_text_section","elements":[{"type":"link","url":"https://x","text":"二"}]}]}]}]`
	if got := (said{Text: "other", Blocks: json.RawMessage(rich)}).plain(); got != "*あ* 😄\n・一\n・二（https://x）" {
		t.Errorf("rich text became %q", got)
	}
	deep := strings.Repeat(`{"type":"rich_text_section","elements":[`, 2000) + strings.Repeat(`]}`, 2000)
	if got := (said{Text: "あ", Blocks: json.RawMessage("[" + deep + "]")}).plain(); got != "あ" {
		t.Errorf("a deep text became %q", got)
	}
}

func TestPersonal(t *testing.T) {
	for text, want := range map[string]int{
		"窓口でお待ちしています。":                   0,
		"０９０－１２３４－５６７８へ":                 1,
		"0138(12)3456、a@city.example.jp": 2,
		"11月22日10時から12時":                 0,
	} {
		if got := personal(text); len(got) != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestParseValue(t *testing.T) {
	for in, want := range map[string]bool{"hokuto/c/1:2": true, "a:b:3": true, "": false, ":1": false, "a": false, "a:": false, "a:-1": false, strings.Repeat("a", 300) + ":1": false} {
		if id, version, ok := parseValue(in); ok != want || ok && value(id, version) != in {
			t.Errorf("%q: %q %d %v", in, id, version, ok)
		}
	}
}
