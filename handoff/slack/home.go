package slack

import (
	"context"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// actionRefresh is the home tab's own button.
const actionRefresh = "home_refresh"

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

// home draws a person's home tab after Slack has its answer. Who may not act sees
// that, and nothing else.
func (d *Desk) home(user, team string, pause time.Duration) answer {
	if d.o.Home == nil || user == "" || !d.homes.pass(user, pause) {
		return answer{}
	}
	return answer{after: func(ctx context.Context) {
		blocks := []api.Block{section(sayLater)}
		if _, no := d.may(ctx, actor{user, team, d.channel("")}); no != "" {
			blocks = []api.Block{section(no)}
		} else if h, err := d.o.Home(ctx, user); err == nil {
			blocks = homeBlocks(h)
		} else {
			d.log.Warn("a home tab could not be filled")
		}
		view := api.HomeTabViewRequest{Type: api.VTHomeTab, Blocks: api.Blocks{BlockSet: blocks}}
		err := d.call(ctx, "views.publish", "", rankWords, func() error {
			_, err := d.api.PublishViewContext(ctx, api.PublishViewContextRequest{UserID: user, View: view})
			return err
		})
		if err != nil {
			d.log.Warn("a home tab was not shown", "reason", trouble(err).Error())
		}
	}}
}

// Bounds of a home tab; Slack takes 100 blocks.
const (
	maxGroups = 10
	maxInList = 20
)

// homeBlocks draws the lists, at most three blocks each.
func homeBlocks(h handoff.Home) []api.Block {
	refresh := api.NewButtonBlockElement(actionRefresh, "", plain("新しくする"))
	out := []api.Block{
		api.NewHeaderBlock(plain("つなぐ")),
		small(h.At.In(tokyo).Format("1月2日 15:04") + " のようす（新しくするのは、30秒に一度まで）"),
		api.NewActionBlock("", refresh),
	}
	for i, g := range h.Groups {
		if i == maxGroups {
			break
		}
		out = append(out, api.NewDividerBlock(), section("*"+escape(cut(g.Title, 200))+"*　"+itoa(g.N)+" 件"))
		text := ""
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
