package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
	"tsunagu/directory"
)

var doctorCommand = command{
	name: "doctor", args: "--config tsunagu.yaml",
	short: "LINE、Slack、Redis、LLM に、使えるかを聞く",
	long: `設定にあるもの全部に聞いて、答えを 1 行ずつ出します。ok、注意（動くが、見てほしい）、
だめ（動かない）。直し方もつきます。「手で」は、プログラムからは聞けないもので、
一度、自分で見てください。何も変えず、だれにも何も送りません。LINE だけは、確かめる
ために webhook を 1 回呼びます。1 つの質問は 10 秒まで。「だめ」があれば終了コードは 1。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		cfg, err := readConfig(s, *file)
		if err != nil {
			return err
		}
		made, err := settingsOf(cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		d := &doctor{out: s.out}
		d.clock(os.Getenv(clockEnv))
		d.store(ctx, cfg, made.Keys)
		for _, c := range made.Cities {
			d.line(ctx, cfg.PublicURL, c)
			d.slack(ctx, cfg.PublicURL, c)
			d.pictures(ctx, cfg.PublicURL, c, nil)
		}
		d.llm(ctx, cfg.LLM)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if d.failed > 0 {
			fmt.Fprintf(s.out, "\nだめ：%d 件、注意：%d 件\n", d.failed, d.warned)
			return failure(1)
		}
		fmt.Fprintf(s.out, "\nだめなところはありません（注意：%d 件）\n", d.warned)
		return nil
	},
}

// askTime bounds one question.
const askTime = 10 * time.Second

// doctor prints what it finds, a line each.
type doctor struct {
	out            io.Writer
	what           string // whom the lines are about
	shifted        bool   // the city's clock is not the machine's
	failed, warned int
}

func (d *doctor) about(format string, a ...any) { d.what = fmt.Sprintf(format, a...) }

func (d *doctor) say(mark, format string, a ...any) {
	fmt.Fprintf(d.out, "%s %s：%s\n", mark, d.what, fmt.Sprintf(format, a...))
}

func (d *doctor) ok(format string, a ...any) { d.say("ok　", format, a...) }

func (d *doctor) warn(format string, a ...any) {
	d.warned++
	d.say("注意", format, a...)
}

// byHand names what nobody can be asked for.
func (d *doctor) byHand(format string, a ...any) { d.say("手で", format, a...) }

func (d *doctor) fail(format string, a ...any) {
	d.failed++
	d.say("だめ", format, a...)
}

func (d *doctor) clock(shift string) {
	d.about("時計")
	if d.shifted = shift != ""; d.shifted {
		d.warn("%s=%s でずらしています。試験のためだけのものです。本番では環境変数から外してください", clockEnv, shift)
		return
	}
	d.ok("%s", time.Now().In(directory.Tokyo).Format("2006-01-02 15:04 -07:00"))
}

// store looks whether the store opens, and the keys with it.
func (d *doctor) store(ctx context.Context, cfg *config.Config, keys *bot.Keys) {
	d.about("保存")
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if cfg.Store.File != "" {
		if _, err := os.Stat(cfg.Store.File); errors.Is(err, os.ErrNotExist) {
			d.warn("%s はまだありません。はじめて serve を動かすときにできます", cfg.Store.File)
			d.keys(ctx, nil, keys, cfg)
			return
		}
		r, err := sqlitestore.OpenRead(cfg.Store.File, cityIDs(cfg)...)
		if err != nil {
			d.fail("開けません（%v）。ファイルの持ち主と権限、パスを見てください", err)
			return
		}
		defer func() { _ = r.Close() }()
		d.waiting(ctx, cfg.Store.File, r.Waiting)
		d.keys(ctx, r, keys, cfg)
		return
	}
	s, err := redisstore.Open(ctx, cfg.Store.Redis.Reveal(), cityIDs(cfg))
	if errors.Is(err, redisstore.ErrNotReady) {
		d.fail("Redis は動いていますが、まだ準備の途中です（%v）。しばらくしてから、もう一度 doctor を動かしてください", err)
		return
	}
	if err != nil {
		d.fail("Redis が答えません（%v）。動いているか、場所とパスワードが合っているかを見てください", err)
		return
	}
	defer func() { _ = s.Close() }()
	d.waiting(ctx, "Redis", s.Waiting)
	d.redis(ctx, s, strings.Contains(cfg.Store.Redis.Reveal(), "+sentinel://"))
	d.keys(ctx, s, keys, cfg)
}

// waiting looks whether somebody does the jobs.
func (d *doctor) waiting(ctx context.Context, name string, ask func(context.Context, time.Time) (int, time.Time, error)) {
	now := time.Now()
	n, oldest, err := ask(ctx, now)
	switch {
	case err != nil:
		d.fail("%s を読めません（%v）", name, err)
	case !d.shifted && !oldest.IsZero() && now.Sub(oldest) > 5*time.Minute:
		d.warn("%s：いちばん古い仕事が %d 分待っています。serve が動いているか、ログに ERROR がないかを見てください", name, int(now.Sub(oldest).Minutes()))
	default:
		d.ok("%s（待っている仕事 %d 件、時刻待ちを含む）", name, n)
	}
}

func (d *doctor) redis(ctx context.Context, s *redisstore.Store, sentinel bool) {
	all, err := s.Health(ctx)
	if err != nil {
		d.fail("Redis の設定を読めません（%v）", err)
		return
	}
	for _, h := range all {
		major, _, _ := strings.Cut(h.Version, ".")
		switch {
		case h.Version == "":
			d.warn("Redis の版が分かりません。6 以上が必要です")
		case len(major) == 1 && major < "6":
			d.fail("Redis %s は古すぎます。6 以上にしてください", h.Version)
		default:
			d.ok("Redis %s（控え %d 台）", h.Version, h.Replicas)
		}
		switch {
		case !h.AOF:
			d.fail("appendonly no です。Redis が止まると、受け取った相談が消えます。redis.conf に appendonly yes と appendfsync always を書いてください")
		case h.Fsync == "":
			d.warn("appendfsync が分かりません（CONFIG を読めません）。always でないと、停電のとき最後の 1 秒ほどが消えることがあります")
		case h.Fsync != "always":
			d.warn("appendfsync %s です。停電のとき最後の 1 秒ほど（no ではもっと）が消えることがあります。appendfsync always にしてください", h.Fsync)
		default:
			d.ok("appendfsync always")
		}
		if h.Policy != "noeviction" && h.Policy != "" {
			mark := d.warn
			if h.MaxMemory > 0 {
				mark = d.fail
			}
			mark("maxmemory-policy %s です。メモリが足りないとき、相談がだまって消えます。noeviction にしてください", h.Policy)
		}
		switch {
		case h.Follow > 0:
			d.ok("控え %d 台がついてきています。写ったものだけを「受け取った」と答えます", h.Follow)
		case h.Replicas > 0:
			d.warn("控えがついてきていません。いまは 1 台だけで受け取っています。控えの Redis と、間のネットワークを見てください")
		case sentinel:
			d.warn("控えがありません。この Redis が止まると、切りかわる先がありません")
		}
	}
}

// keys counts the keys and tries them on what is kept.
func (d *doctor) keys(ctx context.Context, s bot.Dumper, keys *bot.Keys, cfg *config.Config) {
	d.about("鍵")
	n := strings.Count(cfg.Keys.Reveal(), ",") + 1
	if s != nil {
		if err := bot.TryKeys(ctx, s, keys); err != nil {
			d.fail("保存してあるものが、いまの鍵で開きません。前の鍵を keys の後ろに書きたしてください")
			return
		}
	}
	if n > 1 {
		d.warn("%d つあります。入れかえの途中でなければ、tsunagu rekey のあと、古い鍵を外してください", n)
		return
	}
	d.ok("1 つあります。バックアップとは別の場所に、写しを置いてください")
}
