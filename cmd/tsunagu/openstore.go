package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
)

// How long a start waits for Redis. A machine that boots starts both at once: the server
// listens within seconds and then reads its data, as long as that takes. A wrong address
// looks like the first and must be told soon.
const (
	answerPatience = 10 * time.Second
	readyPatience  = time.Minute
	openPause      = 250 * time.Millisecond
)

// awaitStore opens the store, and waits while Redis is only coming up.
func awaitStore(ctx context.Context, url string, cities []string, log *slog.Logger) (bot.Store, error) {
	began, told := time.Now(), ""
	for {
		store, err := openStore(ctx, url, cities)
		var patience time.Duration
		var what string
		switch {
		case err == nil:
			return store, nil
		case errors.Is(err, redisstore.ErrNotReady):
			patience, what = readyPatience, "waiting until Redis is ready"
		case errors.Is(err, redisstore.ErrNoAnswer):
			patience, what = answerPatience, "waiting for Redis to answer"
		}
		if time.Since(began) >= patience {
			return nil, err
		}
		if what != told {
			log.Warn(what, "at most", patience.String(), "error", err)
			told = what
		}
		pause := time.NewTimer(openPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		}
	}
}

// openStore opens what the URL names.
func openStore(ctx context.Context, url string, cities []string) (bot.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		s, err := sqlitestore.Open(path, cities)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	s, err := redisstore.Open(ctx, url, cities)
	if err != nil {
		return nil, err
	}
	return s, nil
}
