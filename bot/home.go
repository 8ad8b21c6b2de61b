package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// Bounds of a home tab.
const (
	homeCases = 500 // open cases that are looked at
	homeLines = 15  // lines of one list
	homeHeld  = 5   // cases named beside one person
	homeSoon  = 2 * time.Hour
	homeDelay = 30 * time.Second // younger posts are no delay
)

// Home is what a member of staff sees on their home tab, of one field or ("") of
// all: what nobody has taken, what is theirs, what waits for the resident, which
// promises come near, and who holds what. At most 500 open cases are looked at; the
// lists say so. That they were shown stands in the audit trail.
func (b *Bot) Home(ctx context.Context, city, user, field string) (handoff.Home, error) {
	town, ok := b.towns[city]
	if !ok {
		return handoff.Home{}, ErrNotFound
	}
	now := b.Now()
	cases, more, err := b.openCases(ctx, city)
	if err != nil {
		return handoff.Home{}, err
	}
	delay, err := b.delay(ctx, cases, now)
	if err != nil {
		return handoff.Home{}, err
	}
	if field != "" {
		cases = slices.DeleteFunc(cases, func(k handoff.Case) bool { return k.Field != field })
	}
	groups, listed := town.City.groups(cases, user, now)
	if err := b.saw(ctx, city, user, "home", listed); err != nil {
		return handoff.Home{}, err
	}
	h := handoff.Home{At: now, Field: field, Delay: delay, Groups: groups}
	if more {
		h.Groups = append(h.Groups, handoff.HomeGroup{Title: fmt.Sprintf("開いている相談が %d 件をこえています。ここには、その一部だけが出ています", homeCases)})
	}
	h.Week, err = b.week(ctx, city, now)
	return h, err
}

// delay says that Slack is behind: cases that have no card yet, else posts that
// wait. The store counts all its cities' posts together, so that only a bot with a
// single city can tell of those.
func (b *Bot) delay(ctx context.Context, cases []handoff.Case, now time.Time) (string, error) {
	n, oldest := 0, now
	count := func(some int, since time.Time) {
		if n += some; since.Before(oldest) {
			oldest = since
		}
	}
	said := "Slack にまだカードが出ていない相談が %d 件あります（いちばん古いものは %s から）。消えたのではありません"
	for _, k := range cases {
		if k.Card.TS == "" {
			count(1, k.Since())
		}
	}
	if n == 0 && len(b.towns) == 1 {
		said = "Slack への投稿が %d 件、待っています（いちばん古いものは %s から）。消えたのではありません"
		queues, err := b.store.Queues(ctx, now)
		if err != nil {
			return "", err
		}
		for _, q := range queues {
			if q.Kind == kindCard || q.Kind == kindPost {
				count(q.N, q.Oldest)
			}
		}
	}
	if n == 0 || now.Sub(oldest) < homeDelay {
		return "", nil
	}
	return fmt.Sprintf(said, n, oldest.In(tokyo).Format("15:04")), nil
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

// groups sorts the cases into the lists; listed are the 受付番号 that stand there.
func (c *City) groups(cases []handoff.Case, user string, now time.Time) (groups []handoff.HomeGroup, listed []string) {
	unclaimed := handoff.HomeGroup{Title: "未対応", None: "いま、待っている相談はありません。"}
	mine := handoff.HomeGroup{Title: "自分の担当", None: "いま、あなたの担当はありません。"}
	soon := handoff.HomeGroup{Title: "約束が近い", None: "近い約束はありません。"}
	waiting := handoff.HomeGroup{Title: "住民の返事待ち", None: "住民の返事を待っている相談はありません。"}
	holders := handoff.HomeGroup{Title: "だれが何件", None: "いま、だれも担当していません。"}
	held := map[string][]string{}
	add := func(g *handoff.HomeGroup, line string, receipts ...string) {
		if g.N++; len(g.Lines) < homeLines {
			g.Lines = append(g.Lines, line)
			listed = append(listed, receipts...)
		}
	}
	slices.SortStableFunc(cases, func(a, b handoff.Case) int {
		return cmp.Compare(btoi(b.Urgent), btoi(a.Urgent)) // what is urgent goes first
	})
	for _, k := range cases {
		if k.State == handoff.Open {
			add(&unclaimed, line(c, k), k.Receipt)
		} else {
			held[k.Owner] = append(held[k.Owner], k.Receipt)
		}
		if k.Owner == user || slices.Contains(k.Helpers, user) {
			add(&mine, line(c, k), k.Receipt)
		}
		if k.State == handoff.Claimed && k.Owed.IsZero() {
			add(&waiting, line(c, k), k.Receipt)
		}
		if !k.Promised.IsZero() && !k.Blocked && k.Promised.Before(c.later(now, homeSoon)) {
			text := "まで"
			if !k.Promised.After(now) {
				text = "を過ぎています"
			}
			add(&soon, line(c, k)+"　約束 "+directory.Moment(k.Promised, now)+text, k.Receipt)
		}
	}
	for _, who := range slices.SortedFunc(maps.Keys(held), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(held[b]), len(held[a])), strings.Compare(a, b))
	}) {
		all := held[who]
		text := strings.Join(all[:min(len(all), homeHeld)], "、")
		if len(all) > homeHeld {
			text += " ほか"
		}
		add(&holders, fmt.Sprintf("<@%s>　%d 件：%s", who, len(all), text), all[:min(len(all), homeHeld)]...)
	}
	return []handoff.HomeGroup{unclaimed, mine, soon, waiting, holders}, listed
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
		{label: "つなぎ直し", prefix: "handedon"}, {label: "担当ちがい", prefix: "misroute|"}, {label: "終了", prefix: "closed|"},
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
