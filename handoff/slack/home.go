package slack

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// What can be touched on the home tab: its button and its menu of fields.
const (
	actionRefresh = "home_refresh"
	actionField   = "home_field"
	everyField    = "*"
)

// homePause is how long a person's tab is not drawn again by its button, by the
// machine's clock.
const homePause = 30 * time.Second

// paused remembers when something was done for a person last.
type paused struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// pass says whether the pause is over, and begins a new one.
func (p *paused) pass(user string, pause time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if at, has := p.last[user]; has && now.Sub(at) < pause {
		return false
	}
	if p.last == nil || len(p.last) >= maxKept {
		p.last = map[string]time.Time{}
	}
	p.last[user] = now
	return true
}

// home draws a person's home tab after Slack has its answer: of the field that
// they chose, as the tab itself remembers it. Who may not act sees that, and
// nothing else.
func (d *Desk) home(user, team, field string, pause time.Duration) answer {
	if d.o.Home == nil || user == "" || !d.homes.pass(user, pause) {
		return answer{}
	}
	if !slices.ContainsFunc(d.o.Fields, func(f Field) bool { return f.ID == field }) {
		field = ""
	}
	return answer{after: func(ctx context.Context) {
		d.viewers.open(user, team, field)
		d.showHome(ctx, user, team, field)
	}}
}

func (d *Desk) showHome(ctx context.Context, user, team, field string) {
	view := api.HomeTabViewRequest{Type: api.VTHomeTab, PrivateMetadata: field}
	if _, no := d.may(ctx, actor{user, team, d.channel("")}); no != "" {
		view.Blocks.BlockSet = []api.Block{section(no)}
	} else if h, err := d.o.Home(ctx, user, field); err == nil {
		view.Blocks.BlockSet = d.homeBlocks(h)
	} else {
		view.Blocks.BlockSet = []api.Block{section(sayLater)}
		d.log.Warn("a home tab could not be filled")
	}
	err := d.call(ctx, "views.publish", "", rankWords, func() error {
		_, err := d.api.PublishViewContext(ctx, api.PublishViewContextRequest{UserID: user, View: view})
		return err
	})
	if err != nil {
		d.log.Warn("a home tab was not shown", "reason", trouble(err).Error())
	}
}

// Times and bounds of drawing home tabs again when cases change, by the machine's
// clock: soon after the first change, then so often at most, for who looked lately.
const (
	homeSettle = time.Second
	homeEvery  = 15 * time.Second
	homeLooks  = 10 * time.Minute
	maxViewers = 20
)

// viewers remembers who opened their home tab lately, and when all were drawn.
type viewers struct {
	mu    sync.Mutex
	all   map[string]viewer
	drawn time.Time
	timer *time.Timer
	ended bool
}

type viewer struct {
	team, field string
	at          time.Time
}

func (v *viewers) open(user, team, field string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.all == nil {
		v.all = map[string]viewer{}
	}
	now := time.Now()
	maps.DeleteFunc(v.all, func(_ string, o viewer) bool { return now.Sub(o.at) > homeLooks })
	if _, has := v.all[user]; has || len(v.all) < maxViewers {
		v.all[user] = viewer{team, field, now}
	}
}

// stir plans to draw the tabs of who looked lately again; many changes at once are
// one drawing.
func (v *viewers) stir(draw func(map[string]viewer)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.all) == 0 || v.timer != nil || v.ended {
		return
	}
	v.timer = time.AfterFunc(max(homeSettle, homeEvery-time.Since(v.drawn)), func() {
		v.mu.Lock()
		v.timer, v.drawn = nil, time.Now()
		maps.DeleteFunc(v.all, func(_ string, o viewer) bool { return v.drawn.Sub(o.at) > homeLooks })
		all := maps.Clone(v.all)
		v.mu.Unlock()
		draw(all)
	})
}

func (v *viewers) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	if v.timer != nil {
		v.timer.Stop()
	}
}

// changed hears that a case was drawn anew.
func (d *Desk) changed() {
	if d.o.Home == nil {
		return
	}
	d.viewers.stir(func(all map[string]viewer) {
		d.later(func(ctx context.Context) {
			for user, v := range all {
				d.showHome(ctx, user, v.team, v.field)
			}
		})
	})
}

// Bounds of a home tab; Slack takes 100 blocks.
const (
	maxGroups = 10
	maxInList = 20
)

// homeBlocks draws the lists, at most three blocks each.
func (d *Desk) homeBlocks(h handoff.Home) []api.Block {
	touch := []api.BlockElement{api.NewButtonBlockElement(actionRefresh, "", plain("新しくする"))}
	if all := d.fields(""); len(all) > 0 {
		options := append([]*api.OptionBlockObject{option(everyField, "すべての分野")}, all[:min(len(all), maxOptions-1)]...)
		menu := api.NewOptionsSelectBlockElement(api.OptTypeStatic, plain("分野"), actionField, options...)
		menu.InitialOption = options[0]
		for _, o := range options {
			if o.Value == h.Field {
				menu.InitialOption = o
			}
		}
		touch = append(touch, menu)
	}
	out := []api.Block{
		api.NewHeaderBlock(plain("つなぐ")),
		small(h.At.In(tokyo).Format("1月2日 15:04") + " のようす（開いているあいだ、変わると新しくなります）"),
		api.NewActionBlock("", touch...),
	}
	if h.Delay != "" {
		out = append(out, section("⏳ "+escape(cut(h.Delay, 300))))
	}
	for i, g := range h.Groups {
		if i == maxGroups {
			break
		}
		out = append(out, api.NewDividerBlock(), section("*"+escape(cut(g.Title, 200))+"*　"+itoa(g.N)+" 件"))
		text := ""
		if g.N == 0 {
			text = escape(cut(g.None, 200))
		}
		for j, l := range g.Lines {
			if j == maxInList {
				break
			}
			text += "・" + ours(cut(l, 130)) + "\n"
		}
		if more := g.N - min(len(g.Lines), maxInList); more > 0 && len(g.Lines) > 0 {
			text += "ほかに " + itoa(more) + " 件"
		}
		if text != "" {
			out = append(out, section(text))
		}
	}
	if len(h.Week) > 0 {
		block, _ := rows(h.Week)
		out = append(out, api.NewDividerBlock(), section("*この7日間*"), block)
	}
	return out
}
