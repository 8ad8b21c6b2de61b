package config

import (
	"path/filepath"
	"slices"
	"strings"
)

// town reads one entry of cities.
func (r *reader) town(n node) {
	t := Town{
		Line:  Line{APIURL: lineAPI, DataURL: lineData},
		Slack: Slack{APIURL: slackAPI, Command: "/tsunagu", Channels: map[string]string{}},
	}
	n.object(map[string]func(node){
		"city":  func(n node) { r.city(n, &t) },
		"line":  func(n node) { r.line(n, &t.Line) },
		"slack": func(n node) { r.slack(n, &t.Slack) },
	})
	missing := func(key, text string) {
		if _, ok := r.places[n.path+"."+key]; !ok {
			n.fault("%s", text)
		}
	}
	missing("city", "市（city）がありません")
	missing("line", "LINE の設定（line）がありません")
	missing("slack", "Slack の設定（slack）がありません")
	r.channels(n.path+".slack", &t)
	r.c.Cities = append(r.c.Cities, t)
}

func (r *reader) city(n node, t *Town) {
	name := ""
	text(&name)(n)
	if name == "" {
		n.fault("組みこみの市の名前か、「/」の付いたフォルダーを書きます")
		return
	}
	t.Source = name
	if IsFolder(name) && !filepath.IsAbs(name) {
		t.Source = filepath.Join(r.dir, name)
		if !IsFolder(t.Source) {
			t.Source = "./" + t.Source
		}
	}
	city, faults := r.base.City(t.Source)
	if len(faults) == 1 && faults[0].Line == 0 && faults[0].File == t.Source {
		n.fault("%s", faults[0].Text)
		return
	}
	r.faults = append(r.faults, faults...)
	t.City = city
}

func (r *reader) line(n node, l *Line) {
	n.object(map[string]func(node){
		"channel_secret": r.secrets(&l.Secrets), "channel_token": r.secret(&l.Token),
		"api_url": origin(&l.APIURL), "data_url": origin(&l.DataURL),
	})
	r.needs(n, "channel_secret", "channel_token")
	if _, ok := r.places[n.path+".data_url"]; !ok && l.APIURL != lineAPI {
		l.DataURL = l.APIURL // a stand-in for LINE serves both
	}
}

func (r *reader) slack(n node, s *Slack) {
	api := strings.TrimSuffix(s.APIURL, "/")
	n.object(map[string]func(node){
		"bot_token": r.secret(&s.BotToken), "signing_secret": r.secrets(&s.Signing), "app_token": r.secret(&s.AppToken),
		"api_url": origin(&api), "duty_group": text(&s.DutyGroup), "command": text(&s.Command),
		"channels": func(n node) {
			n.each(func(field string, k, v node) {
				id := ""
				text(&id)(v)
				if id == "" {
					v.fault("チャンネルの ID がありません")
					return
				}
				s.Channels[field] = id
			})
		},
	})
	s.APIURL = api + "/"
	r.needs(n, "bot_token", "channels")
	if _, socket := r.places[n.path+".app_token"]; !socket {
		r.needs(n, "signing_secret")
	}
	if s.Command != "" && (!strings.HasPrefix(s.Command, "/") || strings.ContainsAny(s.Command, " 　")) {
		r.fault(r.at(n.path+".command", r.file), "コマンドは /tsunagu のように「/」で始まる一語です")
	}
}

// needs faults keys that are not written.
func (r *reader) needs(n node, keys ...string) {
	for _, key := range keys {
		if _, ok := r.places[n.path+"."+key]; !ok {
			n.fault("%s がありません", key)
		}
	}
}

// channels holds the keys of a city's channels to its fields.
func (r *reader) channels(path string, t *Town) {
	if _, ok := r.places[path+".channels"]; !ok {
		return
	}
	if t.Slack.Channels["default"] == "" {
		r.fault(r.at(path+".channels", r.file), "default のチャンネルがありません。行き先の決まらない相談がここに届きます")
	}
	if t.City == nil {
		return
	}
	known := []string{"default", "complex", "coordinator"}
	for _, f := range t.City.Directory.Fields {
		known = append(known, f.ID)
	}
	for field := range t.Slack.Channels {
		if !slices.Contains(known, field) {
			r.fault(r.at(path+".channels."+field, r.file), "分野「%s」は、この市にありません%s", field, meant(field, known))
		}
	}
}
