package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"tsunagu/bot"
	"tsunagu/config"
)

var serveCommand = command{
	name: "serve", args: "--config tsunagu.yaml [--listen ADDR]",
	short: "サービスを動かす",
	long: `LINE と Slack を受け、設定にあるすべての市の相談を受け付けます。SIGTERM で 10 秒
以内に終わります。終わっていない仕事は保存されています。ログは標準エラー出力に
JSON で 1 行ずつ出ます。ERROR は、運用の人が何かする必要があるときだけです。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		listen := fs.String("listen", "", "設定の listen のかわりのアドレス")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		cfg, faults := config.Load(*file)
		if config.Failed(faults) {
			fmt.Fprint(s.err, config.Report(faults))
			return failure(1)
		}
		log := slog.New(slog.NewJSONHandler(s.err, nil))
		for _, f := range faults {
			log.Warn("configuration", "fault", f.String())
		}
		for _, c := range cfg.Cities {
			log.Info("a city", "id", c.City.ID, "from", c.Source)
		}
		if *listen != "" {
			cfg.Listen = *listen
		}
		return serve(ctx, cfg, log)
	},
}

// stopTime is how long running jobs may take to finish.
const stopTime = 9 * time.Second

// serve runs the program until ctx ends.
func serve(ctx context.Context, cfg *config.Config, log *slog.Logger) (err error) {
	if os.Getenv("GOGC") == "" {
		// Little lives in the heap: what was learned lies in the program itself. Sweeping
		// half as often takes some ten megabytes and spares a twentieth of the processor.
		debug.SetGCPercent(200)
	}
	made, err := settingsOf(cfg, log)
	if err != nil {
		return err
	}
	p, err := wire(ctx, made)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		log.Info("stopping")
		return nil // told to while it waited for its store
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	ops := p.door
	if cfg.OpsListen != "" {
		ops = http.NewServeMux()
	}
	ops.Handle("/readyz", p.ops)
	ops.Handle("/metrics", p.ops)
	return p.listen(ctx, log, cfg.Listen, cfg.OpsListen, ops)
}

// listen opens the listeners, runs the work and ends both in order: no new
// requests, no new jobs, what runs finishes.
func (p *program) listen(ctx context.Context, log *slog.Logger, addr, opsAddr string, ops http.Handler) error {
	door, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	servers := []*http.Server{server(p.door)}
	listeners := []net.Listener{door}
	if opsAddr != "" {
		l, err := net.Listen("tcp", opsAddr)
		if err != nil {
			return errors.Join(err, door.Close())
		}
		servers, listeners = append(servers, server(ops)), append(listeners, l)
	}
	work, stop := context.WithCancel(context.Background())
	defer stop()
	var wg sync.WaitGroup
	for _, w := range p.work {
		wg.Go(func() { w(work) })
	}
	failed := make(chan error, len(servers))
	for i, s := range servers {
		wg.Go(func() {
			if err := s.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	log.Info("listening", "address", door.Addr().String(), "version", version())
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	log.Info("stopping")
	end, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	for _, s := range servers {
		if cerr := s.Shutdown(end); cerr != nil {
			_ = s.Close()
		}
	}
	stop()
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-end.Done():
		log.Warn("some jobs did not finish in time; they stay stored")
	}
	return err
}

// server bounds what a client may take.
func server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: noPage(h), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
}

// noPage tells browsers that nothing here is a page, to be framed, kept or guessed at.
func noPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// settingsOf turns the configuration into values.
func settingsOf(cfg *config.Config, log *slog.Logger) (settings, error) {
	keys, err := bot.ParseKeys(cfg.Keys.Reveal())
	if err != nil {
		return settings{}, fmt.Errorf("keys：%w", err)
	}
	s := settings{Store: storeURL(cfg), Keys: keys, LLM: cfg.LLM, Log: log, Traces: os.Getenv(tracesEnv), PublicURL: cfg.PublicURL}
	for _, c := range cfg.Cities {
		s.Cities = append(s.Cities, citySettings{
			City: c.City,
			LINE: lineSettings{Secrets: reveal(c.Line.Secrets), Token: c.Line.Token.Reveal(), APIURL: c.Line.APIURL, DataURL: c.Line.DataURL},
			Slack: slackSettings{BotToken: c.Slack.BotToken.Reveal(), SigningSecrets: reveal(c.Slack.Signing), AppToken: c.Slack.AppToken.Reveal(),
				APIURL: c.Slack.APIURL, Channels: c.Slack.Channels, DutyGroup: c.Slack.DutyGroup, Command: c.Slack.Command},
		})
	}
	return s, nil
}

func reveal(list []config.Secret) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Reveal())
	}
	return out
}

// storeURL names the store as openStore takes it.
func storeURL(cfg *config.Config) string {
	if cfg.Store.File != "" {
		return "sqlite:" + cfg.Store.File
	}
	return cfg.Store.Redis.Reveal()
}

// version is the module's version and commit, as far as they are known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	if v == "" {
		return "(devel)"
	}
	return v
}
