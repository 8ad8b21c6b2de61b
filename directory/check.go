package directory

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Fault is something wrong with a directory, told to its administrator.
type Fault struct {
	// Path is the place, as in offices[2].phone or hotlines[0].hours.mon[1].
	Path string
	Text string
	// Warning is true when the service can run with it all the same.
	Warning bool
	// Known lists what could have stood there, when the fault is an unknown word.
	Known []string
}

// stale is the age at which an entry should be looked at again: plans are issued
// yearly.
const stale = 400 * 24 * time.Hour

var (
	basics      = []string{"elderly", "disability", "child", "poverty", "complex"}
	crisisKinds = []string{"medical_emergency", "fire_crime", "suicide", "child_abuse", "violence",
		"elder_abuse", "disability_abuse", "no_food_or_shelter", "any"}
	modes       = []string{"直営", "委託", "一部委託", "直営+委託"}
	prefectures = strings.Fields(`北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
		東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府
		兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県
		熊本県 大分県 宮崎県 鹿児島県 沖縄県`)
)

// Check finds every fault of a directory, in the order of its parts. now decides
// what is stale.
func Check(d Directory, now time.Time) []Fault {
	c := &checker{Directory: d, now: now}
	c.checkFields()
	c.checkOffices()
	c.checkDistricts()
	c.checkCalendar()
	c.checkDuty()
	c.checkPolicy()
	c.checkHotlines()
	return c.faults
}

type checker struct {
	Directory
	now    time.Time
	faults []Fault
}

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, Fault{Path: path, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) warn(path, format string, args ...any) {
	c.faults = append(c.faults, Fault{Path: path, Text: fmt.Sprintf(format, args...), Warning: true})
}

// oneOf faults a word that is not among the known ones; an empty word passes.
func (c *checker) oneOf(path, what, word string, known []string) {
	if word != "" && !slices.Contains(known, word) {
		c.faults = append(c.faults, Fault{Path: path, Text: what + "「" + word + "」は登録されていません", Known: known})
	}
}

// unique faults missing and repeated IDs of a list.
func (c *checker) unique(list string, ids []string) {
	for i, id := range ids {
		path := fmt.Sprintf("%s[%d].id", list, i)
		switch {
		case id == "":
			c.fault(path, "id がありません")
		case slices.Index(ids, id) < i:
			c.fault(path, "id「%s」が二度使われています", id)
		}
	}
}

func (c *checker) phone(path, number string) {
	text, dialable := phoneFault(number)
	switch {
	case number == "" || text == "":
	case dialable:
		c.warn(path, "%s", text)
	default:
		c.fault(path, "%s", text)
	}
}

// age warns of an entry that was last looked at long ago.
func (c *checker) age(path string, checked time.Time) {
	switch {
	case checked.IsZero():
		c.warn(path, "確認した日がありません")
	case checked.After(c.now):
		c.warn(path, "確認した日が先の日付です")
	case c.now.Sub(checked) > stale:
		c.warn(path, "確認してから400日を過ぎています（%s）", checked.In(Tokyo).Format(time.DateOnly))
	}
}

func (c *checker) checkFields() {
	c.unique("fields", ids(c.Fields, func(f Field) string { return f.ID }))
	if len(c.Fields) == 0 {
		c.fault("fields", "分野が一つもありません")
	}
	for i, f := range c.Fields {
		path := fmt.Sprintf("fields[%d]", i)
		if f.Name == "" {
			c.fault(path+".name", "職員に見せる名前がありません")
		}
		if f.Plain == "" {
			c.fault(path+".plain", "住民に見せる言い方がありません")
		}
		if f.Basic == "" {
			c.fault(path+".basic", "基本の分野がありません")
		}
		c.oneOf(path+".basic", "基本の分野", f.Basic, basics)
		provider := func(o Office) bool { return !o.Place && slices.Contains(o.Fields, f.ID) }
		if !slices.ContainsFunc(c.Offices, provider) {
			c.warn(path, "この分野の窓口がありません。相談は総合の窓口へ案内します")
		}
	}
}

func (c *checker) checkOffices() {
	known := ids(c.Offices, func(o Office) string { return o.ID })
	fields := ids(c.Fields, func(f Field) string { return f.ID })
	districts := ids(c.Districts, func(d District) string { return d.ID })
	c.unique("offices", known)
	for i, o := range c.Offices {
		path := fmt.Sprintf("offices[%d]", i)
		if o.Name == "" {
			c.fault(path+".name", "名前がありません")
		}
		for j, f := range o.Fields {
			c.oneOf(fmt.Sprintf("%s.fields[%d]", path, j), "分野", f, fields)
		}
		if len(o.Fields) == 0 && !o.General && !o.Place && o.ID != c.Policy.General && o.ID != c.Policy.Coordinator {
			c.fault(path+".fields", "分野がないので、この窓口は案内されません")
		}
		for j, id := range o.Districts {
			c.oneOf(fmt.Sprintf("%s.districts[%d]", path, j), "地区", id, districts)
		}
		c.oneOf(path+".mode", "運営のしかた", o.Mode, modes)
		c.checkBranch(path+".branch", o, known)
		c.checkContact(path, o)
	}
}

func (c *checker) checkBranch(path string, o Office, known []string) {
	c.oneOf(path, "窓口", o.Branch, known)
	if o.Branch == "" {
		return
	}
	if main, ok := c.office(o.Branch); ok && (o.Branch == o.ID || main.Branch != "") {
		c.fault(path, "本体の窓口ではありません")
	}
}

func (c *checker) checkContact(path string, o Office) {
	const notReady = "がありません（公開の準備ができていません）"
	c.phone(path+".phone", o.Phone)
	c.phone(path+".fax", o.Fax)
	if o.Phone == "" {
		c.warn(path+".phone", "電話番号%s", notReady)
	}
	if o.Address == "" {
		c.warn(path+".address", "住所%s", notReady)
	}
	if !o.Hours.ever() {
		c.warn(path+".hours", "開いている時間%s", notReady)
	}
	if u, err := url.Parse(o.URL); o.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		c.fault(path+".url", "https:// で始まるアドレスを書きます")
	}
	c.checkHours(path+".hours", o.Hours)
	if o.Source == "" {
		c.warn(path+".source", "出典がありません")
	}
	c.age(path+".checked", o.Checked)
}

func (c *checker) checkDistricts() {
	areas := ids(c.Areas, func(a Area) string { return a.ID })
	c.unique("areas", areas)
	c.unique("districts", ids(c.Districts, func(d District) string { return d.ID }))
	owner := map[string]int{} // folded name → the district that has it
	for i, d := range c.Districts {
		path := fmt.Sprintf("districts[%d]", i)
		if d.Name == "" {
			c.fault(path+".name", "名前がありません")
		}
		c.oneOf(path+".area", "圏域", d.Area, areas)
		for _, key := range d.keys() {
			j, taken := owner[key]
			switch {
			case !taken:
				owner[key] = i
			case c.Districts[j].Area != d.Area && slices.Contains(d.keys()[:1], key):
				c.fault(path+".area", "「%s」が二つの圏域に入っています（もう一つは %s）", d.Name, c.Districts[j].ID)
			default:
				c.warn(path, "「%s」という呼び名は「%s」にもあります。住民にはどちらかを聞きます", key, c.Districts[j].Name)
			}
		}
	}
	for i, a := range c.Areas {
		switch _, in := c.DistrictMenu(a.ID); {
		case a.ID == "": // faulted above
		case len(in) == 0:
			c.warn(fmt.Sprintf("areas[%d]", i), "この圏域に地区がありません")
		case len(in) > MaxChoices:
			c.warn(fmt.Sprintf("areas[%d]", i), "地区が%dをこえるので、ボタンに並びません", MaxChoices)
		}
	}
	if top, rest := c.DistrictMenu(""); len(top)+len(rest) > MaxChoices {
		c.warn("districts", "最初に並ぶ選択肢が%dをこえます。圏域に分けてください", MaxChoices)
	}
	c.checkCoverage()
}

// checkCoverage warns of districts that a field's district offices leave out.
func (c *checker) checkCoverage() {
	for i, f := range c.Fields {
		covered, whole, any := map[string]bool{}, false, false
		for _, o := range c.Offices {
			if o.Place || !slices.Contains(o.Fields, f.ID) {
				continue
			}
			any = true
			whole = whole || len(o.Districts) == 0
			for _, id := range o.Districts {
				covered[id] = true
			}
		}
		var left []string
		for _, d := range c.Districts {
			if !covered[d.ID] {
				left = append(left, d.Name)
			}
		}
		if any && !whole && len(left) > 0 {
			c.warn(fmt.Sprintf("fields[%d]", i), "この分野の窓口が受け持たない地区があります：%s", strings.Join(left, "、"))
		}
	}
}

// ids collects one string of each entry.
func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, entry := range list {
		out[i] = id(entry)
	}
	return out
}
