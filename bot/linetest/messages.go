package linetest

import (
	"encoding/json"
	"math"
	"strings"
	"unicode"
)

var messageTypes = []string{"text", "textV2", "sticker", "image", "video", "audio", "location", "imagemap", "template", "flex"}

// CheckMessages returns every fault LINE would find in the messages of one
// call: nil when it would take them.
func CheckMessages(messages []json.RawMessage) []Detail {
	var c checker
	if len(messages) < 1 || len(messages) > 5 {
		c.fault("messages", "Size must be between 1 and 5")
	}
	for i, raw := range messages[:min(len(messages), 5)] {
		var v any
		path := at("messages", i)
		if json.Unmarshal(raw, &v) != nil {
			c.fault(path, "Must be an object")
			continue
		}
		if o, isObject := c.asObject(v, path); isObject {
			c.message(o, path)
		}
	}
	return c.faults
}

func (c *checker) message(o object, path string) {
	switch c.oneOf(o, path, "type", false, messageTypes...) {
	case "text", "textV2":
		c.words(o, path, "text", words{5000, UTF16, false})
	case "sticker":
		c.words(o, path, "packageId", words{20, UTF16, false})
		c.words(o, path, "stickerId", words{20, UTF16, false})
	case "image", "video":
		c.httpsURL(o, path, "originalContentUrl", false)
		c.httpsURL(o, path, "previewImageUrl", false)
	case "audio":
		c.httpsURL(o, path, "originalContentUrl", false)
		c.number(o, path, "duration", 1, math.MaxInt32, false)
	case "location":
		c.words(o, path, "title", words{100, UTF16, false})
		c.words(o, path, "address", words{100, UTF16, false})
		c.number(o, path, "latitude", -90, 90, false)
		c.number(o, path, "longitude", -180, 180, false)
	case "imagemap":
		c.httpsURL(o, path, "baseUrl", false)
		c.altText(o, path)
		c.object(o, path, "baseSize")
		c.list(o, path, "actions", 1, 50)
	case "template":
		c.altText(o, path)
		if t, has := c.object(o, path, "template"); has {
			c.template(t, path+".template")
		}
	case "flex":
		c.altText(o, path)
		if f, has := c.object(o, path, "contents"); has {
			c.flexContainer(f, path+".contents")
		}
	}
	if o["sender"] != nil {
		c.sender(o, path)
	}
	if o["quickReply"] != nil {
		c.quickReply(o, path)
	}
}

func (c *checker) altText(o object, path string) {
	c.words(o, path, "altText", words{1500, UTF16, false})
}

// sender checks the name and icon a message comes under. LINE reserves
// certain words, of which it names its own.
func (c *checker) sender(o object, path string) {
	sender, isObject := c.object(o, path, "sender")
	if !isObject {
		return
	}
	path += ".sender"
	name := c.words(sender, path, "name", words{20, UTF16, true})
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if strings.EqualFold(word, "LINE") {
			c.fault(path+".name", "Must not contain a reserved word")
			break
		}
	}
	c.httpsURL(sender, path, "iconUrl", true)
}

func (c *checker) quickReply(o object, path string) {
	q, isObject := c.object(o, path, "quickReply")
	if !isObject {
		return
	}
	path += ".quickReply"
	for i, v := range c.list(q, path, "items", 1, 13) {
		path := at(path+".items", i)
		item, isObject := c.asObject(v, path)
		if !isObject {
			continue
		}
		c.oneOf(item, path, "type", false, "action")
		c.httpsURL(item, path, "imageUrl", true)
		if a, has := c.object(item, path, "action"); has {
			c.action(a, path+".action", inQuickReply)
		}
	}
}
