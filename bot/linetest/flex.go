package linetest

import (
	"slices"
	"strings"
)

// Flex sizes are of the container's JSON without spaces between its tokens.
// The reference says 30 KB and 50 KB; the stricter reading, thousands, is
// taken.
const (
	maxBubble   = 30_000 // bytes
	maxCarousel = 50_000
	maxBubbles  = 12
)

func fields(s string) []string { return strings.Fields(s) }

// A component's known properties: LINE refuses a Flex component with another.
var (
	placed     = fields("type margin position offsetTop offsetBottom offsetStart offsetEnd")
	components = map[string][]string{
		"box": slices.Concat(placed, fields(`layout flex contents spacing backgroundColor borderColor borderWidth
			cornerRadius width maxWidth height maxHeight paddingAll paddingTop paddingBottom paddingStart paddingEnd
			action justifyContent alignItems background`)),
		"button": slices.Concat(placed, fields("flex color style action gravity height adjustMode scaling")),
		"image": slices.Concat(placed, fields(`url flex align gravity size aspectRatio aspectMode backgroundColor
			action animated`)),
		"video": fields("type url previewUrl altContent aspectRatio action"),
		"icon":  slices.Concat(placed, fields("url size aspectRatio scaling")),
		"text": slices.Concat(placed, fields(`flex text size align gravity color weight style decoration wrap
			lineSpacing action maxLines contents adjustMode scaling`)),
		"span":      fields("type text size color weight style decoration"),
		"separator": fields("type margin color"),
		"filler":    fields("type flex"),
		"bubble":    fields("type direction styles header hero body footer size action"),
		"carousel":  fields("type contents"),
	}
	inBox      = fields("box button image text separator filler")
	inBaseline = fields("icon text filler")
	inHero     = fields("image box video")
)

func (c *checker) flexContainer(f object, path string) {
	switch c.oneOf(f, path, "type", false, "bubble", "carousel") {
	case "bubble":
		c.bubble(f, path, inHero)
	case "carousel":
		c.known(f, path)
		if n := len(encode(f)); n > maxCarousel {
			c.fault(path, "Size must be at most %d bytes", maxCarousel)
			return
		}
		var width any
		for i, v := range c.list(f, path, "contents", 1, maxBubbles) {
			path := at(path+".contents", i)
			bubble, isObject := c.asObject(v, path)
			if !isObject {
				continue
			}
			if c.oneOf(bubble, path, "type", false, "bubble") == "bubble" {
				c.bubble(bubble, path, inHero[:2]) // a video stands in no carousel
			}
			size := bubble["size"]
			if size == nil {
				size = "mega" // LINE's default
			}
			if i > 0 && size != width {
				c.fault(path+".size", "Must be the same in all bubbles")
			}
			width = size
		}
	}
}

func (c *checker) bubble(b object, path string, hero []string) {
	c.known(b, path)
	if n := len(encode(b)); n > maxBubble {
		c.fault(path, "Size must be at most %d bytes", maxBubble)
		return
	}
	c.oneOf(b, path, "direction", true, "ltr", "rtl")
	c.oneOf(b, path, "size", true, "nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
	c.tap(b, path)
	blocks := 0
	for _, key := range []string{"header", "hero", "body", "footer"} {
		if b[key] == nil {
			continue
		}
		blocks++
		allowed := []string{"box"}
		if key == "hero" {
			allowed = hero
		}
		c.component(b[key], path+"."+key, allowed)
	}
	if blocks == 0 {
		c.fault(path, "At least one block must be specified")
	}
}

// component checks one Flex component and all within it.
func (c *checker) component(v any, path string, allowed []string) {
	o, isObject := c.asObject(v, path)
	if !isObject {
		return
	}
	kind := c.oneOf(o, path, "type", false, allowed...)
	if !slices.Contains(allowed, kind) {
		return
	}
	c.known(o, path)
	if kind != "button" {
		c.tap(o, path)
	}
	switch kind {
	case "box":
		children := inBox
		if c.oneOf(o, path, "layout", false, "horizontal", "vertical", "baseline") == "baseline" {
			children = inBaseline
		}
		if _, has := o["contents"]; !has {
			c.fault(path+".contents", "May not be null")
		}
		for i, child := range c.list(o, path, "contents", 0, 1000) {
			c.component(child, at(path+".contents", i), children)
		}
	case "button":
		c.oneOf(o, path, "style", true, "primary", "secondary", "link")
		c.oneOf(o, path, "height", true, "sm", "md")
		if a, has := c.object(o, path, "action"); has {
			c.action(a, path+".action", inFlexButton)
		}
	case "text":
		spans := c.list(o, path, "contents", 0, 1000)
		c.words(o, path, "text", words{maxBubble, UTF16, len(spans) > 0})
		for i, span := range spans {
			c.component(span, at(path+".contents", i), []string{"span"})
		}
		c.number(o, path, "maxLines", 0, 1000, true)
	case "span":
		c.words(o, path, "text", words{maxBubble, UTF16, false})
	case "image", "icon":
		c.httpsURL(o, path, "url", false)
	case "video":
		c.httpsURL(o, path, "url", false)
		c.httpsURL(o, path, "previewUrl", false)
		c.component(o["altContent"], path+".altContent", inHero[:2])
	}
	c.number(o, path, "flex", 0, 1000, true)
	for _, key := range []string{"color", "backgroundColor", "borderColor"} {
		if s, isString := o[key].(string); isString && !hexColor(s) {
			c.fault(path+"."+key, "Must be a color: #RRGGBB or #RRGGBBAA")
		}
	}
}

// tap checks the optional action of a component that is not a button.
func (c *checker) tap(o object, path string) {
	if o["action"] == nil {
		return
	}
	if a, isObject := c.object(o, path, "action"); isObject {
		c.action(a, path+".action", inFlex)
	}
}

func (c *checker) known(o object, path string) {
	kind, _ := o["type"].(string)
	var unknown []string
	for key := range o {
		if !slices.Contains(components[kind], key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		c.fault(path+"."+key, "Unknown property")
	}
}

func hexColor(s string) bool {
	if len(s) != 7 && len(s) != 9 || s[0] != '#' {
		return false
	}
	return !strings.ContainsFunc(s[1:], func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
}
