package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tsunagu/handoff"
)

// Bounds of a home tab.
const (
	homeCases = 500 // open cases that are looked at
	homeLines = 15  // lines of one list
	homeSoon  = 2 * time.Hour
)

// Home is what a member of staff sees on their home tab: what nobody has taken,
// what is theirs, what waits for the resident, which promises come near, and who
// holds how much. At most 500 open cases are looked at; the lists say so.
func (b *Bot) Home(ctx context.Context, city, user string) (handoff.Home, error) {
	town, ok := b.towns[city]
	if !ok {
		return handoff.Home{}, ErrNotFound
	}
	now := b.Now()
	cases, more, err := b.openCases(ctx, city)
	if err != nil {
		return handoff.Home{}, err
	}
	h := handoff.Home{At: now, Groups: town.City.groups(cases, user, now)}
	if more {
		h.Groups = append(h.Groups, handoff.HomeGroup{Title: fmt.Sprintf("開いている相談が %d 件をこえています。ここには、その一部だけが出ています", homeCases)})
	}
	h.Week, err = b.week(ctx, city, now)
	return h, err
}

// openCases reads what is not closed, oldest first.
func (b *Bot) openCases(ctx context.Context, city string) (all []handoff.Case, more bool, err error) {
	q := CaseQuery{Open: true, Limit: 100}
	for {
		records, next, err := b.store.Cases(ctx, city, q)
		if err != nil {
			return nil, false, err
		}
		for _, r := range records {
			var k handoff.Case
			if err := b.keys.open(r.ID, r.Body, &k); err != nil {
				return nil, false, err
			}
			all = append(all, k)
		}
		if next == "" || len(all) >= homeCases {
			slices.SortFunc(all, func(a, b handoff.Case) int { return a.Opened.Compare(b.Opened) })
			return all, next != "", nil
		}
		q.Cursor = next
	}
}

// Unposted says how many cases have no card in Slack yet, and since when the
// oldest waits for it. At most 500 cases that nobody holds are looked at.
func (b *Bot) Unposted(ctx context.Context, city string) (n int, since time.Time, err error) {
	q := CaseQuery{Unclaimed: true, Limit: 100}
	for range homeCases / q.Limit {
		records, next, err := b.store.Cases(ctx, city, q)
		if err != nil {
			return 0, since, err
		}
		for _, r := range records {
			if slices.ContainsFunc(r.Keys, func(key string) bool { return strings.HasPrefix(key, "thread/") }) {
				continue
			}
			var k handoff.Case
			if err := b.keys.open(r.ID, r.Body, &k); err != nil {
				return 0, since, err
			}
			if n++; since.IsZero() || k.Since().Before(since) {
				since = k.Since()
			}
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	return n, since, nil
}

// groups sorts the cases into the lists.
func (c *City) groups(cases []handoff.Case, user string, now time.Time) []handoff.HomeGroup {
	var unclaimed, mine, waiting, soon, holders handoff.HomeGroup
	unclaimed.Title, mine.Title, waiting.Title = "未対応", "自分の担当", "住民の返事待ち"
	soon.Title, holders.Title = "約束が近い", "だれが何件"
	held := map[string]int{}
	add := func(g *handoff.HomeGroup, line string) {
		if g.N++; len(g.Lines) < homeLines {
			g.Lines = append(g.Lines, line)
		}
	}
	slices.SortStableFunc(cases, func(a, b handoff.Case) int {
		return cmp.Compare(btoi(b.Urgent), btoi(a.Urgent)) // what is urgent goes first
	})
	for _, k := range cases {
		if k.State == handoff.Open {
			add(&unclaimed, line(c, k))
		} else {
			held[k.Owner]++
		}
		if k.Owner == user || slices.Contains(k.Helpers, user) {
			add(&mine, line(c, k))
		}
		if k.State == handoff.Claimed && k.Owed.IsZero() {
			add(&waiting, line(c, k))
		}
		if !k.Promised.IsZero() && k.Promised.Before(c.later(now, homeSoon)) {
			text := "まで"
			if !k.Promised.After(now) {
				text = "を過ぎています"
			}
			add(&soon, line(c, k)+"　約束 "+moment(k.Promised, now)+text)
		}
	}
	for _, who := range slices.SortedFunc(maps.Keys(held), func(a, b string) int {
		return cmp.Or(cmp.Compare(held[b], held[a]), strings.Compare(a, b))
	}) {
		add(&holders, fmt.Sprintf("<@%s>　%d 件", who, held[who]))
	}
	return []handoff.HomeGroup{unclaimed, mine, soon, waiting, holders}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// week counts the last seven days.
func (b *Bot) week(ctx context.Context, city string, now time.Time) ([]handoff.Row, error) {
	facts, err := b.store.Facts(ctx, city, now.AddDate(0, 0, -6).Format(time.DateOnly), now.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	counts := []struct {
		label, prefix string
		n             int
	}{
		{label: "新しい相談", prefix: "case|"}, {label: "引き受け", prefix: "staff|claim"}, {label: "住民への返事", prefix: "staff|reply"},
		{label: "つなぎ直し", prefix: "staff|handon"}, {label: "担当ちがい", prefix: "misroute|"}, {label: "終了", prefix: "closed|"},
		{label: "約束の時刻を過ぎた", prefix: "reminded|broken"},
	}
	for _, f := range facts {
		for i := range counts {
			if strings.HasPrefix(f.Name, counts[i].prefix) {
				counts[i].n += f.N
			}
		}
	}
	var out []handoff.Row
	for _, c := range counts {
		out = append(out, handoff.Row{Label: c.label, Text: itoa(c.n)})
	}
	return out, nil
}
