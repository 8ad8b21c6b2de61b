package bot

import (
	"context"
	"crypto/sha256"
	"net/url"
	"slices"
	"strings"
	"time"

	"tsunagu/handoff"
)

// Pictures are which pictures staff may send to a resident. The zero value is none.
type Pictures struct {
	Days    int   // how long one stands at its address
	Max     int64 // bytes of one, as staff chose it
	PerCase int
}

// On says whether staff may send any.
func (p Pictures) On() bool { return p.Days > 0 }

// cameBack: staff took it back, or the case was closed.
const cameBack cameOf = "back"

// PictureOrigin is a public address that LINE fetches pictures from, without its last slash; "" when
// it is none.
func PictureOrigin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return strings.TrimRight(raw, "/")
}

// sendsPictures says whether a city's staff may send pictures: it turned them on, and
// there is an address to fetch them from.
func (b *Bot) sendsPictures(c *City) bool { return c.Pictures.On() && b.public != "" }

// pictureID names the record of a picture, or of its small one. The secret name of
// its address is only in the sealed conversation: the store's own keys do not tell it.
func pictureID(city, name string, small bool) string {
	sum := sha256.Sum256([]byte(name))
	id := city + "/p/" + short(sum[:20])
	if small {
		id += "-s"
	}
	return id
}

// address is where LINE fetches a picture.
func (s *speech) address(name string, small bool) string {
	a := s.public + "/picture/" + s.job.City + "/" + name
	if small {
		a += "/small"
	}
	return a
}

// Picture is the JPEG at an address, or its small one; ErrNotFound when none stands
// there, never did, or its time is over.
func (b *Bot) Picture(ctx context.Context, city, name string, small bool) ([]byte, error) {
	town, ok := b.towns[city]
	if !ok || !b.sendsPictures(town.City) {
		return nil, ErrNotFound
	}
	id := pictureID(city, name, small)
	r, err := b.store.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if !b.Now().Before(r.Expires) {
		return nil, ErrNotFound // the sweep comes later
	}
	return b.keys.openBytes(id, r.Body)
}

// hanging is a picture that is to stand at an address.
type hanging struct {
	name        string
	full, small []byte
	ends        time.Time
}

// hung are the names of the pictures that stand.
func (c *Conversation) hung() (names []string) {
	for i := range c.Words {
		if c.Words[i].Name != "" {
			names = append(names, c.Words[i].Name)
		}
	}
	return names
}

// hang makes the store hold what the conversation says: a picture that no message
// names any more goes with it, whatever the reason was.
func (b *Bot) hang(ch *Change, t *turn) {
	var stand []string
	if !t.gone {
		stand = t.c.hung()
	}
	for _, x := range t.hangs {
		for _, small := range []bool{false, true} {
			r := Record{ID: pictureID(t.city.ID, x.name, small), City: t.city.ID, Touched: t.now, Expires: x.ends}
			body := x.full
			if small {
				body = x.small
			}
			r.Body = b.keys.sealBytes(r.ID, body)
			ch.Records = append(ch.Records, r)
		}
	}
	for _, name := range t.hung {
		if !slices.Contains(stand, name) {
			ch.Gone = append(ch.Gone, pictureID(t.city.ID, name, false), pictureID(t.city.ID, name, true))
		}
	}
}

// unsendable says why a picture may not go along, "" when it may or there is none.
func (t *turn) unsendable(a handoff.Action) string {
	if a.File == "" || a.Kind != handoff.Reply && a.Kind != handoff.Correct {
		return ""
	}
	if !t.sends {
		return t.desk("picture.off")
	}
	n := 0
	for i := range t.c.Words {
		if m := &t.c.Words[i]; m.Case == t.k.ID && m.Picture != "" {
			n++
		}
	}
	if n >= t.city.Pictures.PerCase {
		return t.desk("picture.many", "n", itoa(t.city.Pictures.PerCase))
	}
	return ""
}

// fetched takes in a picture that staff sent, and speaks their message: with it, or,
// when it was taken back meanwhile, without; not at all when it could not be had.
func (t *turn) fetched(r result) {
	m := t.c.find(r.Key)
	if m == nil || t.lost || t.k == nil || m.Case != t.k.ID || m.Name != "" || m.Mark != handoff.MarkSending {
		return
	}
	t.kDirty = true // what the message says of the case's taking may be told with it
	if m.Came == cameBack {
		t.utter(m)
		return
	}
	switch r.Came {
	case cameShown:
		m.Name, m.Came, m.Ends = r.Arg, cameShown, t.city.pictureEnds(t.now)
		t.hangs = append(t.hangs, hanging{m.Name, r.Full, r.Small, m.Ends})
		t.utter(m)
	case cameLate:
		if since := t.now.Sub(m.At); since < giveUpDesk {
			t.timers = append(t.timers, timer{Kind: timerFetch, Due: t.now.Add(again(since)), Arg: m.ID})
			return
		}
		t.fact("unfetched")
		fallthrough
	default:
		m.Came = cameFailed
		m.Mark = handoff.MarkFailed + "（写真を取り出せませんでした。文も送っていません）"
	}
	t.fact("picture|" + string(m.Came))
	t.redraw(m)
}

// pictureBack makes the picture of a sent message unseen at its address.
func (t *turn) pictureBack(a handoff.Action) {
	for i := range t.c.Words {
		if m := &t.c.Words[i]; m.Case == t.k.ID && m.Spot.TS != "" && m.Spot.TS == a.Spot.TS && t.unhang(m) {
			t.did(a.By, string(handoff.TakeBack), "")
			return
		}
	}
	t.tell(a, t.desk("picture.gone"))
}

// unhang takes a message's picture from its address, if it stands there or is on its
// way.
func (t *turn) unhang(m *Message) bool {
	if m.Picture == "" || m.Came != "" && m.Came != cameShown {
		return false
	}
	m.Name, m.Came = "", cameBack
	t.fact("picture|" + string(cameBack))
	t.redraw(m)
	return true
}

// takeDown ends all pictures of a case that was closed.
func (t *turn) takeDown() {
	for i := range t.c.Words {
		if m := &t.c.Words[i]; m.Case == t.k.ID {
			t.unhang(m)
		}
	}
}

// pictureEnds is when a picture sent now goes: the end of a day in Japan.
func (c *City) pictureEnds(now time.Time) time.Time {
	y, m, d := now.In(tokyo).Date()
	return time.Date(y, m, d+c.Pictures.Days+1, 0, 0, 0, 0, tokyo)
}

// dayText is the last day before a midnight.
func dayText(ends time.Time) string { return ends.In(tokyo).AddDate(0, 0, -1).Format("1月2日") }

// pictureMark says below a sent message how its picture fares.
func (c *City) pictureMark(m *Message) string {
	name := "desk.picture." + string(m.Came)
	switch m.Came {
	case "":
		name = "desk.picture.way"
	case cameFailed:
		return "" // the mark says it
	}
	return c.Texts.say(false, name, "day", dayText(m.Ends))
}

// PictureNo says, in a sentence for who chose it, why data is no picture that can be
// sent; "" when it is one.
func (c *City) PictureNo(data []byte) string {
	if int64(len(data)) > c.Pictures.Max {
		return c.Texts.say(false, "desk.picture.big")
	}
	if _, _, how := decode(data); how != cameShown {
		return c.Texts.say(false, "desk.picture."+string(how))
	}
	return ""
}
