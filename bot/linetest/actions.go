package linetest

import (
	"net/url"
	"slices"
	"time"
)

// place is where an action stands; it decides the label and the types.
type place struct {
	label    int // longest label in grapheme clusters
	optional bool
	types    []string
}

var (
	everywhere    = []string{"postback", "message", "uri", "datetimepicker", "clipboard"}
	inQuickReply  = place{20, false, slices.Concat(everywhere, []string{"camera", "cameraRoll", "location"})}
	inTemplate    = place{20, false, everywhere}
	asDefault     = place{20, true, everywhere} // a tap beside the buttons
	inImageColumn = place{12, true, everywhere}
	inFlexButton  = place{40, false, everywhere}
	inFlex        = place{40, true, everywhere} // a tap on a box, text or image
)

func (c *checker) action(a object, path string, where place) {
	kind := c.oneOf(a, path, "type", false, where.types...)
	if !slices.Contains(where.types, kind) {
		return
	}
	// Flex components other than buttons show no label, and may carry an empty one.
	if a["label"] != "" || !where.optional {
		c.words(a, path, "label", words{where.label, Graphemes, where.optional})
	}
	switch kind {
	case "postback":
		c.postback(a, path, len(where.types) == len(inQuickReply.types))
	case "message":
		c.words(a, path, "text", words{300, Graphemes, false})
	case "uri":
		c.uri(a, path)
	case "datetimepicker":
		c.datetime(a, path)
	case "clipboard":
		c.words(a, path, "clipboardText", words{1000, UTF16, false})
	}
}

func (c *checker) postback(a object, path string, quick bool) {
	c.words(a, path, "data", words{300, UTF16, false})
	c.words(a, path, "displayText", words{300, Graphemes, true})
	c.words(a, path, "text", words{300, Graphemes, true})
	c.words(a, path, "fillInText", words{300, Graphemes, true})
	option := c.oneOf(a, path, "inputOption", true, "closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")
	if a["text"] != nil && (quick || a["displayText"] != nil) {
		c.fault(path+".text", "Cannot be used here")
	}
	if a["fillInText"] != nil && option != "openKeyboard" {
		c.fault(path+".fillInText", "Can be used only with inputOption openKeyboard")
	}
}

func (c *checker) uri(a object, path string) {
	c.link(a, path, "uri", "http", "https", "line", "tel")
	if a["altUri"] == nil {
		return
	}
	if alt, isObject := c.object(a, path, "altUri"); isObject {
		c.link(alt, path+".altUri", "desktop", "http", "https", "line", "tel")
	}
}

func (c *checker) link(o object, path, key string, schemes ...string) {
	s := c.words(o, path, key, words{1000, UTF16, false})
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || !percentEncoded(s):
		c.fault(path+"."+key, "Invalid URI: it must be percent-encoded")
	case !slices.Contains(schemes, u.Scheme):
		c.fault(path+"."+key, "Invalid URI scheme")
	case u.Scheme == "tel" && u.Opaque == "", u.Scheme != "tel" && u.Host == "":
		c.fault(path+"."+key, "Invalid URI")
	}
}

// datetimeForms are the forms of each mode; LINE takes a lower-case t too.
var datetimeForms = map[string][]string{
	"date":     {"2006-01-02"},
	"time":     {"15:04"},
	"datetime": {"2006-01-02T15:04", "2006-01-02t15:04"},
}

func (c *checker) datetime(a object, path string) {
	c.words(a, path, "data", words{300, UTF16, false})
	mode := c.oneOf(a, path, "mode", false, "date", "time", "datetime")
	var times [3]time.Time
	for i, key := range []string{"min", "initial", "max"} {
		s := c.words(a, path, key, words{20, UTF16, true})
		if s == "" || datetimeForms[mode] == nil {
			continue
		}
		t, fits := parseDatetime(mode, s)
		if !fits {
			c.fault(path+"."+key, "Must be a %s between 1900-01-01 and 2100-12-31", mode)
		}
		times[i] = t
	}
	if low, high := times[0], times[2]; !low.IsZero() && !high.IsZero() && !low.Before(high) {
		c.fault(path+".max", "Must be after min")
	}
}

func parseDatetime(mode, s string) (time.Time, bool) {
	for _, form := range datetimeForms[mode] {
		if t, err := time.Parse(form, s); err == nil && (mode == "time" || t.Year() >= 1900 && t.Year() <= 2100) {
			return t, true
		}
	}
	return time.Time{}, false
}
