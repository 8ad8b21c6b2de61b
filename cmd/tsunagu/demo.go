package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tsunagu/bot"
	"tsunagu/cmd/tsunagu/demo"
	"tsunagu/config"
	"tsunagu/handoff"
)

var demoCommand = command{
	name: "demo", args: "[--city hokuto] [--listen 127.0.0.1:8080]",
	short: "住民と当番の両方を、ブラウザで試す（何も要りません）",
	long: `ひとつのプログラムの中で、すべてを動かします。この機械の中の LINE と Slack、その
あいだの本体、両方の役を試すページです。アカウントは要りません。外には何も送らず、
何も残しません。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "hokuto", "はじめに出す市。組みこみの市か、市のフォルダ（/ をふくむ）")
		listen := fs.String("listen", "127.0.0.1:8080", "ページを出すアドレス")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		base := config.ReadBase()
		first, err := loadCity(s, base, *name)
		if err != nil {
			return err
		}
		cities := map[string]*bot.City{first.ID: first}
		shown := []demo.City{demoCity(first)}
		for _, n := range config.BuiltIn() {
			c, err := loadCity(s, base, n)
			if err != nil {
				return err
			}
			if cities[c.ID] == nil {
				cities[c.ID] = c
				shown = append(shown, demoCity(c))
			}
		}
		d, err := demo.New(demo.Options{Cities: shown, City: first.ID, Listen: *listen, Start: demoStart(cities)})
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "ブラウザで開いてください： %s\n（Ctrl+C で終わります。何も残りません）\n", d.URL())
		return d.Run(ctx)
	},
}

// demoCity lists the channels that the city's fields and the coordinator would have.
func demoCity(c *bot.City) demo.City {
	out := demo.City{ID: c.ID, Name: c.Name}
	for _, f := range c.Directory.Fields {
		if f.ID == f.Basic {
			out.Channels = append(out.Channels, demo.Channel{Key: f.ID, Name: f.Name})
		}
	}
	out.Channels = append(out.Channels, demo.Channel{Key: handoff.Coordinator, Name: "多機関協働"})
	return out
}

// demoStart runs the same program as serve between the two platforms of a world.
func demoStart(cities map[string]*bot.City) func(context.Context, demo.World) (demo.Program, error) {
	return func(ctx context.Context, w demo.World) (demo.Program, error) {
		keys, err := demoKeys(w.Dir)
		if err != nil {
			return demo.Program{}, err
		}
		log := slog.New(slog.DiscardHandler)
		city := *cities[w.City]
		if !city.Pictures.On() { // off until a city turns it on; here it is to be seen
			city.Pictures = bot.Pictures{Days: 7, Max: 5 << 20, PerCase: 10}
		}
		p, err := wire(ctx, settings{
			Store: "sqlite:" + filepath.Join(w.Dir, "tsunagu.db"), Keys: keys, Log: log, PublicURL: w.PublicURL,
			Clock: func() time.Time { return time.Now().Add(w.Offset) },
			Cities: []citySettings{{
				City: &city,
				LINE: lineSettings{Secrets: []string{w.LINE.Secret}, Token: w.LINE.Token, APIURL: w.LINE.APIURL, DataURL: w.LINE.APIURL},
				Slack: slackSettings{BotToken: w.Slack.BotToken, SigningSecrets: []string{w.Slack.SigningSecret}, APIURL: w.Slack.APIURL,
					Channels: w.Slack.Channels, DutyGroup: w.Slack.DutyGroup, Command: "/tsunagu"},
			}},
		})
		if err != nil {
			return demo.Program{}, err
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return demo.Program{}, errors.Join(err, p.Close())
		}
		run, stop := context.WithCancel(context.WithoutCancel(ctx))
		srv := server(p.door)
		var wg sync.WaitGroup
		for _, work := range p.work {
			wg.Go(func() { work(run) })
		}
		wg.Go(func() { _ = srv.Serve(l) })
		drill := func(ctx context.Context) error {
			_, err := p.bot.Drill(ctx, w.City, "")
			return err
		}
		return demo.Program{URL: "http://" + l.Addr().String(), Drill: drill, Stop: func() {
			end, cancel := context.WithTimeout(context.Background(), stopTime)
			defer cancel()
			if err := srv.Shutdown(end); err != nil && !errors.Is(err, http.ErrServerClosed) {
				_ = srv.Close()
			}
			stop()
			wg.Wait()
			_ = p.Close()
		}}, nil
	}
}

// demoKeys are made once per world, so that a restart can read what was kept.
func demoKeys(dir string) (*bot.Keys, error) {
	file := filepath.Join(dir, "key")
	key, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key)
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return nil, err
	}
	return bot.NewKeys(key)
}
