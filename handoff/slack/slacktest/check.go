package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Limits of messages and views (facts from Slack's own types and reference).
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxViewBytes     = 250_000
)

// CheckBlocks checks the blocks of a message as chat.postMessage would. blocks
// is JSON ([]byte, json.RawMessage) or any value that encodes to an array of
// blocks. It returns what is wrong in Slack's own form, each with a JSON
// pointer, and nothing when Slack would take them.
func CheckBlocks(blocks any) []string {
	v, err := normal(blocks)
	if err != nil {
		return []string{"[ERROR] not JSON"}
	}
	if v == nil {
		return nil
	}
	l, isList := v.([]any)
	if !isList {
		return []string{"[ERROR] must be an array [json-pointer:/blocks]"}
	}
	return checkMessageBlocks(l, "")
}

// CheckView checks a modal or home tab as views.open or views.publish would;
// see CheckBlocks for the argument and the answer.
func CheckView(view any) []string {
	v, err := normal(view)
	if err != nil || object(v) == nil {
		return []string{"[ERROR] must be an object [json-pointer:/view]"}
	}
	if len(encode(v)) > maxViewBytes {
		return []string{fmt.Sprintf("[ERROR] must be smaller than %d bytes [json-pointer:/view]", maxViewBytes)}
	}
	return checkView(object(v), "/view")
}

func normal(v any) (any, error) {
	raw, isRaw := v.([]byte)
	if !isRaw {
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return decode(raw)
}

// checker gathers what is wrong.
type checker struct {
	faults []string
	inView bool
}

// maxFaults bounds the answer; nobody reads further.
const maxFaults = 20

func (c *checker) fault(path, format string, a ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, "[ERROR] "+fmt.Sprintf(format, a...)+" [json-pointer:"+path+"]")
	}
}

// rule checks one value.
type rule func(c *checker, path string, v any)

// shape is what an object may and must hold. A key whose value is null counts
// as missing.
type shape struct {
	need []string
	keys map[string]rule
	also rule // what one key alone cannot tell
}

func (c *checker) object(path string, v any, sh shape) {
	m, is := v.(map[string]any)
	if !is {
		c.fault(path, "must be an object")
		return
	}
	for _, k := range sh.need {
		if m[k] == nil {
			c.fault(path, "missing required field: %s", k)
		}
	}
	for _, k := range sortedKeys(m) {
		check, known := sh.keys[k]
		switch {
		case !known:
			c.fault(path, "invalid additional property: %s", k)
		case m[k] != nil && check != nil:
			check(c, path+"/"+k, m[k])
		}
	}
	if sh.also != nil {
		sh.also(c, path, v)
	}
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// str wants text of so many UTF-16 units.
func str(least, most int) rule {
	return func(c *checker, path string, v any) {
		s, is := v.(string)
		switch n := units(s); {
		case !is:
			c.fault(path, "must be a string")
		case n > most:
			c.fault(path, "must be less than %d characters", most+1)
		case n < least:
			c.fault(path, "must be more than %d characters", least-1)
		}
	}
}

func oneOf(allowed ...string) rule {
	return func(c *checker, path string, v any) {
		if s, is := v.(string); !is || !slices.Contains(allowed, s) {
			c.fault(path, "must be one of %s", strings.Join(allowed, ", "))
		}
	}
}

func boolean(c *checker, path string, v any) {
	if _, is := v.(bool); !is {
		c.fault(path, "must be a boolean")
	}
}

// whole wants a whole number within bounds.
func whole(least, most int64) rule {
	return func(c *checker, path string, v any) {
		n, is := v.(json.Number)
		i, err := n.Int64()
		if !is || err != nil || i < least || i > most {
			c.fault(path, "must be a whole number from %d to %d", least, most)
		}
	}
}

func each(least, most int, one rule) rule {
	return func(c *checker, path string, v any) {
		l, is := v.([]any)
		switch {
		case !is:
			c.fault(path, "must be an array")
			return
		case len(l) > most:
			c.fault(path, "no more than %d items allowed", most)
		case len(l) < least:
			c.fault(path, "no fewer than %d items allowed", least)
		}
		for i, item := range l {
			if len(c.faults) >= maxFaults {
				return
			}
			one(c, fmt.Sprintf("%s/%d", path, i), item)
		}
	}
}

func checkMessageBlocks(blocks []any, path string) []string {
	c := &checker{}
	c.blocks(path+"/blocks", blocks, maxMessageBlocks)
	return c.faults
}

func (c *checker) blocks(path string, blocks []any, most int) {
	each(0, most, block)(c, path, blocks)
	seen := map[string]bool{}
	for i, b := range blocks {
		id := text(object(b)["block_id"])
		if id != "" && seen[id] {
			c.fault(fmt.Sprintf("%s/%d/block_id", path, i), "block_id %q already exists", id)
		}
		seen[id] = true
	}
}

func checkView(view map[string]any, path string) []string {
	c := &checker{inView: true}
	viewBlocks := func(c *checker, path string, v any) {
		l, is := v.([]any)
		if !is {
			c.fault(path, "must be an array")
			return
		}
		c.blocks(path, l, maxViewBlocks)
	}
	sh := shape{need: []string{"type", "blocks"}, keys: map[string]rule{
		"type": oneOf("modal", "home"), "blocks": viewBlocks, "private_metadata": str(0, 3000),
		"callback_id": str(0, 255), "external_id": str(0, 255),
	}}
	if text(view["type"]) != "home" {
		sh.need = append(sh.need, "title")
		for _, k := range []string{"title", "submit", "close"} {
			sh.keys[k] = plain(24)
		}
		for _, k := range []string{"clear_on_close", "notify_on_close", "submit_disabled"} {
			sh.keys[k] = boolean
		}
		sh.also = needsSubmit
	}
	c.object(path, view, sh)
	return c.faults
}

func needsSubmit(c *checker, path string, v any) {
	view := object(v)
	for _, b := range list(view["blocks"]) {
		if text(object(b)["type"]) == "input" && view["submit"] == nil {
			c.fault(path, "missing required field: submit, as a block of the type input is there")
			return
		}
	}
}
