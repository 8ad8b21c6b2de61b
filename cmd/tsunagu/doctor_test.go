package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/line"
	"tsunagu/bot/linetest"
	"tsunagu/bot/redisstore"
	"tsunagu/handoff/slack/slacktest"
)

func TestDoctorFindsAllWell(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	defer stop()
	code, said := f.runs("doctor")
	if code != 0 || strings.Contains(said, "だめ ") || strings.Contains(said, "注意 ") {
		t.Errorf("exit %d\n%s", code, said)
	}
	for _, part := range []string{"ok　 時計：", "ok　 保存：", "ok　 鍵：1 つ", "ok　 LINE hokuto：トークンは使えます", "上限はありません", "に届きます",
		"ok　 Slack hokuto：トークンは使えます", "チャンネル default #soudan C01", "S01 に 1 人",
		"手で LINE hokuto：あいさつメッセージ", "手で Slack hokuto：ボタンが届くか", "drill --city hokuto --to", "ok　 LLM：使いません", "だめなところはありません（注意：0 件）"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is missing in\n%s", part, said)
		}
	}
	if n := f.line.Counts(); n.Pushes+n.Replies > 0 {
		t.Errorf("the doctor sent something: %+v", n)
	}
}

// door stands where serve would, as far as the doctor sees it: LINE's webhook
// and a store with the naming key.
func (f *office) door() {
	f.t.Helper()
	hook, err := line.NewWebhook(line.WebhookOptions{City: "hokuto", Secrets: []string{"ops-line-secret"},
		Accept: func(context.Context, ...bot.Event) error { return nil }})
	if err != nil {
		f.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/line/hokuto/webhook", hook)
	srv := httptest.NewUnstartedServer(mux)
	_ = srv.Listener.Close()
	if srv.Listener, err = net.Listen("tcp", f.addr); err != nil {
		f.t.Fatal(err)
	}
	srv.Start()
	f.t.Cleanup(srv.Close)
	store, err := openStore(f.t.Context(), "sqlite:"+f.file("tsunagu.db"), []string{"hokuto"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	keys, err := bot.ParseKeys(key64(7))
	if err == nil {
		_, err = bot.New(f.t.Context(), bot.Options{Store: store, Keys: keys})
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestDoctorNamesWhatIsWrong(t *testing.T) {
	model := func(answer func(w http.ResponseWriter)) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w) }))
		t.Cleanup(srv.Close)
		return "llm: {base_url: " + srv.URL + "/v1, model: m, timeout: 8s}"
	}
	for name, c := range map[string]struct {
		line  linetest.Options
		spoil func(f *office)
		serve bool
		code  int
		parts []string
	}{
		"serve is away": {code: 1, parts: []string{"注意 保存：", "はまだありません", "だめ LINE hokuto：LINE から届きません"}},
		"LINE token": {code: 1, serve: true, spoil: func(f *office) { f.t.Setenv("OPS_LINE_TOKEN", "another") },
			parts: []string{"だめ LINE hokuto：チャネルアクセストークン", "401"}},
		"no way out": {code: 1, serve: true, spoil: func(f *office) {
			f.lines = "http://" + freeAddress(f.t)
			f.slack.SetURL("http://" + freeAddress(f.t))
			f.write("sqlite:tsunagu.db", "", "S01", "C01")
		}, parts: []string{"だめ LINE hokuto：LINE につながりません", "だめ Slack hokuto：Slack につながりません"}},
		"webhook elsewhere": {code: 1, serve: true, spoil: func(f *office) { f.line.SetWebhook("http://" + f.addr + "/line/hokuto/webhook?x") },
			parts: []string{"だめ LINE hokuto：Webhook URL が", "にしてください"}},
		"LINE secret": {code: 1, serve: true, line: linetest.Options{ChannelSecret: "another"}, parts: []string{"だめ LINE hokuto：LINE から届きましたが、署名が合いません"}},
		"chat":        {code: 0, serve: true, line: linetest.Options{ChatMode: "chat"}, parts: []string{"注意 LINE hokuto：応答設定の「チャット」"}},
		"quota nearly spent": {code: 0, serve: true, spoil: func(f *office) { f.line.SetMonthlyLimit(200, 170) },
			parts: []string{"注意 LINE hokuto：今月の通数は残り 30 通です（200 通のうち）"}},
		"quota spent": {code: 1, serve: true, spoil: func(f *office) { f.line.SetMonthlyLimit(200, 200) },
			parts: []string{"だめ LINE hokuto：今月の 200 通を使い切りました"}},
		"no public_url": {code: 0, serve: true, spoil: func(f *office) { f.write("sqlite:tsunagu.db", "", "S01", "C01") },
			parts: []string{"注意 LINE hokuto：tsunagu.yaml に public_url がない"}},
		"Slack token": {code: 1, serve: true, spoil: func(f *office) { f.t.Setenv("OPS_SLACK_TOKEN", "xoxb-another") },
			parts: []string{"だめ Slack hokuto：ボットトークン", "invalid_auth"}},
		"not invited": {code: 1, serve: true, spoil: func(f *office) {
			f.slack.AddChannel(slacktest.Channel{ID: "C02", Name: "open", Members: []string{"UDUTY"}})
			f.write("sqlite:tsunagu.db", "", "S01", "C02")
		}, parts: []string{"だめ Slack hokuto：チャンネル default #open C02 にアプリがいません", "/invite"}},
		"scopes": {code: 1, serve: true, spoil: func(f *office) {
			few := slacktest.New(slacktest.Options{BotToken: "xoxb-ops", SigningSecret: "x", TeamID: "T1", Scopes: []string{"chat:write", "groups:read", "usergroups:read"}})
			srv := httptest.NewServer(few)
			f.t.Cleanup(func() { few.Close(); srv.Close() })
			few.SetURL(srv.URL)
			few.AddChannel(slacktest.Channel{ID: "C01", Name: "soudan", Private: true, Members: []string{slacktest.BotUser}})
			f.slack = few
			f.write("sqlite:tsunagu.db", "", "S01", "C01")
		}, parts: []string{"だめ Slack hokuto：権限が足りません：commands users:read"}},
		"no channel": {code: 1, serve: true, spoil: func(f *office) { f.write("sqlite:tsunagu.db", "", "S01", "C99") },
			parts: []string{"だめ Slack hokuto：Slack が断りました（channel default", "channel_not_found"}},
		"no group": {code: 1, serve: true, spoil: func(f *office) { f.write("sqlite:tsunagu.db", "", "S99", "C01") },
			parts: []string{"だめ Slack hokuto：Slack が断りました（duty group"}},
		"rota": {code: 1, serve: true, spoil: func(f *office) {
			f.slack.AddUser(slacktest.User{ID: "UAWAY", Name: "away", TeamID: "T1"})
			f.slack.AddGroup(slacktest.Group{ID: "S02", Handle: "empty"})
			f.duty("duty:\n  - {hours: {open24: true}, call: [UDUTY]}\n")
			f.wants(0, []string{"ok　 Slack hokuto：当番表 1 行。いま呼ばれるのは UDUTY です"}, "doctor")
			f.duty("duty:\n  - {hours: {weekdays: [\"9:00-10:00\"]}, call: [UAWAY, S02]}\n  - {hours: {weekdays: [\"10:00-11:00\"]}, call: [UNOBODY]}\n")
		}, parts: []string{"だめ Slack hokuto：当番表の UAWAY：この操作は、当番の人だけ", "だめ Slack hokuto：当番表の S02：だれもいません", "だめ Slack hokuto：当番表の UNOBODY"}},
		"clock": {code: 0, serve: true, spoil: func(f *office) { f.t.Setenv(clockEnv, time.Now().Add(time.Hour).Format(time.RFC3339)) },
			parts: []string{"注意 時計：TSUNAGU_NOW="}},
		"two keys": {code: 0, serve: true, spoil: func(f *office) { f.t.Setenv("OPS_KEYS", key64(7, 9)) },
			parts: []string{"注意 鍵：2 つあります"}},
		"another key": {code: 1, serve: true, spoil: func(f *office) { f.t.Setenv("OPS_KEYS", key64(9)) },
			parts: []string{"だめ 鍵：保存してあるものが、いまの鍵で開きません"}},
		"Redis is away": {code: 1, serve: true, spoil: func(f *office) { f.write("redis://"+freeAddress(f.t)+"/0", "", "S01", "C01") },
			parts: []string{"だめ 保存：Redis が答えません"}},
		"Redis forgets": {code: 1, serve: true, spoil: func(f *office) {
			f.write(redisServer(f.t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"), "", "S01", "C01")
		}, parts: []string{"ok　 保存：Redis", "だめ 保存：appendonly no", "だめ 保存：maxmemory-policy allkeys-lru"}},
		"Redis every second": {code: 0, serve: true, spoil: func(f *office) {
			f.write(redisServer(f.t, "--appendonly", "yes"), "", "S01", "C01")
		}, parts: []string{"注意 保存：appendfsync everysec"}},
		"Redis always": {code: 0, serve: true, spoil: func(f *office) {
			f.write(redisServer(f.t, "--appendonly", "yes", "--appendfsync", "always"), "public_url: http://"+f.addr, "S01", "C01")
		}, parts: []string{"ok　 保存：appendfsync always", "（注意：0 件）"}},
		"Redis with a replica": {code: 0, serve: true, spoil: func(f *office) {
			disk := []string{"--appendonly", "yes", "--appendfsync", "always"}
			master := redisServer(f.t, append(disk, "--repl-diskless-sync-delay", "0")...)
			host, port := hostPort(master)
			conf := f.file("sentinel.conf")
			if err := os.WriteFile(conf, []byte("sentinel monitor main "+host+" "+port+" 1\n"), 0o600); err != nil {
				f.t.Fatal(err)
			}
			sentinel, _ := redisProcess(f.t, conf, "--sentinel")
			shost, sport := hostPort(sentinel)
			f.write("redis+sentinel://"+net.JoinHostPort(shost, sport)+"/main/0", "", "S01", "C01")
			f.wants(0, []string{"注意 保存：控えがありません"}, "doctor")
			redisServer(f.t, append(disk, "--replicaof", host+" "+port)...)
			s, err := redisstore.Open(f.t.Context(), master, []string{"hokuto"})
			if err != nil {
				f.t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			ctx, cancel := context.WithTimeout(f.t.Context(), patience)
			defer cancel()
			if !poll(ctx, func() bool {
				all, err := s.Health(ctx)
				return err == nil && all[0].Follow == 1
			}) {
				f.t.Fatal("the replica does not follow")
			}
		}, parts: []string{"ok　 保存：控え 1 台がついてきています"}},
		"LLM answers": {code: 0, serve: true, spoil: func(f *office) {
			f.write("sqlite:tsunagu.db", model(func(w http.ResponseWriter) {
				_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": "はい"}}}})
			}), "S01", "C01")
		}, parts: []string{"LLM：m"}},
		"LLM refuses": {code: 1, serve: true, spoil: func(f *office) {
			f.write("sqlite:tsunagu.db", model(func(w http.ResponseWriter) {
				http.Error(w, `{"error":{"message":"no"}}`, http.StatusUnauthorized)
			}), "S01", "C01")
		}, parts: []string{"だめ LLM：401 が返りました"}},
		"LLM is away": {code: 1, serve: true, spoil: func(f *office) {
			f.write("sqlite:tsunagu.db", "llm: {base_url: http://"+freeAddress(f.t)+"/v1, model: m}", "S01", "C01")
		}, parts: []string{"だめ LLM：答えません"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newOffice(t, c.line)
			if c.serve {
				f.door()
			}
			if c.spoil != nil {
				c.spoil(f)
			}
			f.wants(c.code, c.parts, "doctor")
		})
	}
}

// The door of pictures is tried from outside, where a city sends any.
func TestDoctorTriesTheDoorOfPictures(t *testing.T) {
	served := httptest.NewServer(line.Pictures(func(context.Context, string, string, bool) ([]byte, error) { return nil, bot.ErrNotFound }))
	defer served.Close()
	proxy := httptest.NewServer(http.NotFoundHandler())
	defer proxy.Close()
	const public = "https://soudan.example.jp"
	for _, x := range []struct {
		days      int
		publicURL string
		local     string
		says      string
		failed    int
	}{
		{0, public, proxy.URL, "", 0},
		{7, "http://soudan.example.jp", served.URL, "注意 写真 hokuto：送る欄は出ません", 0},
		{7, public, served.URL, "ok　 写真 hokuto：LINE が写真を取る URL", 0},
		{7, public, proxy.URL, "だめ 写真 hokuto：" + public + "/picture/ が、つなぐに届きません（404）", 1},
		{7, public, "http://127.0.0.1:1", "注意 写真 hokuto：ここからは", 0},
	} {
		var out strings.Builder
		d := &doctor{out: &out}
		d.pictures(t.Context(), x.publicURL, citySettings{City: &bot.City{ID: "hokuto", Pictures: bot.Pictures{Days: x.days}}}, linetest.Behind(public, x.local))
		if got := out.String(); !strings.HasPrefix(got, x.says) || x.says == "" && got != "" || d.failed != x.failed {
			t.Errorf("%+v: %s", x, got)
		}
	}
}

// TestACommandThatNeedsAStoreSaysThatThereIsNone, and makes none.
func TestACommandThatNeedsAStoreSaysThatThereIsNone(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	for _, c := range [][]string{{"report", "--city", "hokuto"}, {"audit", "--city", "hokuto"}, {"backup", f.file("copy.db")}, {"rekey"},
		{"forget", "--city", "hokuto", "みかん-4821"}, {"drill", "--city", "hokuto"}} {
		f.wants(1, []string{"保存先 ", "tsunagu.db がありません（serve を始めると、できます）"}, c[0], c[1:]...)
	}
	if _, err := os.Stat(f.file("tsunagu.db")); err == nil {
		t.Error("an empty store was made")
	}
}

func hostPort(address string) (host, port string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	return u.Hostname(), u.Port()
}
