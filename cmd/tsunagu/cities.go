package main

import (
	"fmt"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/config"
	"tsunagu/directory"
)

// cityUsage describes the flag that most commands share.
const cityUsage = "市のフォルダ（/ をふくむ）か、組みこみの市：hokuto kitakami miyoshi musashimurayama nonoichi"

// loadCity reads a city over the base for a command; faults are printed with their place.
func loadCity(s streams, base *config.Base, name string) (*bot.City, error) {
	if name == "" {
		return nil, wrong("--city がありません：%s", cityUsage)
	}
	city, faults := base.City(name)
	if config.Failed(faults) {
		fmt.Fprint(s.err, config.Report(faults))
		return nil, failure(1)
	}
	return city, nil
}

// parseAt reads a moment as people write it, in Asia/Tokyo.
func parseAt(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), directory.Tokyo); err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrong("「%s」は時刻ではありません。2026-11-22T10:00 か 2026-11-22 と書きます", text)
}
