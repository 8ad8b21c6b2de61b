package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

var tryCommand = command{
	name: "try", args: "--city DIR|NAME [--at TIME] [--why]",
	short: "質問を、端末で試す",
	long: `住民になったつもりで、ことばか、番号を書きます。:quit で終わります。職員に届く
ものは「（当番）」と出ます。--at で時刻を決め（2026-12-31T10:00）、閉まっている窓口を
試せます。--why で、ことばをそう読んだわけを出します。何も残しません。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", cityUsage)
		when := fs.String("at", "", "いつのつもりか（日本の時刻）。書かなければ、いま")
		why := fs.Bool("why", false, "そう読んだわけを出す")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		city, err := loadCity(s, config.ReadBase(), *name)
		if err != nil {
			return err
		}
		var shift time.Duration
		if *when != "" {
			at, err := parseAt(*when)
			if err != nil {
				return err
			}
			shift = time.Until(at)
		}
		return try(ctx, s, city, func() time.Time { return time.Now().Add(shift) }, *why)
	},
}

// terminal stands where LINE and Slack would.
type terminal struct {
	out     io.Writer
	buttons []bot.Button
}

func (t *terminal) Reply(_ context.Context, _ string, b []bot.Bubble) error {
	t.show(b)
	return nil
}

func (t *terminal) Push(_ context.Context, _, _ string, _ bool, b []bot.Bubble) error {
	t.show(b)
	return nil
}

func (t *terminal) Quota(context.Context) (bot.Allowance, error) { return bot.Allowance{}, nil }

func (t *terminal) Leave(context.Context, string, bool) error { return nil }

func (t *terminal) show(bubbles []bot.Bubble) {
	for _, b := range bubbles {
		if b.Text != "" {
			fmt.Fprintln(t.out, b.Text)
		}
		for _, o := range b.Offices {
			fmt.Fprintf(t.out, "┌ %s\n", o.Name)
			for _, l := range o.Lines {
				fmt.Fprintf(t.out, "│ %s\n", l)
			}
		}
	}
	t.buttons = bubbles[len(bubbles)-1].Buttons
	var labels []string
	for i, b := range t.buttons {
		labels = append(labels, fmt.Sprintf("[%d %s]", i+1, b.Label))
	}
	fmt.Fprintln(t.out, strings.Join(labels, " "))
}

func (t *terminal) Card(_ context.Context, at handoff.Spot, c handoff.Card, _ handoff.Outbox) (handoff.Spot, error) {
	fmt.Fprintf(t.out, "（当番） %s %s\n", c.Title, c.Receipt)
	for _, r := range c.Rows {
		fmt.Fprintf(t.out, "（当番）   %s：%s\n", r.Label, r.Text)
	}
	at.Channel, at.TS = "C", "1"
	return at, nil
}

func (t *terminal) Post(_ context.Context, at handoff.Spot, p handoff.Post, _ handoff.Outbox) (handoff.Spot, error) {
	fmt.Fprintf(t.out, "（当番） %s%s\n", p.Text, strings.Join(p.Words, "／"))
	at.TS = "2"
	return at, nil
}

func (t *terminal) Whisper(context.Context, handoff.Spot, handoff.Whisper) error { return nil }
func (t *terminal) Delete(context.Context, handoff.Spot) error                   { return nil }

// In a terminal there are no pictures.

func (t *terminal) Fetch(context.Context, string, int64) ([]byte, error) {
	return nil, &bot.SendError{Trouble: bot.Gone}
}

func (t *terminal) File(context.Context, handoff.Spot, handoff.File) (handoff.Spot, error) {
	return handoff.Spot{}, &handoff.DeskError{Reason: "terminal", Final: true}
}

func (t *terminal) Find(context.Context, handoff.Search) ([]handoff.Spot, string, error) {
	return nil, "", nil
}

func (t *terminal) FindFile(context.Context, handoff.Spot, string, time.Time) (handoff.Spot, error) {
	return handoff.Spot{}, nil
}

func try(ctx context.Context, s streams, city *bot.City, clock func() time.Time, why bool) error {
	dir, err := os.MkdirTemp("", "tsunagu-try")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := sqlitestore.Open(filepath.Join(dir, "try.db"), []string{city.ID})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	keys, err := bot.NewKeys(make([]byte, 32))
	if err != nil {
		return err
	}
	term := &terminal{out: s.out}
	b, err := bot.New(ctx, bot.Options{Store: store, Keys: keys, Clock: clock, Towns: []bot.Town{{City: city, Messenger: term, Desk: term}}})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s　%s\n\n", city.Name, clock().In(directory.Tokyo).Format("2006-01-02 15:04"))
	e := bot.Event{City: city.ID, User: "U" + strings.Repeat("0", 32), Kind: bot.Follow}
	in := bufio.NewScanner(s.in)
	for n := 1; ; n++ {
		e.ID, e.Token, e.At = strconv.Itoa(n), strconv.Itoa(n), clock()
		if err := b.Accept(ctx, e); err != nil {
			return err
		}
		if _, err := b.Drain(ctx, 1000); err != nil {
			return err
		}
		fmt.Fprint(s.out, "> ")
		if !in.Scan() || strings.TrimSpace(in.Text()) == ":quit" {
			fmt.Fprintln(s.out)
			return in.Err()
		}
		e.Kind, e.Text, e.Data, e.Message = bot.Text, in.Text(), "", "m"+strconv.Itoa(n)
		if i, err := strconv.Atoi(strings.TrimSpace(in.Text())); err == nil && i >= 1 && i <= len(term.buttons) && term.buttons[i-1].Data != "" {
			e.Kind, e.Data = bot.Tap, term.buttons[i-1].Data
		} else if why {
			explain(s.out, city, in.Text())
		}
	}
}

// explain shows how words were read.
func explain(out io.Writer, city *bot.City, text string) {
	r := city.Explain(text)
	fmt.Fprintf(out, "  （読み方）%s　自信 %.2f　%s\n", read(r), r.Confidence, readBy[r.By])
	for _, x := range r.Why {
		fmt.Fprintf(out, "  （わけ）　%s\n", because(x))
	}
}

// read says how words were read: the field, the fields of several worries, the danger.
func read(r triage.Reading) string {
	field := labelWords[r.Field] + " " + labelled(r.Field, r.Crisis)
	if len(r.Fields) > 1 {
		field += "（" + strings.Join(r.Fields, " ") + "）"
	}
	return field
}
