package linetest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/rivo/uniseg"
)

// UTF16 counts UTF-16 code units: LINE's measure for message text (🍎 is 2).
func UTF16(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// Graphemes counts what a reader would call characters: LINE's measure for
// labels and for what an action says (👨‍👩‍👧 is 1).
func Graphemes(s string) int { return uniseg.GraphemeClusterCount(s) }

// checker collects every fault of a request, as LINE lists them all.
type checker struct{ faults []Detail }

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, Detail{Message: fmt.Sprintf(format, args...), Property: path})
}

func at(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// words is a rule for a string.
type words struct {
	max      int
	count    func(string) int
	optional bool
}

// words checks o[key] and returns it when it is a string.
func (c *checker) words(o object, path, key string, rule words) string {
	path += "." + key
	v, has := o[key]
	if !has || v == nil {
		if !rule.optional {
			c.fault(path, "May not be empty")
		}
		return ""
	}
	s, isString := v.(string)
	switch {
	case !isString:
		c.fault(path, "Must be a string")
		return ""
	case s == "":
		c.fault(path, "May not be empty")
	case rule.count(s) > rule.max:
		c.fault(path, "Length must be between 1 and %d", rule.max)
	}
	return s
}

// oneOf checks that o[key] is one of the values.
func (c *checker) oneOf(o object, path, key string, optional bool, values ...string) string {
	v, has := o[key]
	if (!has || v == nil) && optional {
		return ""
	}
	s, isString := v.(string)
	if !isString || !slices.Contains(values, s) {
		c.fault(path+"."+key, "Must be one of the following values: [%s]", strings.Join(values, ", "))
	}
	return s
}

// number checks that o[key] is a number from low to high.
func (c *checker) number(o object, path, key string, low, high float64, optional bool) {
	v, has := o[key]
	if (!has || v == nil) && optional {
		return
	}
	if n, isNumber := v.(float64); !isNumber || n < low || n > high {
		c.fault(path+"."+key, "Must be a number between %g and %g", low, high)
	}
}

// object checks that o[key] is an object; the result is never nil.
func (c *checker) object(o object, path, key string) (object, bool) {
	return c.asObject(o[key], path+"."+key)
}

func (c *checker) asObject(v any, path string) (object, bool) {
	got, isObject := v.(object)
	switch {
	case v == nil:
		c.fault(path, "May not be null")
	case !isObject:
		c.fault(path, "Must be an object")
	}
	return got, isObject
}

// list checks that o[key] is an array of low to high elements.
func (c *checker) list(o object, path, key string, low, high int) []any {
	path += "." + key
	got, isList := o[key].([]any)
	switch {
	case o[key] == nil && low > 0:
		c.fault(path, "May not be empty")
	case o[key] != nil && !isList:
		c.fault(path, "Must be an array")
	case len(got) < low || len(got) > high:
		c.fault(path, "Size must be between %d and %d", low, high)
	}
	return got
}

// httpsURL checks the address of something LINE's servers or phones fetch.
func (c *checker) httpsURL(o object, path, key string, optional bool) {
	s := c.words(o, path, key, words{2000, UTF16, optional})
	if s == "" {
		return
	}
	if u, err := url.Parse(s); err != nil || u.Scheme != "https" || u.Host == "" || !percentEncoded(s) {
		c.fault(path+"."+key, "Must be a valid HTTPS URL")
	}
}

// percentEncoded says whether s is free of what a URI must encode.
func percentEncoded(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"<>\^`+"`{|}", r)
	})
}
