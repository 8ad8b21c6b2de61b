package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tsunagu/handoff"
	"tsunagu/triage"
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
	text := strings.ReplaceAll(t.t(name, "from", t.from(a.By), "receipt", k.Receipt), "{words}", a.Text)
	if a.File != "" {
		text += "\n\n" + t.t("staff.picture", "day", dayText(c.pictureEnds(a.At)))
	}
	return text
}

// Doubts are what in a staff message had better not reach a resident, a line each:
// wording that the city does not use, and names. Nothing is forbidden by it.
func (c *City) Doubts(text string) (out []string) {
	if c.Warn != nil {
		out = c.Warn(text)
	}
	own, other := triage.Named(text)
	if own != "" && !c.StaffNames {
		out = append(out, "「"+own+"」は、人の名前ではありませんか。職員の名前は書かず、窓口の名前で伝えます。")
	}
	if other != "" {
		out = append(out, "「"+other+"」は、人の名前ではありませんか。ほかの人の名前は、書かない決まりです。")
	}
	return out
}

// maxListed bounds the lines of an answer to a command.
const maxListed = 30

// List answers a member of staff who asks by command: "list" names the open cases,
// those that nobody has taken first, "mine" those that the one who asks holds or
// helps with, "find" the one with the 受付番号 that a resident says at the counter.
// At most 30 lines. What was shown stands in the audit trail.
func (b *Bot) List(ctx context.Context, city, user, what, arg string) (string, error) {
	town, ok := b.towns[city]
	if !ok {
		return "", ErrNotFound
	}
	if what == "find" {
		return b.lookUp(ctx, town.City, user, arg)
	}
	cases, more, err := b.openCases(ctx, city)
	if err != nil {
		return "", err
	}
	titles, groups := []string{"未対応", "対応中"}, make([][]handoff.Case, 2)
	if what == "mine" {
		titles = []string{"担当", "応援"}
	}
	for _, k := range cases {
		switch {
		case what != "mine":
			groups[btoi(k.State != handoff.Open)] = append(groups[btoi(k.State != handoff.Open)], k)
		case k.Owner == user:
			groups[0] = append(groups[0], k)
		case slices.Contains(k.Helpers, user):
			groups[1] = append(groups[1], k)
		}
	}
	var out, listed []string
	for i, g := range groups {
		if len(g) > 0 {
			out = append(out, fmt.Sprintf("%s　%d 件", titles[i], len(g)))
		}
		for _, k := range g {
			if len(listed) == maxListed {
				more = true
				break
			}
			out, listed = append(out, "・"+line(town.City, k)), append(listed, k.Receipt)
		}
	}
	switch {
	case len(listed) == 0 && what == "mine":
		return "いま、あなたの担当はありません。", nil
	case len(listed) == 0:
		return "いま、開いている相談はありません。", nil
	case more:
		out = append(out, "ほかにもあります。ホームタブか、受付番号で見てください。")
	}
	return strings.Join(out, "\n"), b.saw(ctx, city, user, what, listed)
}

// lookUp finds a case by its 受付番号, as it is typed.
func (b *Bot) lookUp(ctx context.Context, city *City, user, arg string) (string, error) {
	receipt, ok := handoff.ReadReceipt(arg)
	if !ok {
		return "受付番号は「みかん-4821」のように、ひらがなと数字 4 つです。", nil
	}
	k, err := b.Find(ctx, city.ID, "receipt/"+receipt)
	if errors.Is(err, ErrNotFound) {
		return "受付番号「" + receipt + "」の相談はありません。終了して保管の期間が過ぎたか、番号がちがいます。", nil
	}
	if err != nil {
		return "", err
	}
	return line(city, k), b.saw(ctx, city.ID, user, "find", []string{receipt})
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
