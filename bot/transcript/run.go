package transcript

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// Options are what a play runs on.
type Options struct {
	City *bot.City
	// Open opens the store; called again after （再起動）, on the same data.
	Open func() (bot.Store, error)
	Keys *bot.Keys
	Log  *slog.Logger
}

// drainLimit bounds the jobs that follow from one line.
const drainLimit = 2000

// Run plays a script and returns it with what the program said. Faults of the
// script (a button that is not there) are errors with their line.
func Run(ctx context.Context, p *Play, o Options) (text string, err error) {
	var out strings.Builder
	r := &runner{play: p, o: o, stage: newStage(&out), clock: &clock{p.At}, seed: sha256.Sum256([]byte(p.Title))}
	r.rand = rand.NewChaCha8(r.seed)
	if err := r.open(ctx); err != nil {
		return "", err
	}
	defer func() {
		if cerr := r.store.Close(); err == nil {
			err = cerr
		}
	}()
	for _, l := range p.lines {
		out.WriteString(l.text + "\n")
		if l.do == nothing {
			continue
		}
		if err := r.do(ctx, l); err != nil {
			return out.String(), fmt.Errorf("%s:%d: %w", p.File, l.n, err)
		}
	}
	return out.String(), nil
}

type runner struct {
	play  *Play
	o     Options
	stage *stage
	clock *clock
	seed  [32]byte
	rand  *rand.ChaCha8
	store bot.Store
	bot   *bot.Bot
	n     int         // events so far
	last  []bot.Event // for 同じ知らせがもう一度届く
	ids   map[string]string
}

func (r *runner) open(ctx context.Context) error {
	store, err := r.o.Open()
	if err != nil {
		return err
	}
	r.store = store
	r.bot, err = bot.New(ctx, bot.Options{
		Store: store, Keys: r.o.Keys, Log: r.o.Log, Rand: r.rand,
		Towns: []bot.Town{{City: r.o.City, Messenger: r.stage, Desk: r.stage}},
		Clock: func() time.Time { return r.clock.now },
	})
	return err
}

func (r *runner) do(ctx context.Context, l line) error {
	switch l.do {
	case acts:
		return r.act(ctx, l)
	case passes:
		return r.pass(ctx, l.at)
	case slackAway, slackBack:
		r.stage.deskDown = l.do == slackAway
		return nil
	case lineAway, lineBack:
		r.stage.lineDown, r.stage.lineFull = l.do == lineAway, false
		return nil
	case lineFull:
		r.stage.lineFull = true
		return nil
	case repeats:
		if err := r.bot.Accept(ctx, r.last...); err != nil {
			return err
		}
		return r.drain(ctx)
	case restarts:
		if err := r.store.Close(); err != nil {
			return err
		}
		if err := r.open(ctx); err != nil {
			return err
		}
		return r.drain(ctx)
	}
	e, err := r.event(l)
	if err != nil {
		return err
	}
	r.last = []bot.Event{e}
	if err := r.bot.Accept(ctx, e); err != nil {
		return err
	}
	return r.drain(ctx)
}

// event makes what LINE would send for a line of the resident.
func (r *runner) event(l line) (bot.Event, error) {
	r.n++
	who := l.who[0]
	user := fmt.Sprintf("U%x", sha256.Sum256([]byte(who)))[:33]
	r.stage.users[user] = who
	e := bot.Event{ID: fmt.Sprint("e", r.n), City: r.o.City.ID, User: user, At: r.clock.now, Token: fmt.Sprint("t", r.n)}
	r.stage.tokens[e.Token] = user
	switch l.do {
	case says:
		e.Kind, e.Text, e.Message = bot.Text, l.arg, fmt.Sprint("m", r.n)
		if r.ids == nil {
			r.ids = map[string]string{}
		}
		r.ids[who+l.arg] = e.Message
	case taps:
		e.Kind = bot.Tap
		for _, list := range [][]bot.Button{r.stage.buttons[user], r.stage.all[user]} {
			if i := slices.IndexFunc(list, func(b bot.Button) bool { return b.Label == l.arg }); i >= 0 && e.Data == "" {
				e.Data = list[i].Data
			}
		}
		if e.Data == "" {
			return e, fmt.Errorf("ボタン［%s］は出ていません", l.arg)
		}
	case sends:
		e.Kind, e.Media, e.Message = bot.Other, l.arg, fmt.Sprint("m", r.n)
		r.stage.media[e.Message] = l.arg
	case follows:
		e.Kind = bot.Follow
	case blocks:
		e.Kind, e.Token = bot.Unfollow, ""
	case unsends:
		e.Kind, e.Token, e.Message = bot.Unsend, "", r.ids[who+l.arg]
		if e.Message == "" {
			e.Message = "m0"
		}
	}
	return e, nil
}

// act clicks a button of the newest case's card, or of the newest card in a field's channel;
// several staff click the same card.
func (r *runner) act(ctx context.Context, l line) error {
	if len(r.stage.cards) == 0 {
		return fmt.Errorf("カードがまだありません")
	}
	i := len(r.stage.cards) - 1
	wanted := func(c handoff.Card) bool {
		if l.card == "" {
			return !c.Companion
		}
		return orDefault(c.Field) == l.card
	}
	for i >= 0 && !wanted(r.stage.cards[i]) {
		i--
	}
	if i < 0 {
		return fmt.Errorf("#%s にカードはありません", l.card)
	}
	card := r.stage.cards[i]
	for _, who := range l.who {
		r.n++
		user := "U" + strings.TrimPrefix(who, "職員")
		r.stage.staff[user] = who
		a := handoff.Action{ID: fmt.Sprint("a", r.n), City: card.City, Case: strings.TrimSuffix(card.Case, "/"+card.Field), Version: card.Version, By: user, Spot: r.stage.spot(card)}
		if err := l.fill(&a, r.o.City); err != nil {
			return err
		}
		if a.Kind == handoff.Keep {
			a.Spot = handoff.Spot{Channel: a.Spot.Channel, TS: "question", Thread: a.Spot.TS}
		}
		if err := r.bot.Act(ctx, a); err != nil {
			return err
		}
	}
	return r.drain(ctx)
}

// fill reads what staff press and what they fill in.
func (l *line) fill(a *handoff.Action, c *bot.City) error {
	for _, k := range append(slices.Clone(handoff.Kinds), handoff.Correct, handoff.Keep) {
		if k.Label() == l.arg {
			a.Kind = k
		}
	}
	switch a.Kind {
	case "":
		return fmt.Errorf("カードに［%s］というボタンはありません", l.arg)
	case handoff.Reply, handoff.Correct:
		a.Text = strings.ReplaceAll(l.more, `\n`, "\n")
	case handoff.Close:
		for _, o := range handoff.Outcomes {
			if o.Label == l.more {
				a.Outcome = o.ID
			}
		}
		if a.Outcome == "" {
			return fmt.Errorf("終わり方「%s」はありません", l.more)
		}
	case handoff.HandOn, handoff.Help, handoff.Misroute:
		name, reason, _ := strings.Cut(l.more, "：")
		for _, f := range c.Directory.Fields {
			if f.Name == name {
				a.Field = f.ID
			}
		}
		if a.Field == "" {
			return fmt.Errorf("分野「%s」はありません", name)
		}
		a.Reason = reason
	case handoff.Escalate:
		a.Reason = l.more
	}
	return nil
}

// pass moves the clock, stopping at every timer on the way.
func (r *runner) pass(ctx context.Context, m moment) error {
	to := r.clock.now.Add(m.by)
	switch {
	case m.next:
		d := r.clock.now.AddDate(0, 0, 1)
		to = time.Date(d.Year(), d.Month(), d.Day(), m.to.Hour(), m.to.Minute(), 0, 0, tokyo)
	case !m.to.IsZero():
		to = m.to
	}
	if to.Before(r.clock.now) {
		return fmt.Errorf("時計はもどせません")
	}
	for {
		next, err := r.bot.Drain(ctx, drainLimit)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(to) {
			break
		}
		r.clock.now = next
	}
	r.clock.now = to
	return r.drain(ctx)
}

func (r *runner) drain(ctx context.Context) error {
	_, err := r.bot.Drain(ctx, drainLimit)
	return err
}
