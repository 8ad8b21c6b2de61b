package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

var (
	selects  = []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
	pickers  = []string{"datepicker", "timepicker", "datetimepicker", "radio_buttons", "checkboxes"}
	writing  = []string{"plain_text_input", "email_text_input", "url_text_input", "number_input"}
	inAction = slices.Concat([]string{"button", "overflow"}, selects, multi(selects), pickers)
	inInput  = slices.Concat(selects, multi(selects), pickers, writing, []string{"file_input"})
)

func multi(kinds []string) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, "multi_"+k)
	}
	return out
}

func among(kinds []string) rule {
	return func(c *checker, path string, v any) {
		if kind := text(object(v)["type"]); !slices.Contains(kinds, kind) {
			c.fault(path, "unsupported type: %s", kind)
			return
		}
		element(c, path, v)
	}
}

func actionElement(c *checker, path string, v any) { among(inAction)(c, path, v) }
func inputElement(c *checker, path string, v any)  { among(inInput)(c, path, v) }
func accessory(c *checker, path string, v any) {
	among(append([]string{"image"}, inAction...))(c, path, v)
}

// element checks one element; whether it may stand there is checked before.
func element(c *checker, path string, v any) {
	kind := text(object(v)["type"])
	sh := elementShape(kind)
	sh.keys["type"] = nil
	if kind != "image" {
		sh.keys["action_id"] = str(1, 255)
	}
	c.object(path, v, sh)
}

func elementShape(kind string) shape {
	keys := map[string]rule{}
	ask := func() { keys["placeholder"], keys["focus_on_load"] = plain(150), boolean }
	sure := func() { keys["confirm"] = confirm }
	switch kind {
	case "image":
		keys["image_url"], keys["slack_file"], keys["alt_text"] = str(1, 3000), nil, str(1, 2000)
		return shape{need: []string{"alt_text"}, keys: keys, also: imageSource}
	case "button":
		sure()
		keys["text"], keys["value"], keys["url"] = plain(75), str(0, 2000), str(1, 3000)
		keys["style"], keys["accessibility_label"] = oneOf("primary", "danger"), str(1, 75)
		return shape{need: []string{"text"}, keys: keys}
	case "overflow":
		sure()
		keys["options"] = each(1, 5, option(plain(75), "url"))
		return shape{need: []string{"options"}, keys: keys, also: distinctValues}
	case "radio_buttons", "checkboxes":
		sure()
		keys["options"], keys["focus_on_load"] = each(1, 10, option(anyText(75))), boolean
		keys["initial_option"], keys["initial_options"] = option(anyText(75)), each(1, 10, option(anyText(75)))
		delete(keys, map[string]string{"radio_buttons": "initial_options", "checkboxes": "initial_option"}[kind])
		return shape{need: []string{"options"}, keys: keys, also: distinctValues}
	case "datepicker", "timepicker", "datetimepicker":
		sure()
		ask()
		switch kind {
		case "datepicker":
			keys["initial_date"] = str(10, 10)
		case "timepicker":
			keys["initial_time"], keys["timezone"] = str(5, 5), str(1, 255)
		default:
			keys["initial_date_time"] = whole(0, 9_999_999_999)
			delete(keys, "placeholder")
		}
		return shape{keys: keys}
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return writingShape(kind, keys, ask)
	}
	if kind == "file_input" {
		keys["filetypes"], keys["max_files"] = each(1, 100, str(1, 20)), whole(1, 10)
		return shape{keys: keys}
	}
	sure()
	ask()
	return selectShape(kind, keys)
}

func writingShape(kind string, keys map[string]rule, ask func()) shape {
	ask()
	keys["initial_value"] = str(0, 3000)
	keys["dispatch_action_config"] = func(c *checker, path string, v any) {
		c.object(path, v, shape{keys: map[string]rule{
			"trigger_actions_on": each(1, 2, oneOf("on_enter_pressed", "on_character_entered")),
		}})
	}
	sh := shape{keys: keys}
	switch kind {
	case "plain_text_input":
		keys["multiline"], keys["min_length"], keys["max_length"] = boolean, whole(0, 3000), whole(1, 3000)
		sh.also = startFits
	case "number_input":
		keys["is_decimal_allowed"], keys["min_value"], keys["max_value"] = boolean, str(1, 100), str(1, 100)
		sh.need = []string{"is_decimal_allowed"}
	}
	return sh
}

// startFits wants what stands in an input at first to be as short as what may be
// typed there.
func startFits(c *checker, path string, v any) {
	el := object(v)
	most, is := el["max_length"].(json.Number)
	n, err := most.Int64()
	if start := text(el["initial_value"]); is && err == nil && int64(units(start)) > n {
		c.fault(path+"/initial_value", "must be less than %d characters", n+1)
	}
}

func selectShape(kind string, keys map[string]rule) shape {
	sh := shape{keys: keys}
	many := strings.HasPrefix(kind, "multi_")
	if many {
		keys["max_selected_items"] = whole(1, 1000)
	}
	switch strings.TrimPrefix(kind, "multi_") {
	case "static_select":
		keys["options"] = each(1, 100, option(plain(75)))
		keys["option_groups"] = each(1, 100, func(c *checker, path string, v any) {
			c.object(path, v, shape{need: []string{"label", "options"}, keys: map[string]rule{
				"label": plain(75), "options": each(1, 100, option(plain(75))),
			}})
		})
		sh.also = func(c *checker, path string, v any) {
			if m := object(v); (m["options"] == nil) == (m["option_groups"] == nil) {
				c.fault(path, "must have one of options and option_groups")
			}
			distinctValues(c, path, v)
		}
		fallthrough
	case "external_select":
		if kind == "external_select" || kind == "multi_external_select" {
			keys["min_query_length"] = whole(0, 255)
		}
		if many {
			keys["initial_options"] = each(1, 100, option(plain(75)))
		} else {
			keys["initial_option"] = option(plain(75))
		}
	case "users_select":
		keys[map[bool]string{false: "initial_user", true: "initial_users"}[many]] = nil
	case "conversations_select":
		keys[map[bool]string{false: "initial_conversation", true: "initial_conversations"}[many]] = nil
		keys["default_to_current_conversation"], keys["filter"] = boolean, nil
	case "channels_select":
		keys[map[bool]string{false: "initial_channel", true: "initial_channels"}[many]] = nil
	}
	if !many && (kind == "conversations_select" || kind == "channels_select") {
		keys["response_url_enabled"] = boolean
	}
	return sh
}

func option(label rule, more ...string) rule {
	return func(c *checker, path string, v any) {
		keys := map[string]rule{"text": label, "value": str(1, 75), "description": anyText(75)}
		for _, k := range more {
			keys[k] = str(1, 3000)
		}
		c.object(path, v, shape{need: []string{"text", "value"}, keys: keys})
	}
}

// distinctValues wants every option's value once, and what is chosen at first
// among the options.
func distinctValues(c *checker, path string, v any) {
	el := object(v)
	seen := map[string]bool{}
	for i, o := range optionsOf(el) {
		value := text(o["value"])
		if seen[value] {
			c.fault(fmt.Sprintf("%s/options/%d/value", path, i), "value %q already exists", value)
		}
		seen[value] = true
	}
	first := list(el["initial_options"])
	if el["initial_option"] != nil {
		first = append(first, el["initial_option"])
	}
	for _, o := range first {
		if value := text(object(o)["value"]); !seen[value] {
			c.fault(path+"/initial_option", "%q is none of the options", value)
		}
	}
}

func confirm(c *checker, path string, v any) {
	c.object(path, v, shape{need: []string{"title", "text", "confirm", "deny"}, keys: map[string]rule{
		"title": plain(100), "text": anyText(300), "confirm": plain(30), "deny": plain(30), "style": oneOf("primary", "danger"),
	}})
}
