package linetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const family = "👨‍👩‍👧" // one grapheme cluster, 8 UTF-16 code units, 18 bytes

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// list joins n copies of element with commas.
func list(element string, n int) string {
	return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
}

func text(more string) string { return `{"type":"text","text":"a"` + more + `}` }

func quick(n int, action string) string {
	return text(`,"quickReply":{"items":[` + list(`{"type":"action","action":`+action+`}`, n) + `]}`)
}

func template(t string) string {
	return `{"type":"template","altText":"a","template":` + t + `}`
}

func flex(contents string) string { return `{"type":"flex","altText":"a","contents":` + contents + `}` }

func bubble(body string) string {
	return `{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[` + body + `]}}`
}

func action(kind, label, more string) string {
	return fmt.Sprintf(`{"type":%q,"label":%s%s}`, kind, quoted(label), more)
}

func message(label, text string) string { return action("message", label, `,"text":`+quoted(text)) }

func postback(more string) string { return action("postback", "a", more) }

// sized pads a bubble to a size in bytes.
func sized(size int) string {
	empty := bubble(`{"type":"text","text":""}`)
	return bubble(`{"type":"text","text":"` + repeat("a", size-len(empty)) + `"}`)
}

func column(actions, more string) string {
	return `{"text":"a","actions":[` + actions + `]` + more + `}`
}

func carousel(columns string) string {
	return template(`{"type":"carousel","columns":[` + columns + `]}`)
}

func buttons(text string, actions int, more string) string {
	return template(`{"type":"buttons","text":` + quoted(text) + `,"actions":[` + list(message("a", "b"), actions) + `]` + more + `}`)
}

func confirm(text string, actions int) string {
	return template(`{"type":"confirm","text":` + quoted(text) + `,"actions":[` + list(message("a", "b"), actions) + `]}`)
}

func uri(s string) string { return quick(1, action("uri", "a", `,"uri":`+quoted(s))) }

func check(messages string) []Detail {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte("["+messages+"]"), &raw); err != nil {
		return []Detail{{Message: "the test's own JSON is broken: " + err.Error()}}
	}
	return CheckMessages(raw)
}

// TestEdges builds each message at its limit, which must pass, and one past
// it, which must be refused at the named property and nowhere else.
func TestEdges(t *testing.T) {
	for _, c := range []struct {
		name     string
		limit    int
		build    func(n int) string
		property string
	}{
		{"messages", 5, func(n int) string { return list(text(""), n) }, "messages"},
		{"text", 5000, func(n int) string { return `{"type":"text","text":` + quoted(repeat("あ", n)) + `}` }, "messages[0].text"},
		{"text in UTF-16", 2500, func(n int) string { return `{"type":"text","text":` + quoted(repeat("🍎", n)) + `}` }, "messages[0].text"},
		{"quick replies", 13, func(n int) string { return quick(n, message("a", "b")) }, "messages[0].quickReply.items"},
		{"quick reply label", 20, func(n int) string { return quick(1, message(repeat("あ", n), "b")) }, "messages[0].quickReply.items[0].action.label"},
		{"label in graphemes", 20, func(n int) string { return quick(1, message(repeat(family, n), "b")) }, "messages[0].quickReply.items[0].action.label"},
		{"message action text", 300, func(n int) string { return quick(1, message("a", repeat(family, n))) }, "messages[0].quickReply.items[0].action.text"},
		{"postback data", 300, func(n int) string { return quick(1, postback(`,"data":`+quoted(repeat("あ", n)))) }, "messages[0].quickReply.items[0].action.data"},
		{"postback data in UTF-16", 150, func(n int) string { return quick(1, postback(`,"data":`+quoted(repeat("🍎", n)))) }, "messages[0].quickReply.items[0].action.data"},
		{"displayText in graphemes", 300, func(n int) string { return quick(1, postback(`,"data":"x","displayText":`+quoted(repeat(family, n)))) }, "messages[0].quickReply.items[0].action.displayText"},
		{"uri", 1000, func(n int) string { return uri("https://example.jp/" + repeat("a", n-19)) }, "messages[0].quickReply.items[0].action.uri"},
		{"clipboard", 1000, func(n int) string {
			return quick(1, action("clipboard", "a", `,"clipboardText":`+quoted(repeat("a", n))))
		}, "messages[0].quickReply.items[0].action.clipboardText"},
		{"buttons text", 160, func(n int) string { return buttons(repeat(family, n), 1, "") }, "messages[0].template.text"},
		{"buttons text with title", 60, func(n int) string { return buttons(repeat("あ", n), 1, `,"title":"t"`) }, "messages[0].template.text"},
		{"buttons text with image", 60, func(n int) string {
			return buttons(repeat("あ", n), 1, `,"thumbnailImageUrl":"https://example.jp/a.png"`)
		}, "messages[0].template.text"},
		{"buttons title", 40, func(n int) string { return buttons("a", 1, `,"title":`+quoted(repeat(family, n))) }, "messages[0].template.title"},
		{"buttons actions", 4, func(n int) string { return buttons("a", n, "") }, "messages[0].template.actions"},
		{"template label", 20, func(n int) string {
			return template(`{"type":"buttons","text":"a","actions":[` + message(repeat("a", n), "b") + `]}`)
		}, "messages[0].template.actions[0].label"},
		{"confirm text", 240, func(n int) string { return confirm(repeat("あ", n), 2) }, "messages[0].template.text"},
		{"confirm actions", 2, func(n int) string { return confirm("a", n) }, "messages[0].template.actions"},
		{"carousel columns", 10, func(n int) string { return carousel(list(column(message("a", "b"), ""), n)) }, "messages[0].template.columns"},
		{"carousel actions", 3, func(n int) string { return carousel(column(list(message("a", "b"), n), "")) }, "messages[0].template.columns[0].actions"},
		{"carousel text", 120, func(n int) string {
			return carousel(`{"text":` + quoted(repeat("あ", n)) + `,"actions":[` + message("a", "b") + `]}`)
		}, "messages[0].template.columns[0].text"},
		{"image carousel label", 12, func(n int) string {
			return template(`{"type":"image_carousel","columns":[{"imageUrl":"https://example.jp/a.png","action":` + message(repeat("a", n), "b") + `}]}`)
		}, "messages[0].template.columns[0].action.label"},
		{"altText", 1500, func(n int) string {
			return `{"type":"flex","altText":` + quoted(repeat("あ", n)) + `,"contents":` + bubble("") + `}`
		}, "messages[0].altText"},
		{"flex button label", 40, func(n int) string {
			return flex(bubble(`{"type":"button","action":` + message(repeat("あ", n), "b") + `}`))
		}, "messages[0].contents.body.contents[0].action.label"},
		{"bubble bytes", 30_000, func(n int) string { return flex(sized(n)) }, "messages[0].contents"},
		{"carousel bytes", 50_000, func(n int) string {
			frame := len(`{"contents":[,],"type":"carousel"}`)
			return flex(`{"type":"carousel","contents":[` + sized(20_000) + `,` + sized(n-20_000-frame) + `]}`)
		}, "messages[0].contents"},
		{"bubbles", 12, func(n int) string {
			return flex(`{"type":"carousel","contents":[` + list(bubble(""), n) + `]}`)
		}, "messages[0].contents.contents"},
		{"location title", 100, func(n int) string {
			return `{"type":"location","title":` + quoted(repeat("あ", n)) + `,"address":"a","latitude":35,"longitude":139}`
		}, "messages[0].title"},
		{"location address", 100, func(n int) string {
			return `{"type":"location","title":"a","address":` + quoted(repeat("あ", n)) + `,"latitude":35,"longitude":139}`
		}, "messages[0].address"},
		{"sender name", 20, func(n int) string { return text(`,"sender":{"name":` + quoted(repeat("あ", n)) + `}`) }, "messages[0].sender.name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := check(c.build(c.limit)); len(got) > 0 {
				t.Errorf("at %d refused: %v", c.limit, got)
			}
			got := check(c.build(c.limit + 1))
			if len(got) != 1 || got[0].Property != c.property {
				t.Errorf("at %d: %v, want one fault at %s", c.limit+1, got, c.property)
			}
		})
	}
}

func TestWhatLINETakes(t *testing.T) {
	for _, m := range []string{
		text(`,"sender":{"name":"オンライン相談","iconUrl":"https://example.jp/i.png"},"customAggregationUnits":null`),
		`{"type":"sticker","packageId":"446","stickerId":"1988"}`,
		`{"type":"image","originalContentUrl":"https://example.jp/a.jpg","previewImageUrl":"https://example.jp/a.jpg"}`,
		`{"type":"audio","originalContentUrl":"https://example.jp/a.m4a","duration":1}`,
		quick(1, action("camera", "a", "")), quick(1, action("cameraRoll", "a", "")), quick(1, action("location", "a", "")),
		quick(1, action("datetimepicker", "a", `,"data":"d","mode":"date","min":"1900-01-01","max":"2100-12-31"`)),
		quick(1, action("datetimepicker", "a", `,"data":"d","mode":"datetime","initial":"2026-11-22t10:00"`)),
		uri("tel:0120-000-000"), uri("http://example.jp/?q=%E3%81%82"), uri("https://line.me/R/nv/location/"), uri("line://nv/location"),
		flex(`{"type":"bubble","size":"kilo","hero":{"type":"image","url":"https://example.jp/a.png"}}`),
		flex(bubble(`{"type":"box","layout":"baseline","contents":[{"type":"icon","url":"https://example.jp/a.png"},{"type":"text","text":"a","color":"#1a2B3c"}]},` +
			`{"type":"separator"},{"type":"filler"},{"type":"text","contents":[{"type":"span","text":"a"}]},` +
			`{"type":"box","layout":"vertical","contents":[],"action":{"type":"uri","uri":"tel:119"}}`)),
		carousel(column(message("a", "b"), `,"title":"t"`) + "," + column(message("a", "b"), `,"title":"t"`)),
	} {
		if got := check(m); len(got) > 0 {
			t.Errorf("%s: %v", m, got)
		}
	}
}

func TestWhatLINERefuses(t *testing.T) {
	const item = "messages[0].quickReply.items[0].action"
	for _, c := range []struct{ message, property string }{
		{``, "messages"},
		{`null`, "messages[0]"},
		{`7`, "messages[0]"},
		{`{}`, "messages[0].type"},
		{`{"type":"text"}`, "messages[0].text"},
		{`{"type":"text","text":1}`, "messages[0].text"},
		{`{"type":"hologram"}`, "messages[0].type"},
		{`{"type":"sticker","packageId":"1"}`, "messages[0].stickerId"},
		{`{"type":"image","originalContentUrl":"http://example.jp/a","previewImageUrl":"https://example.jp/a"}`, "messages[0].originalContentUrl"},
		{`{"type":"location","title":"a","address":"b","latitude":91,"longitude":0}`, "messages[0].latitude"},
		{text(`,"sender":{"name":"LINE 相談"}`), "messages[0].sender.name"},
		{text(`,"quickReply":{"items":[]}`), "messages[0].quickReply.items"},
		{text(`,"quickReply":{"items":[{"action":` + message("a", "b") + `}]}`), "messages[0].quickReply.items[0].type"},
		{text(`,"quickReply":{"items":[{"type":"action"}]}`), item},
		{quick(1, `{"type":"message","text":"b"}`), item + ".label"},
		{quick(1, message("", "b")), item + ".label"},
		{quick(1, message("a", "")), item + ".text"},
		{quick(1, action("richmenuswitch", "a", "")), item + ".type"},
		{quick(1, postback("")), item + ".data"},
		{quick(1, postback(`,"data":"x","text":"y"`)), item + ".text"},
		{quick(1, postback(`,"data":"x","fillInText":"y"`)), item + ".fillInText"},
		{quick(1, postback(`,"data":"x","inputOption":"openDoor"`)), item + ".inputOption"},
		{uri("mailto:a@example.jp"), item + ".uri"},
		{uri("javascript:alert(1)"), item + ".uri"},
		{uri("example.jp"), item + ".uri"},
		{uri("https:///a"), item + ".uri"},
		{uri("tel:"), item + ".uri"},
		{uri("https://example.jp/あ"), item + ".uri"},
		{uri("https://example.jp/a b"), item + ".uri"},
		{quick(1, action("datetimepicker", "a", `,"data":"d","mode":"month"`)), item + ".mode"},
		{quick(1, action("datetimepicker", "a", `,"data":"d","mode":"date","max":"2101-01-01"`)), item + ".max"},
		{quick(1, action("datetimepicker", "a", `,"data":"d","mode":"time","min":"10:00","max":"09:00"`)), item + ".max"},
		{buttons("a", 0, ""), "messages[0].template.actions"},
		{confirm("a", 1), "messages[0].template.actions"},
		{template(`{"type":"wheel"}`), "messages[0].template.type"},
		{template(`{"type":"buttons","text":"a","actions":[` + action("camera", "a", "") + `]}`), "messages[0].template.actions[0].type"},
		{carousel(column(message("a", "b"), "") + "," + column(list(message("a", "b"), 2), "")), "messages[0].template.columns[1].actions"},
		{carousel(column(message("a", "b"), `,"title":"t"`) + "," + column(message("a", "b"), "")), "messages[0].template.columns[1].title"},
		{`{"type":"flex","contents":` + bubble("") + `}`, "messages[0].altText"},
		{flex(`{"type":"bubble"}`), "messages[0].contents"},
		{flex(`{"type":"box"}`), "messages[0].contents.type"},
		{flex(`{"type":"bubble","body":{"type":"text","text":"a"}}`), "messages[0].contents.body.type"},
		{flex(`{"type":"bubble","body":{"type":"box","contents":[]}}`), "messages[0].contents.body.layout"},
		{flex(`{"type":"bubble","body":{"type":"box","layout":"vertical"}}`), "messages[0].contents.body.contents"},
		{flex(bubble(`{"type":"text"}`)), "messages[0].contents.body.contents[0].text"},
		{flex(bubble(`{"type":"text","text":""}`)), "messages[0].contents.body.contents[0].text"},
		{flex(bubble(`{"type":"text","text":"a","colour":"#000000"}`)), "messages[0].contents.body.contents[0].colour"},
		{flex(bubble(`{"type":"text","text":"a","color":"red"}`)), "messages[0].contents.body.contents[0].color"},
		{flex(bubble(`{"type":"button"}`)), "messages[0].contents.body.contents[0].action"},
		{flex(bubble(`{"type":"button","action":{"type":"message","text":"a"}}`)), "messages[0].contents.body.contents[0].action.label"},
		{flex(bubble(`{"type":"spacer"}`)), "messages[0].contents.body.contents[0].type"},
		{flex(bubble(`{"type":"icon","url":"https://example.jp/a"}`)), "messages[0].contents.body.contents[0].type"},
		{flex(bubble(`{"type":"image"}`)), "messages[0].contents.body.contents[0].url"},
		{flex(`{"type":"carousel","contents":[]}`), "messages[0].contents.contents"},
		{flex(`{"type":"carousel","contents":[` + bubble("") + `,{"type":"bubble","size":"nano","body":{"type":"box","layout":"vertical","contents":[]}}]}`), "messages[0].contents.contents[1].size"},
	} {
		got := check(c.message)
		if len(got) != 1 || got[0].Property != c.property {
			t.Errorf("%s: %v, want one fault at %s", c.message, got, c.property)
		}
	}
}

func FuzzCheckMessages(f *testing.F) {
	f.Add(quick(2, message("a", "b")))
	f.Add(flex(bubble(`{"type":"text","text":"a"}`)))
	f.Add(carousel(column(message("a", "b"), "")))
	f.Add(`{"type":"template","altText":1,"template":[]}`)
	f.Fuzz(func(t *testing.T, s string) {
		raw := json.RawMessage(s)
		CheckMessages([]json.RawMessage{raw})
		if json.Valid(raw) {
			readMessage(raw)
		}
	})
}
