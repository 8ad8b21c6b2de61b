package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodConfig = `listen: 127.0.0.1:8080
ops_listen: 127.0.0.1:9090
public_url: https://soudan.example.jp/
store: sqlite:data/tsunagu.db
keys: env:T_KEYS
limits: {per_resident_per_minute: 12}
cities:
  - city: ./mura
    line: {channel_secret: [env:T_LINE_NEW, env:T_LINE_OLD], channel_token: file:token.txt, api_url: "http://127.0.0.1:7001//"}
    slack:
      bot_token: env:T_BOT
      signing_secret: env:T_SIGN
      api_url: http://127.0.0.1:7002/api
      duty_group: S01
      channels: {default: C01, elderly: C02, coordinator: C03}
llm: {base_url: http://127.0.0.1:11434/v1/, model: qwen, timeout: 2s}
`

var secretValues = map[string]string{
	"T_KEYS":     base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
	"T_LINE_NEW": "line-secret-new", "T_LINE_OLD": "line-secret-old", "T_BOT": "xoxb-the-bot", "T_SIGN": "the-signing-secret",
}

// desk writes a config beside the good city and sets the secrets it names.
func desk(t *testing.T, text string) string {
	t.Helper()
	dir := filepath.Dir(village(t, nil))
	for name, value := range secretValues {
		t.Setenv(name, value)
	}
	write(t, filepath.Join(dir, "token.txt"), "the-line-token\n")
	path := filepath.Join(dir, "tsunagu.yaml")
	write(t, path, text)
	return path
}

func TestLoadHoldsWhatTheFileSays(t *testing.T) {
	path := desk(t, goodConfig)
	c, faults := Load(path)
	if len(faults) > 0 {
		t.Fatal(Report(faults))
	}
	town := c.Cities[0]
	for what, pair := range map[string][2]string{
		"listen": {c.Listen, "127.0.0.1:8080"}, "ops": {c.OpsListen, "127.0.0.1:9090"}, "public": {c.PublicURL, "https://soudan.example.jp"},
		"store": {c.Store.File, filepath.Join(filepath.Dir(path), "data/tsunagu.db")},
		"city":  {town.City.ID, "mura"}, "source": {town.Source, filepath.Join(filepath.Dir(path), "mura")},
		"newest secret first": {town.Line.Secrets[0].Reveal(), "line-secret-new"}, "old secret": {town.Line.Secrets[1].Reveal(), "line-secret-old"},
		"token from a file": {town.Line.Token.Reveal(), "the-line-token"}, "LINE": {town.Line.APIURL, "http://127.0.0.1:7001"},
		"media of the stand-in": {town.Line.DataURL, "http://127.0.0.1:7001"}, "Slack": {town.Slack.APIURL, "http://127.0.0.1:7002/api/"},
		"command": {town.Slack.Command, "/tsunagu"}, "channel": {town.Slack.Channels["elderly"], "C02"},
		"LLM": {c.LLM.BaseURL, "http://127.0.0.1:11434/v1"}, "timeout": {c.LLM.Timeout.String(), (2 * time.Second).String()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if town.City.Limit != 12 {
		t.Errorf("limit %d", town.City.Limit)
	}
}

func TestLoadTellsEveryFaultAtItsPlace(t *testing.T) {
	for _, x := range []struct{ name, old, new, want string }{
		{"a literal secret", "bot_token: env:T_BOT", "bot_token: xoxb-in-the-open", ":11:18: 秘密はここに直接書きません"},
		{"a missing secret", "env:T_SIGN", "env:T_NOTHERE", ":12:23: 環境変数 T_NOTHERE がありません"},
		{"a missing file", "file:token.txt", "file:gone.txt", ":9:77: 秘密のファイルを開けません（そのファイルがありません）"},
		{"a bad key", "env:T_KEYS", "env:T_BOT", ":5:7: 鍵が正しくありません"},
		{"an unknown key", "listen: 127", "lisen: 127", ":1:1: 「lisen」という項目はありません（もしかして「listen」ですか）"},
		{"an unknown field", "elderly: C02", "eldery: C02", ":15:40: 分野「eldery」は、この市にありません（もしかして「elderly」ですか）"},
		{"no default channel", "default: C01, ", "", "default のチャンネルがありません"},
		{"a bad address", "listen: 127.0.0.1:8080", "listen: 8080", ":1:9: 127.0.0.1:8080 のように書きます"},
		{"an unknown store", "sqlite:data/tsunagu.db", "sqlit:data/tsunagu.db", ":4:8: store は"},
		{"a password in the open", "sqlite:data/tsunagu.db", "redis://:pass-in-the-open@h:6379/0", ":4:8: パスワードをここに直接書きません"},
		{"an unknown city", "./mura", "hokutto", "（もしかして「hokuto」ですか）"},
		{"a missing folder", "./mura", "./mira", ":8:11: フォルダーがありません"},
		{"a slow LLM", "timeout: 2s", "timeout: 30s", ":16:67: timeout は 8 秒までです"},
		{"a query", "127.0.0.1:7002/api", "127.0.0.1:7002/api?x=1", ":13:16: https:// で始まるアドレスを書きます"},
		{"an anchor that is a secret", "env:T_BOT", "*xoxb-in-the-open", "YAML として読めません"},
		{"a tag that is a secret", "env:T_BOT", "!xoxb-in-the-open a", "型の指定"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if !strings.Contains(goodConfig, x.old) {
				t.Fatalf("nothing to replace: %s", x.old)
			}
			c, faults := Load(desk(t, strings.Replace(goodConfig, x.old, x.new, 1)))
			got := Report(faults)
			if c != nil || !strings.Contains(got, x.want) || !strings.Contains(got, "始められません。") {
				t.Errorf("want %s\ngot %s", x.want, got)
			}
			noSecret(t, got)
		})
	}
}

func noSecret(t *testing.T, text string) {
	t.Helper()
	for _, s := range secretValues {
		if strings.Contains(text, s) {
			t.Errorf("shows a secret: %s", text)
		}
	}
	for _, s := range []string{"in-the-open", "the-line-token"} {
		if strings.Contains(text, s) {
			t.Errorf("shows a secret: %s", text)
		}
	}
}

func TestTwoCitiesShareNoSecretTokenOrChannel(t *testing.T) {
	_, second, _ := strings.Cut(goodConfig, "cities:\n")
	second, rest, _ := strings.Cut(second, "llm:")
	twin := strings.Replace(goodConfig, "llm:"+rest, strings.Replace(second, "./mura", "hokuto", 1)+"llm:"+rest, 1)
	_, faults := Load(desk(t, twin))
	got := Report(faults)
	for _, want := range []string{":17:", "秘密が、9 行目の市と同じです", "トークンが、", "チャンネルが、15 行目の市と同じです"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %s in\n%s", want, got)
		}
	}
	noSecret(t, got)
	// A rotation within one city is no twin.
	if _, faults := Load(desk(t, strings.Replace(goodConfig, "[env:T_LINE_NEW, env:T_LINE_OLD]", "[env:T_LINE_NEW, env:T_LINE_NEW]", 1))); len(faults) > 0 {
		t.Error(Report(faults))
	}
	// The same city twice is one.
	same := strings.Replace(goodConfig, "llm:"+rest, second+"llm:"+rest, 1)
	if _, faults := Load(desk(t, same)); !strings.Contains(Report(faults), "市の idが、8 行目の市と同じです") {
		t.Error(Report(faults))
	}
}

func TestStoreForms(t *testing.T) {
	for store, ok := range map[string]bool{
		"redis://127.0.0.1:6379/0": true, "rediss://h": true, "redis+sentinel://h1:26379,h2/master/0": true, "redis+sentinel://h1,h2/master": true,
		"redis+cluster://h1,h2:6380": true, "redis://h1,h2/0": false, "redis+sentinel://h1": false, "redis+cluster://h1/0": false, "redis://h/x": false,
		"redis+cluster://": false, "mysql://h": false, "sqlite:": false,
	} {
		_, faults := Load(desk(t, strings.Replace(goodConfig, "sqlite:data/tsunagu.db", store, 1)))
		if ok == Failed(faults) {
			t.Errorf("%s: %v\n%s", store, ok, Report(faults))
		}
	}
	t.Setenv("T_STORE", "redis://:a-password@h:6379/0")
	c, faults := Load(desk(t, strings.Replace(goodConfig, "sqlite:data/tsunagu.db", "env:T_STORE", 1)))
	if len(faults) > 0 || c.Store.File != "" || c.Store.Redis.Reveal() != "redis://:a-password@h:6379/0" {
		t.Error(Report(faults))
	}
}

func TestASecretShowsItselfToRevealOnly(t *testing.T) {
	s := Secret{"hush"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "held", Line{Token: s})
	body, err := json.Marshal(struct{ S Secret }{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%+v %#v", Line{Token: s}, &Line{Secrets: []Secret{s}}),
		log.String(), string(body),
	} {
		if strings.Contains(shown, "hush") || strings.Contains(shown, "68757368") {
			t.Errorf("shown: %s", shown)
		}
	}
	if s.Reveal() != "hush" || !s.Set() || (Secret{}).Set() {
		t.Error("Reveal or Set")
	}
}

func TestAMissingConfigIsAFault(t *testing.T) {
	c, faults := Load(filepath.Join(t.TempDir(), "none.yaml"))
	if c != nil || len(faults) != 1 || !strings.HasSuffix(Report(faults), "まちがいが 1 件あり、始められません。\n") {
		t.Error(Report(faults))
	}
}

func TestAFileIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"大きすぎます":        "start: " + strings.Repeat("あ", maxFile/3),
		"深すぎます":         "start: " + strings.Repeat("[", 40) + strings.Repeat("]", 40),
		"UTF-8 ではありません": "start: \xff\xfe",
	} {
		dir := village(t, map[string]string{triageFile: text})
		if got := said(dir, Check(dir, noon)); !strings.Contains(got, name) {
			t.Errorf("want %s, got %s", name, got)
		}
	}
}

func TestExportedCityLoadsTheSame(t *testing.T) {
	base := ReadBase()
	for _, name := range BuiltIn() {
		dir := filepath.Join(t.TempDir(), name)
		if err := Export(name, dir); err != nil {
			t.Fatal(err)
		}
		built, exported := base.open(name), base.open(dir)
		built.check(noon)
		exported.check(noon)
		if Failed(exported.faults) {
			t.Fatal(Report(exported.faults))
		}
		built.city.Read, built.city.Crisis, exported.city.Read, exported.city.Crisis = nil, nil, nil, nil
		built.city.Query, exported.city.Query = nil, nil
		a, b := asJSON(t, built), asJSON(t, exported)
		if a != b {
			t.Errorf("%s differs once written out", name)
		}
		if err := Export(name, dir); err == nil {
			t.Error("overwrote a folder that was not empty")
		}
	}
	if err := Export("hokutto", t.TempDir()); err == nil || !strings.Contains(err.Error(), "hokuto") {
		t.Error(err)
	}
}

func asJSON(t *testing.T, l *loader) string {
	t.Helper()
	c := *l.city
	body, err := json.Marshal(struct {
		Tree, Directory, Texts, Rest, Words any
	}{c.Tree, c.Directory, c.Texts, []any{c.ID, c.Name, c.Accept, c.Ask, c.Receivers, c.Consent, c.Patterns, c.Wishes, c.Keep, c.WordsOnCard, c.NoticeTaken}, l.lexicon})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What was changed in an exported city's copy of the base counts.
func TestAnExportedCityIsEditedByHand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hokuto")
	if err := Export("hokuto", dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "base", textsFile)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(text), "button.back: もどる", "button.back: 前にもどる", 1))
	l := ReadBase().open(dir)
	if got := l.city.Texts["button.back"]; got != "前にもどる" {
		t.Errorf("%q\n%s", got, Report(l.faults))
	}
}
