package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// dayKeys name the weekdays in paths, indexed by time.Weekday.
var dayKeys = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (c *checker) checkHours(path string, h *Hours) {
	if h == nil {
		return
	}
	if !h.ever() {
		c.fault(path, "開いている曜日がありません。分からないときは hours を書かないでください")
	}
	for day, spans := range h.Week {
		for i, s := range spans {
			at := fmt.Sprintf("%s.%s[%d]", path, dayKeys[day], i)
			switch {
			case s.From < 0 || s.To > dayMinutes:
				c.fault(at, "時刻は 0:00 から 24:00 までです")
			case s.From >= s.To:
				c.fault(at, "終わりが始まりより前です。夜をまたぐときは 24:00 で二日に分けます")
			case slices.ContainsFunc(spans[:i], func(o Span) bool { return s.From < o.To && o.From < s.To }):
				c.fault(at, "同じ日のほかの時間と重なっています")
			}
		}
	}
	for i, run := range h.Closed {
		c.checkDates(fmt.Sprintf("%s.closed[%d]", path, i), run)
	}
}

func (c *checker) checkDates(path string, run Dates) {
	year := func(s string) (form int, ok bool) {
		switch len(s) {
		case len("12-29"):
			_, err := time.Parse(time.DateOnly, "2000-"+s) // a leap year has 02-29
			return len(s), err == nil
		default:
			_, err := time.Parse(time.DateOnly, s)
			return len(s), err == nil
		}
	}
	from, ok := year(run.From)
	if !ok {
		c.fault(path+".from", "日付「%s」は正しくありません（12-29 か 2026-08-13 の形）", run.From)
		return
	}
	if run.To == "" {
		return
	}
	switch to, ok := year(run.To); {
	case !ok:
		c.fault(path+".to", "日付「%s」は正しくありません（12-29 か 2026-08-13 の形）", run.To)
	case from != to:
		c.fault(path, "始まりと終わりは同じ形（どちらも年あり、または年なし）で書きます")
	case from == len(time.DateOnly) && run.To < run.From:
		c.fault(path, "終わりが始まりより前です")
	}
}

func (c *checker) checkCalendar() {
	cal := c.Calendar
	if cal.YearEnd != (Dates{}) {
		c.checkDates("calendar.yearend", cal.YearEnd)
	}
	c.checkHours("calendar.staff", cal.Staff)
	switch _, ok := cal.Promise(c.now); {
	case cal.Answer < 0:
		c.fault("calendar.answer", "返事までの時間が負です")
	case cal.Answer > 0 && cal.Staff == nil:
		c.fault("calendar.answer", "職員が読む時間（staff）がないので、返事の時間を約束できません")
	case cal.Answer > 0 && !ok:
		c.fault("calendar.answer", "職員が読む時間では、一年かけても届かない約束です")
	case cal.Staff == nil:
		c.warn("calendar.staff", "職員が読む時間がありません。いつ読むかは住民に伝えません")
	}
}

func (c *checker) checkPolicy() {
	p := c.Policy
	offices := ids(c.Offices, func(o Office) string { return o.ID })
	c.oneOf("policy.general", "窓口", p.General, offices)
	c.oneOf("policy.coordinator", "窓口", p.Coordinator, offices)
	c.oneOf("policy.unknown", "言葉", p.Unknown, []string{"general", "nearest", "field"})
	c.oneOf("policy.complex", "言葉", p.Complex, []string{"general", "coordinator"})
	if p.General == "" {
		c.fault("policy.general", "総合の窓口がありません。どこにも当てはまらない相談が行きどころを失います")
	}
	if o, ok := c.office(p.General); ok && o.Place {
		c.fault("policy.general", "拠点は総合の窓口になれません")
	}
	if o, ok := c.office(p.Coordinator); ok && o.Place {
		c.fault("policy.coordinator", "拠点は多機関協働の窓口になれません")
	}
	if p.Complex == "coordinator" && p.Coordinator == "" {
		c.fault("policy.coordinator", "重なる相談を受ける窓口（coordinator）がありません")
	}
	if p.Threshold < 0 {
		c.fault("policy.threshold", "分野の数が負です")
	}
	c.phone("policy.phone", p.Phone)
	if p.Phone == "" {
		c.warn("policy.phone", "代表の電話番号がありません。電話のない窓口の代わりを案内できません")
	}
	c.oneOf("prefecture", "都道府県", c.Prefecture, prefectures)
	if c.Prefecture == "" {
		c.fault("prefecture", "都道府県がありません。電話相談の番号を選べません")
	}
}

func (c *checker) checkHotlines() {
	c.unique("hotlines", ids(c.Hotlines, func(h Hotline) string { return h.ID }))
	for i, h := range c.Hotlines {
		path := fmt.Sprintf("hotlines[%d]", i)
		if h.Name == "" {
			c.fault(path+".name", "名前がありません")
		}
		if h.Number == "" {
			c.fault(path+".number", "番号がありません")
		}
		c.phone(path+".number", h.Number)
		for j, p := range h.Only {
			c.oneOf(fmt.Sprintf("%s.only[%d]", path, j), "都道府県", p, prefectures)
		}
		for j, p := range h.Except {
			c.oneOf(fmt.Sprintf("%s.except[%d]", path, j), "都道府県", p, prefectures)
		}
		for j, k := range h.Kinds {
			c.oneOf(fmt.Sprintf("%s.kinds[%d]", path, j), "危機の種類", k, crisisKinds)
		}
		if len(h.Kinds) == 0 && !h.Always {
			c.warn(path+".kinds", "危機の種類がないので、表示しません")
		}
		c.checkHours(path+".hours", h.Hours)
		if !h.Hours.ever() {
			c.warn(path+".hours", "受付時間が確認されていないので、表示しません")
		}
		if h.Source == "" {
			c.warn(path+".source", "出典がありません")
		}
		c.age(path+".verified", h.Verified)
	}
	c.checkClosers()
}

// checkClosers looks for the numbers that every list of hotlines ends with.
func (c *checker) checkClosers() {
	var other bool
	have := map[string]bool{}
	for _, h := range c.Hotlines {
		if h.Always && h.Hours.ever() && h.reaches(c.Prefecture) {
			have[h.Number] = true
			other = other || len(h.Number) > 3
		}
	}
	var missing []string
	for _, number := range []string{"110", "119", "189"} {
		if !have[number] {
			missing = append(missing, number)
		}
	}
	if len(missing) > 0 {
		c.fault("hotlines", "いつも示す番号がありません：%s", strings.Join(missing, "、"))
	}
	if !other {
		c.warn("hotlines", "この都道府県で、24時間話を聞く電話（よりそいホットライン）がいつも示されるようになっていません")
	}
}
