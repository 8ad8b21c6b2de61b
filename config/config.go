package config

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
)

// DefaultPerMinute is how many messages a minute one resident may send where
// tsunagu.yaml does not say.
const DefaultPerMinute = 30

// Config is tsunagu.yaml with its secrets fetched, its paths made absolute or
// relative to the working directory, and its cities read.
type Config struct {
	Listen    string // host:port
	OpsListen string // "" = the same door
	PublicURL string // without a slash at its end; "" = not given
	Store     Store
	Keys      Secret // comma-separated base64 keys, as bot.ParseKeys takes them
	// PerMinute is how many messages a minute one resident may send; 0 = no
	// limit. It is already in every City.
	PerMinute int
	Cities    []Town
	LLM       *LLM // nil = off
}

// Store says where things are kept: a SQLite file or a Redis address.
type Store struct {
	File  string // "" = Redis
	Redis Secret // the address as written: it may hold a password
}

// Town is one city of tsunagu.yaml.
type Town struct {
	City *bot.City
	// Source is a built-in city's name or a folder, as LoadCity takes it.
	Source string
	Line   Line
	Slack  Slack
}

// Line is a city's LINE channel. The addresses are origins without a slash.
type Line struct {
	Secrets []Secret // channel secrets, any of which may have signed
	Token   Secret
	APIURL  string
	DataURL string
}

// Slack is a city's Slack app.
type Slack struct {
	BotToken  Secret
	Signing   []Secret // signing secrets, any of which may have signed
	AppToken  Secret   // set = Socket Mode
	APIURL    string   // ends in a slash
	DutyGroup string
	Command   string            // with its slash
	Channels  map[string]string // field, default, complex or coordinator → channel ID
}

// LLM is the optional second opinion. BaseURL has no slash at its end.
type LLM struct {
	BaseURL string
	APIKey  Secret // not set = none is sent
	Model   string
	Timeout time.Duration
}

// The platforms' own addresses.
const (
	lineAPI  = "https://api.line.me"
	lineData = "https://api-data.line.me"
	slackAPI = "https://slack.com/api/"
)

// reader is tsunagu.yaml being read.
type reader struct {
	*notes
	file, dir string
	env       func(string) string
	base      *Base
	c         *Config
}

// Load is Base.Load over a base of its own.
func Load(path string) (*Config, []Fault) { return ReadBase().Load(path) }

// Load reads tsunagu.yaml and the cities that it names. Paths in it are
// relative to its folder. The faults hold warnings too; with any other fault the
// config is nil.
func (b *Base) Load(path string) (*Config, []Fault) {
	r := &reader{notes: newNotes(), file: path, dir: filepath.Dir(path), env: os.Getenv, base: b, c: &Config{
		Listen: "127.0.0.1:8080", Store: Store{File: filepath.Join(filepath.Dir(path), "tsunagu.db")}, PerMinute: DefaultPerMinute,
	}}
	r.read()
	faults := sorted(r.faults)
	if Failed(faults) {
		return nil, faults
	}
	return r.c, faults
}

func (r *reader) read() {
	f, err := os.Open(r.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fault(place{file: r.file}, "ファイルがありません")
		return
	case err != nil:
		r.fault(place{file: r.file}, "開けません")
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		r.fault(place{file: r.file}, "読めません")
		return
	}
	n, ok := r.parse(r.file, "", data)
	if !ok {
		return
	}
	c := r.c
	n.object(map[string]func(node){
		"listen": address(&c.Listen), "ops_listen": address(&c.OpsListen), "public_url": r.publicURL,
		"store": r.store, "keys": r.secret(&c.Keys),
		"limits": func(n node) { n.object(map[string]func(node){"per_resident_per_minute": number(&c.PerMinute)}) },
		"cities": func(n node) { n.list(r.town) },
		"llm":    r.llm,
	})
	r.whole()
}

// whole judges what no single line shows.
func (r *reader) whole() {
	c := r.c
	at := func(p string) place { return r.at(p, r.file) }
	if _, ok := r.places["keys"]; !ok {
		r.fault(at("keys"), "鍵（keys）がありません")
	} else if c.Keys.Set() {
		if _, err := bot.ParseKeys(c.Keys.Reveal()); err != nil {
			r.fault(at("keys"), "鍵が正しくありません。32バイトを base64 で書き、いくつかあるときはコンマで区切ります（新しいものが先）")
		}
	}
	if c.PerMinute < 0 {
		r.fault(at("limits.per_resident_per_minute"), "回数が負です")
	}
	if len(c.Cities) == 0 && !Failed(r.faults) {
		r.fault(at("cities"), "市が一つもありません")
	}
	if c.OpsListen != "" && c.OpsListen == c.Listen {
		r.fault(at("ops_listen"), "listen と同じです")
	}
	for i := range c.Cities {
		if t := &c.Cities[i]; t.City != nil && t.City.Limit == 0 {
			t.City.Limit = c.PerMinute
		}
		if t := c.Cities[i]; t.City != nil && t.City.Pictures.On() && bot.PictureOrigin(c.PublicURL) == "" {
			r.warn(at("cities["+strconv.Itoa(i)+"].city"), "%s は写真を送ると決めていますが（send_pictures）、public_url が https ではないので、送る欄を出しません。LINE は https のアドレスからだけ写真を取ります", t.City.Name)
		}
	}
	r.twins()
}

// twins faults what two cities must not share: a shared secret would let one
// city's messages in at the other's door.
func (r *reader) twins() {
	type owner struct {
		town int
		at   place
	}
	seen := map[string]owner{}
	claim := func(kind, value string, town int, path, text string) {
		if value == "" {
			return
		}
		at := r.at(path, r.file)
		if first, taken := seen[kind+value]; taken && first.town != town {
			r.fault(at, "%sが、%d 行目の市と同じです", text, first.at.line)
			return
		}
		seen[kind+value] = owner{town, at}
	}
	for i, t := range r.c.Cities {
		path := "cities[" + strconv.Itoa(i) + "]"
		if t.City != nil {
			claim("id ", t.City.ID, i, path+".city", "市の id")
		}
		for _, s := range t.Line.Secrets {
			claim("secret ", s.value, i, path+".line.channel_secret", "秘密")
		}
		claim("secret ", t.Line.Token.value, i, path+".line.channel_token", "トークン")
		for _, s := range t.Slack.Signing {
			claim("secret ", s.value, i, path+".slack.signing_secret", "秘密")
		}
		claim("secret ", t.Slack.BotToken.value, i, path+".slack.bot_token", "トークン")
		claim("secret ", t.Slack.AppToken.value, i, path+".slack.app_token", "トークン")
		for _, field := range slices.Sorted(maps.Keys(t.Slack.Channels)) {
			claim("channel ", t.Slack.Channels[field], i, path+".slack.channels."+field, "チャンネル")
		}
	}
}

func (r *reader) store(n node) {
	var s string
	text(&s)(n)
	kind, rest, _ := strings.Cut(s, ":")
	switch {
	case kind == "sqlite" && rest != "":
		if !filepath.IsAbs(rest) {
			rest = filepath.Join(r.dir, rest)
		}
		r.c.Store = Store{File: rest}
		return
	case kind == "env" || kind == "file":
		var address Secret
		r.secret(&address)(n)
		if address.Set() && !redisForm(address.value) {
			n.fault("Redis の場所が正しくありません")
		}
		r.c.Store = Store{Redis: address}
		return
	case redisForm(s):
		if u, err := url.Parse(s); err == nil && u.User != nil {
			if _, has := u.User.Password(); has {
				n.fault("パスワードをここに直接書きません。場所ごと env:名前 か file:パス で書きます")
				return
			}
		}
		r.c.Store = Store{Redis: Secret{s}}
		return
	}
	n.fault("store は sqlite:ファイル、redis://ホスト:6379/0、redis+sentinel://h1,h2/master/0、redis+cluster://h1,h2 のどれかです%s",
		meant(kind, []string{"sqlite", "redis", "rediss", "redis+sentinel", "redis+cluster"}))
}

// redisForm says whether an address has one of Redis's forms. Lists of hosts are
// not for url.Parse, so only the frame is looked at.
func redisForm(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return false
	}
	hosts, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(hosts, '@'); i >= 0 {
		hosts = hosts[i+1:]
	}
	if hosts == "" || slices.Contains(strings.Split(hosts, ","), "") {
		return false
	}
	path, _, _ = strings.Cut(path, "?")
	database := func(s string) bool { n, err := strconv.Atoi(s); return s == "" || err == nil && n >= 0 }
	switch scheme {
	case "redis", "rediss":
		return !strings.Contains(hosts, ",") && database(path)
	case "redis+sentinel", "rediss+sentinel":
		master, db, _ := strings.Cut(path, "/")
		return master != "" && database(db)
	case "redis+cluster", "rediss+cluster":
		return path == ""
	}
	return false
}

// address reads host:port.
func address(to *string) func(node) {
	return func(n node) {
		text(to)(n)
		_, port, err := net.SplitHostPort(*to)
		if p, perr := strconv.Atoi(port); err != nil || perr != nil || p < 0 || p > 65535 {
			n.fault("127.0.0.1:8080 のように書きます")
		}
	}
}

// origin reads an http(s) address and takes slashes off its end.
func origin(to *string) func(node) {
	return func(n node) {
		s := ""
		text(&s)(n)
		if s == "" {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			n.fault("https:// で始まるアドレスを書きます（? や # や @ は書けません）")
			return
		}
		*to = strings.TrimRight(s, "/")
	}
}

func (r *reader) publicURL(n node) {
	origin(&r.c.PublicURL)(n)
	u, err := url.Parse(r.c.PublicURL)
	if err == nil && u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() {
		r.warn(n.place(), "LINE と Slack は https のアドレスだけを呼びます")
	}
}

func (r *reader) llm(n node) {
	if n.y.Tag == "!!null" {
		return
	}
	l := &LLM{Timeout: 3 * time.Second}
	n.object(map[string]func(node){
		"base_url": origin(&l.BaseURL), "api_key": r.secret(&l.APIKey), "model": text(&l.Model), "timeout": span(&l.Timeout),
	})
	if l.BaseURL == "" {
		n.fault("base_url がありません")
	}
	if l.Model == "" {
		n.fault("model がありません")
	}
	if l.Timeout <= 0 || l.Timeout > 8*time.Second {
		r.fault(r.at("llm.timeout", r.file), "timeout は 8 秒までです")
	}
	r.c.LLM = l
}
