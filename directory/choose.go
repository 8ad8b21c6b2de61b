package directory

import (
	"fmt"
	"slices"
	"strings"
)

// Age is a band of age, as far as it is known.
type Age string

const (
	AgeUnknown Age = ""
	AgeChild   Age = "child"   // under 18
	AgeAdult   Age = "adult"   // 18 to 64
	AgeElderly Age = "elderly" // 65 and over
)

// Need is what the questions found out.
type Need struct {
	// Fields are field IDs, the main one first; none = it is not known where the
	// worry belongs. A basic field's name stands for the town's first field of
	// that kind; complex marks the need as complex; unclear counts for nothing.
	Fields []string
	// District is a district ID; "" = not known.
	District string
	Age      Age
	// Complex marks several worries at once; two fields or a pattern do it too.
	Complex bool
	// Patterns are the names of 8050 and its like, as staff call them.
	Patterns []string
}

// Pick is an office and why the resident is shown it, one plain sentence without
// a full stop.
type Pick struct {
	Office Office
	Reason string
}

// Choice is which offices a resident is shown, and what staff read about it.
type Choice struct {
	// Main are the offices beside the general desk, at most two, maybe none.
	Main []Pick
	// General is the general desk, which every choice has and Main never holds.
	// In a directory without one it is the town hall, with an empty ID.
	General Pick
	// GeneralFirst is true when the general desk is the first to turn to.
	GeneralFirst bool
	// Field is the suggested field's ID; "" = not known.
	Field string
	// Complex is true when the need counts as 複合; Coordinator when the town's
	// threshold made it the coordinator's.
	Complex, Coordinator bool
	// AskDistrict is true when knowing the 地区 would lead to a nearer office.
	AskDistrict bool
	// Why are the reasons for the card, one short clause each.
	Why []string
	// Notes are for the resident, one sentence each.
	Notes []string
	// Others were considered and are not shown, for the card.
	Others []Office
}

// Picks are the offices in the order to show them, the general desk among them
// once: one to three.
func (c Choice) Picks() []Pick {
	if c.GeneralFirst {
		return append([]Pick{c.General}, c.Main...)
	}
	return append(slices.Clone(c.Main), c.General)
}

// maxMain leaves the general desk its place among three offices.
const maxMain = 2

// Choose finds the offices for a need by the town's policy. It always has an
// answer.
func (d Directory) Choose(n Need) Choice {
	c := chooser{Directory: d, need: n}
	c.General, c.fallback = d.general()
	c.here, c.known = d.district(n.District)
	fields, several := d.resolve(n.Fields)
	c.Complex = several || n.Complex || len(n.Patterns) > 0 || len(fields) > 1
	for _, f := range fields {
		c.why("分野は" + f.Name)
	}
	if c.known {
		c.why("地区は" + c.here.Name)
	}
	for _, p := range n.Patterns {
		c.why(p + "にあたる可能性")
	}
	if len(fields) > 0 {
		c.Field = fields[0].ID
	}
	switch {
	case c.Complex:
		c.chooseComplex(fields)
	case len(fields) == 0:
		c.chooseUnknown()
	default:
		c.chooseField(fields[0])
	}
	if len(c.Main) == 0 {
		c.GeneralFirst = true
		if c.fallback {
			c.addPlaces(fields)
		}
	}
	if c.overflow {
		c.Notes = append(c.Notes, "ほかにも窓口があります。くわしくは「"+c.General.Office.Name+"」で聞けます。")
	}
	return c.Choice
}

// chooser holds what is being chosen.
type chooser struct {
	Directory
	Choice
	need     Need
	here     District
	known    bool // here is known
	fallback bool // the directory has no general desk
	overflow bool
}

func (c *chooser) why(clause string) {
	if !slices.Contains(c.Why, clause) {
		c.Why = append(c.Why, clause)
	}
}

// add shows an office, or the general desk in its place, or notes it as
// considered when three are shown already.
func (c *chooser) add(o Office, reason string) {
	same := func(p Pick) bool { return p.Office.ID == o.ID }
	switch {
	case o.ID == c.General.Office.ID:
		if len(c.Main) == 0 && !c.GeneralFirst {
			c.GeneralFirst = true
			c.General.Reason = reason
		}
	case slices.ContainsFunc(c.Main, same):
	case len(c.Main) >= maxMain:
		c.overflow = true
		c.consider(o)
	default:
		c.Main = append(c.Main, Pick{o, reason})
	}
}

func (c *chooser) consider(offices ...Office) {
	for _, o := range offices {
		known := func(other Office) bool { return other.ID == o.ID }
		if !slices.ContainsFunc(c.Others, known) && o.ID != c.General.Office.ID {
			c.Others = append(c.Others, o)
		}
	}
}

func (c *chooser) chooseField(f Field) {
	here, town, elsewhere := c.serving(f)
	reason := f.Plain + "を聞ける窓口です"
	for _, o := range here {
		c.add(o, fmt.Sprintf("%s（%sの担当）", reason, c.here.spoken()))
	}
	for _, o := range town {
		c.add(o, reason)
	}
	switch {
	case len(here)+len(town)+len(elsewhere) == 0:
		c.why(f.Name + "の窓口が登録されていないため総合の窓口へ")
	case len(elsewhere) == 0:
	case c.known && len(here) == 0:
		c.why(fmt.Sprintf("%sを受け持つ%sの窓口が登録されていない", c.here.spoken(), f.Name))
		c.consider(elsewhere...)
	case !c.known:
		c.askDistrict(f)
		// Two centres can both be shown, each with its districts. One of three or
		// more would be a guess.
		mains := slices.DeleteFunc(slices.Clone(elsewhere), func(o Office) bool { return o.Branch != "" })
		if len(town) == 0 && len(mains) <= maxMain {
			c.GeneralFirst = true
			for _, o := range mains {
				c.add(o, c.districtsOf(o)+"の人の窓口です")
			}
			return
		}
		c.consider(elsewhere...)
	}
}

func (c *chooser) askDistrict(f Field) {
	c.AskDistrict = true
	c.why("地区が分からないため" + f.Name + "の担当が決まらない")
	note := f.Plain + "の窓口は、お住まいの地区によって変わります。"
	if !slices.Contains(c.Notes, note) {
		c.Notes = append(c.Notes, note)
	}
}

// chooseComplex shows the general desk or the coordinator, and one office of
// each field concerned.
func (c *chooser) chooseComplex(fields []Field) {
	p := c.Policy
	coordinator, exists := c.office(p.Coordinator)
	if len(fields) > 1 {
		c.why("困りごとが重なっている（" + names(fields) + "）")
	} else {
		c.why("困りごとが重なっている")
	}
	switch {
	case p.Complex != "coordinator":
		c.GeneralFirst = true
		c.General.Reason = "いくつかの困りごとを、まとめて聞ける窓口です"
		c.why("重なる相談は総合の窓口へという市の決まり")
	case exists && p.Threshold > 0 && len(fields) >= p.Threshold:
		c.Coordinator = true
		c.add(coordinator, "いくつかの困りごとを、まとめて聞ける窓口です")
		c.why(fmt.Sprintf("%d分野以上は「%s」へという市の決まり", p.Threshold, coordinator.Name))
	default:
		c.why("多機関協働の目安に届かないため分野の窓口へ")
	}
	for _, f := range fields {
		here, town, elsewhere := c.serving(f)
		offices := append(here, town...)
		switch {
		case len(offices) > 0:
			c.add(offices[0], f.Plain+"を聞ける窓口です")
			c.consider(offices[1:]...)
		case len(elsewhere) > 0 && !c.known:
			c.askDistrict(f)
			c.consider(elsewhere...)
		default:
			c.why(f.Name + "の窓口が登録されていないため総合の窓口へ")
			c.consider(elsewhere...)
		}
	}
}

// chooseUnknown is for residents who do not know where their worry belongs.
func (c *chooser) chooseUnknown() {
	c.why("分野がまだ分からない")
	if c.Policy.Unknown == "field" {
		basic := map[Age]string{AgeChild: "child", AgeElderly: "elderly"}[c.need.Age]
		if fields, _ := c.resolve([]string{basic}); len(fields) > 0 {
			c.Field = fields[0].ID
			c.why("年齢から" + fields[0].Name + "の窓口へ")
			c.chooseField(fields[0])
			return
		}
	}
	c.GeneralFirst = true
	for _, o := range c.Offices {
		if o.General && !o.Place {
			c.add(o, generalReason)
		}
	}
	if c.Policy.Unknown == "nearest" {
		for _, o := range c.Offices {
			if c.known && !o.Place && slices.Contains(o.Districts, c.here.ID) && o.Branch == "" {
				c.add(o, c.here.spoken()+"の窓口です")
			}
		}
		c.Notes = append(c.Notes, "連絡しやすい窓口に聞いてかまいません。")
	}
}

// addPlaces shows 拠点, which take no handoffs: only where a directory has
// neither a general desk nor an office for the field.
func (c *chooser) addPlaces(fields []Field) {
	for _, f := range fields {
		for _, o := range c.Offices {
			if o.Place && slices.Contains(o.Fields, f.ID) {
				c.add(o, f.Plain+"で立ち寄れる場所です")
			}
		}
	}
}

// serving lists a field's offices: those of the resident's district, those of
// the whole town, and those of other districts; main offices before branches.
// The coordinator takes no complex case by default.
func (c *chooser) serving(f Field) (here, town, elsewhere []Office) {
	for _, branch := range []bool{false, true} {
		for _, o := range c.Offices {
			switch {
			case o.Place || (o.Branch != "") != branch || !slices.Contains(o.Fields, f.ID):
			case o.ID == c.Policy.Coordinator && f.Basic == "complex" && o.ID != c.General.Office.ID:
			case len(o.Districts) == 0:
				town = append(town, o)
			case c.known && slices.Contains(o.Districts, c.here.ID):
				here = append(here, o)
			default:
				elsewhere = append(elsewhere, o)
			}
		}
	}
	return here, town, elsewhere
}

const generalReason = "どこに相談すればよいか分からないときの窓口です"

// general is the town's general desk; missing is true when the directory names
// none, then it is the town hall.
func (d Directory) general() (desk Pick, missing bool) {
	if o, ok := d.office(d.Policy.General); ok {
		return Pick{o, generalReason}, false
	}
	for _, o := range d.Offices {
		if o.General {
			return Pick{o, generalReason}, false
		}
	}
	name := d.Policy.PhoneName
	if name == "" {
		name = "市役所・町村役場"
	}
	return Pick{Office{Name: name, General: true, Phone: d.Policy.Phone}, generalReason}, true
}

func (d Directory) office(id string) (Office, bool) {
	for _, o := range d.Offices {
		if id != "" && o.ID == id {
			return o, true
		}
	}
	return Office{}, false
}

// resolve turns IDs into the town's fields, each once; several is true when
// complex is among them.
func (d Directory) resolve(ids []string) (fields []Field, several bool) {
	for _, id := range ids {
		if id == "complex" {
			several = true
			continue
		}
		i := slices.IndexFunc(d.Fields, func(f Field) bool { return f.ID == id })
		if i < 0 {
			i = slices.IndexFunc(d.Fields, func(f Field) bool { return id != "" && f.Basic == id })
		}
		if i >= 0 && !slices.Contains(fields, d.Fields[i]) {
			fields = append(fields, d.Fields[i])
		}
	}
	return fields, several
}

func (d Directory) districtsOf(o Office) string {
	var names []string
	for _, id := range o.Districts {
		if district, ok := d.district(id); ok {
			names = append(names, district.spoken())
		}
	}
	return strings.Join(names, "・")
}

func names(fields []Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return strings.Join(out, "・")
}
