package redisstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// FuzzReply: an answer of any form is read or refused, and read in bounds.
func FuzzReply(f *testing.F) {
	f.Add(`["komachi/c/1","body","a\nb","open","elderly","","0","1","1700000000000000","0"]`)
	f.Add(`[[1,"komachi/t/1"],[0,16383,["127.0.0.1",7000,"id",[]]]]`)
	f.Add(`[[0,5460,["",7000]],["x"]]`)
	f.Add(`["",null,{},9223372036854775807,"-9223372036854775808"]`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) != nil {
			return
		}
		v = asRedis(v)
		if rec, err := readRecord("komachi", v); err == nil {
			// What was read can be written, and reads the same again.
			args := recordArgs(rec)
			row := make([]any, 0, len(args))
			for _, a := range args[:10] {
				row = append(row, asText(a))
			}
			back, err := readRecord("komachi", row)
			if err != nil || back.ID != rec.ID || string(back.Body) != string(rec.Body) || !back.Expires.Equal(rec.Expires) || back.Version != rec.Version {
				t.Errorf("%+v became %+v, %v", rec, back, err)
			}
		}
		_, _ = readRecords("komachi", v)
		r := reply{row: v}
		j := r.job("komachi", 0)
		if r.err == nil && (j.City != "komachi" || j.Made.Location() != time.UTC) {
			t.Errorf("%+v", j)
		}
		if row, is := v.([]any); is {
			slots, err := readSlots("h:1", row)
			for _, s := range slots {
				for _, n := range s.Nodes {
					if err == nil && !strings.Contains(n.Addr, ":") {
						t.Errorf("a node without a port: %q", n.Addr)
					}
				}
			}
		}
	})
}

// asRedis makes of decoded JSON what the client would give: strings, int64,
// lists and nil.
func asRedis(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return v.String()
		}
		return n
	case []any:
		for i := range v {
			v[i] = asRedis(v[i])
		}
		return v
	case string:
		return v
	}
	return nil
}

func asText(v any) string {
	if b, is := v.([]byte); is {
		return string(b)
	}
	return fmt.Sprint(v)
}

// FuzzURL: a store's URL is taken or refused, and no refusal repeats a password.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"redis://:%s@h:6379/0", "rediss://u:%s@h", "redis+sentinel://:%s@h1,h2/m/0", "redis+cluster://:%s@[::1]:1,h", "redis://:%s@h:x/y", ":%s@", "redis://%s@/?#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, form string) {
		const password = "hIm1tsuNoPass"
		a, err := parseURL(strings.ReplaceAll(form, "%s", password))
		if err != nil {
			before, _, _ := strings.Cut(form, "://") // a scheme is no place for a password
			if strings.Contains(err.Error(), password) && !strings.Contains(before, "%s") {
				t.Errorf("%q: the error holds the password: %v", form, err)
			}
			return
		}
		if len(a.hosts) == 0 || a.db < 0 || (a.kind == "sentinel") != (a.master != "") {
			t.Errorf("%q: %+v", form, a)
		}
	})
}
