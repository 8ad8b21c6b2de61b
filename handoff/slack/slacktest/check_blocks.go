package slacktest

import "fmt"

// textObject wants a text object of one of the kinds, 1..most units long.
func textObject(most int, kinds ...string) rule {
	return func(c *checker, path string, v any) {
		keys := map[string]rule{"type": oneOf(kinds...), "text": str(1, most)}
		if text(object(v)["type"]) == "plain_text" {
			keys["emoji"] = boolean
		} else {
			keys["verbatim"] = boolean
		}
		c.object(path, v, shape{need: []string{"type", "text"}, keys: keys})
	}
}

func plain(most int) rule   { return textObject(most, "plain_text") }
func anyText(most int) rule { return textObject(most, "plain_text", "mrkdwn") }

// block checks one block of any known type.
func block(c *checker, path string, v any) {
	kind := text(object(v)["type"])
	sh, known := blockShape(kind, c.inView)
	if !known {
		c.fault(path, "unsupported type: %s", kind)
		return
	}
	sh.keys["type"], sh.keys["block_id"] = nil, str(0, 255)
	c.object(path, v, sh)
}

func blockShape(kind string, inView bool) (shape, bool) {
	switch kind {
	case "header":
		return shape{need: []string{"text"}, keys: map[string]rule{"text": plain(150)}}, true
	case "section":
		return shape{keys: map[string]rule{
			"text": anyText(3000), "fields": each(1, 10, anyText(2000)), "accessory": accessory, "expand": boolean,
		}, also: sectionSays}, true
	case "context":
		return shape{need: []string{"elements"}, keys: map[string]rule{"elements": each(1, 10, contextElement)}}, true
	case "actions":
		return shape{need: []string{"elements"}, keys: map[string]rule{"elements": each(1, 25, actionElement)}, also: distinctActions}, true
	case "input":
		return shape{need: []string{"label", "element"}, keys: map[string]rule{
			"label": plain(2000), "hint": plain(2000), "element": inputElement, "optional": boolean, "dispatch_action": boolean,
		}}, true
	case "divider":
		return shape{keys: map[string]rule{}}, true
	case "image":
		return shape{need: []string{"alt_text"}, keys: map[string]rule{
			"alt_text": str(1, 2000), "image_url": str(1, 3000), "slack_file": nil, "title": plain(2000),
		}, also: imageSource}, true
	case "markdown":
		return shape{need: []string{"text"}, keys: map[string]rule{"text": str(1, 12000)}}, !inView
	case "rich_text":
		return shape{need: []string{"elements"}, keys: map[string]rule{"elements": each(1, 1000, richBlock)}}, true
	}
	return shape{}, false
}

func sectionSays(c *checker, path string, v any) {
	if m := object(v); m["text"] == nil && m["fields"] == nil {
		c.fault(path, "missing required field: text or fields")
	}
}

func imageSource(c *checker, path string, v any) {
	if m := object(v); (m["image_url"] == nil) == (m["slack_file"] == nil) {
		c.fault(path, "must have one of image_url and slack_file")
	}
}

func contextElement(c *checker, path string, v any) {
	if text(object(v)["type"]) == "image" {
		element(c, path, v)
		return
	}
	anyText(3000)(c, path, v)
}

func distinctActions(c *checker, path string, v any) {
	seen := map[string]bool{}
	for i, e := range list(object(v)["elements"]) {
		id := text(object(e)["action_id"])
		if id != "" && seen[id] {
			c.fault(fmt.Sprintf("%s/elements/%d/action_id", path, i), "action_id %q already exists in this block", id)
		}
		seen[id] = true
	}
}

// richBlock checks what stands directly in a rich_text block.
func richBlock(c *checker, path string, v any) {
	kind := text(object(v)["type"])
	keys := map[string]rule{"type": nil, "elements": each(0, 1000, richElement)}
	switch kind {
	case "rich_text_section":
	case "rich_text_quote":
		keys["border"] = whole(0, 1)
	case "rich_text_preformatted":
		keys["border"], keys["language"] = whole(0, 1), str(1, 100)
	case "rich_text_list":
		keys["style"], keys["indent"] = oneOf("bullet", "ordered"), whole(0, 8)
		keys["offset"], keys["border"] = whole(0, 1_000_000), whole(0, 1)
		keys["elements"] = each(1, 1000, func(c *checker, path string, v any) {
			if text(object(v)["type"]) != "rich_text_section" {
				c.fault(path, "must be a rich_text_section")
				return
			}
			richBlock(c, path, v)
		})
		c.object(path, v, shape{need: []string{"elements", "style"}, keys: keys})
		return
	default:
		c.fault(path, "unsupported type: %s", kind)
		return
	}
	c.object(path, v, shape{need: []string{"elements"}, keys: keys})
}

// richElement checks what stands in a line of rich text.
func richElement(c *checker, path string, v any) {
	style := func(c *checker, path string, v any) {
		keys := map[string]rule{}
		for _, k := range []string{"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"} {
			keys[k] = boolean
		}
		c.object(path, v, shape{keys: keys})
	}
	id := str(1, 255)
	keys := map[string]rule{"type": nil, "style": style}
	var need []string
	switch kind := text(object(v)["type"]); kind {
	case "text":
		need, keys["text"] = []string{"text"}, str(1, maxPostText)
	case "link":
		need, keys["url"], keys["text"], keys["unsafe"] = []string{"url"}, str(1, 3000), str(0, 3000), boolean
	case "user":
		need, keys["user_id"] = []string{"user_id"}, id
	case "usergroup":
		need, keys["usergroup_id"] = []string{"usergroup_id"}, id
	case "channel":
		need, keys["channel_id"] = []string{"channel_id"}, id
	case "team":
		need, keys["team_id"] = []string{"team_id"}, id
	case "broadcast":
		need, keys["range"] = []string{"range"}, oneOf("here", "channel", "everyone")
	case "emoji":
		need, keys["name"], keys["unicode"], keys["skin_tone"] = []string{"name"}, id, id, whole(1, 6)
	case "color":
		need, keys["value"] = []string{"value"}, str(7, 7)
	case "date":
		need, keys["timestamp"], keys["format"] = []string{"timestamp", "format"}, whole(0, 1<<40), str(1, 255)
		keys["fallback"], keys["url"], keys["timezone"] = str(0, 3000), str(1, 3000), str(1, 255)
	default:
		c.fault(path, "unsupported type: %s", kind)
		return
	}
	c.object(path, v, shape{need: need, keys: keys})
}
