package slacktest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody bounds every request body, in bytes.
const maxBody = 1 << 20

// args are a call's arguments: strings from a form, any JSON value from a JSON body.
type args map[string]any

// readArgs takes arguments from the body of a POST, or from the query of a GET,
// and the token from the Authorization header or a form field of a POST. As
// with Slack a token in the query or in a JSON body counts for nothing.
func readArgs(r *http.Request) (a args, token string, problem string) {
	a = args{}
	token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Method == http.MethodGet {
		a.form(r.URL.Query())
		delete(a, "token")
		return a, token, ""
	}
	if r.Method != http.MethodPost {
		return a, token, "invalid_post_type"
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return a, token, "request_too_large"
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		if len(bytes.TrimSpace(body)) == 0 {
			return a, token, ""
		}
		v, err := decode(body)
		if err != nil {
			return a, token, "invalid_json"
		}
		m := object(v)
		if m == nil {
			return a, token, "json_not_object"
		}
		a = m
		delete(a, "token")
	case "application/x-www-form-urlencoded", "":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return a, token, "invalid_form_data"
		}
		if token == "" {
			token = values.Get("token")
		}
		values.Del("token")
		a.form(values)
	default:
		return a, token, "invalid_post_type"
	}
	return a, token, ""
}

func (a args) form(values url.Values) {
	for k, v := range values {
		a[k] = v[0]
	}
}

func (a args) str(key string) string {
	switch v := a[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// flag reads a boolean in the spellings Slack takes; whenAbsent if it is missing.
func (a args) flag(key string, whenAbsent bool) bool {
	switch v := a[key].(type) {
	case bool:
		return v
	case string:
		return v == "1" || v == "true"
	case json.Number:
		return v == "1"
	}
	return whenAbsent
}

// num reads a whole number between 1 and most; whenAbsent if it is missing or not one.
func (a args) num(key string, whenAbsent, most int) int {
	n, err := strconv.Atoi(a.str(key))
	if err != nil || n < 1 {
		return whenAbsent
	}
	return min(n, most)
}

// value reads a JSON argument, which a form carries as a string. ok is false
// when it is not JSON; a missing or null one is nil.
func (a args) value(key string) (v any, ok bool) {
	s, isText := a[key].(string)
	if !isText {
		return a[key], true
	}
	if s == "" {
		return nil, true
	}
	v, err := decode([]byte(s))
	return v, err == nil
}

// decode keeps numbers as they were written.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return v, nil
}

func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // only decoded JSON and our own maps come here
	}
	return raw
}

func decodeBlocks(raw json.RawMessage) []any {
	if raw == nil {
		return nil
	}
	v, err := decode(raw)
	if err != nil {
		return nil
	}
	return list(v)
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }
func text(v any) string           { s, _ := v.(string); return s }

// page cuts one page out of a list. The cursor is the place to go on from.
func page[T any](all []T, a args, whenAbsent, most int) (part []T, next string, ok bool) {
	from := 0
	if c := a.str("cursor"); c != "" {
		n, found := strings.CutPrefix(c, "next:")
		at, err := strconv.Atoi(strings.TrimSuffix(n, "="))
		if !found || err != nil || at < 0 || at > len(all) {
			return nil, "", false
		}
		from = at
	}
	to := min(from+a.num("limit", whenAbsent, most), len(all))
	if to < len(all) {
		next = "next:" + strconv.Itoa(to) + "="
	}
	return slices.Clone(all[from:to]), next, true
}
