package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"tsunagu/bot"
)

// clockEnv shifts the city's clock, for tests and the demo.
const clockEnv = "TSUNAGU_NOW"

// cityClock is the clock that opening hours, promises, timers and retention go
// by. A shift is kept in the store under the value that asked for it, so that a
// restart with the same value carries on instead of jumping back.
func cityClock(ctx context.Context, store bot.Store, log *slog.Logger) (func() time.Time, error) {
	value := os.Getenv(clockEnv)
	if value == "" {
		return time.Now, nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return nil, fmt.Errorf("%s は時刻ではありません。2026-11-22T03:00:00+09:00 のように書きます", clockEnv)
	}
	fresh := strconv.FormatInt(int64(time.Until(at)), 10)
	kept, err := store.Keep(ctx, "clock "+value, []byte(fresh))
	if err != nil {
		return nil, fmt.Errorf("the clock's offset: %w", err)
	}
	n, err := strconv.ParseInt(string(kept), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the clock's offset in the store is no number")
	}
	offset := time.Duration(n)
	log.Warn("the clock is shifted; this is for tests", "offset", offset.Round(time.Second).String())
	return func() time.Time { return time.Now().Add(offset) }, nil
}
