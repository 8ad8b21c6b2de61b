package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tsunagu/handoff"
)

// Preview is a staff message as the resident's phone will show it.
func (c *City) Preview(k handoff.Case, a handoff.Action) string {
	t := turn{city: c, k: &k, c: &Conversation{}}
	name := "staff"
	if c.NoticeTaken && !k.Announced {
		name = "staff.first"
	}
	if a.Kind == handoff.Correct {
		name = "staff.correct"
	}
	return strings.ReplaceAll(t.t(name, "from", t.from(), "receipt", k.Receipt), "{words}", a.Text)
}

// List answers a member of staff who asks by command: "list" names the cases
// that nobody has taken, "mine" those of the one who asks, "find" the one with
// the 受付番号 that a resident says at the counter. At most 30 lines.
func (b *Bot) List(ctx context.Context, city, user, what, arg string) (string, error) {
	town, ok := b.towns[city]
	if !ok {
		return "", ErrNotFound
	}
	if what == "find" {
		k, err := b.Find(ctx, city, "receipt/"+strings.TrimSpace(arg))
		if errors.Is(err, ErrNotFound) {
			return fmt.Sprintf("受付番号「%s」の相談はありません。", strings.TrimSpace(arg)), nil
		}
		if err != nil {
			return "", err
		}
		return line(town.City, k), nil
	}
	q := CaseQuery{Unclaimed: true, Limit: 30}
	none := "だれも引き受けていない相談はありません。"
	if what == "mine" {
		q = CaseQuery{Owner: user, Limit: 30}
		none = "あなたが引き受けている相談はありません。"
	}
	records, more, err := b.store.Cases(ctx, city, q)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, r := range records {
		var k handoff.Case
		if err := b.keys.open(r.ID, r.Body, &k); err != nil {
			return "", err
		}
		lines = append(lines, line(town.City, k))
	}
	if len(lines) == 0 {
		return none, nil
	}
	if more != "" {
		lines = append(lines, "ほかにもあります。")
	}
	return strings.Join(lines, "\n"), nil
}

// line is a case in a line: no words of the resident.
func line(c *City, k handoff.Case) string {
	parts := []string{k.Receipt, k.Title(), c.fieldName(k.Field), "受付 " + k.Opened.In(tokyo).Format("1月2日 15:04")}
	if k.Owner != "" {
		parts = append(parts, "担当 <@"+k.Owner+">")
	}
	if k.Urgent && k.State != handoff.Closed {
		parts = append([]string{"【緊急】"}, parts...)
	}
	return strings.Join(parts, "　")
}
