package bot

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// Who does something beside the staff, who stand in the trail by their Slack
// user IDs.
const (
	byResident = "resident"
	byProgram  = "program"
)

// Deed is one line of the audit trail: who did what, and no content.
type Deed struct {
	At      time.Time `json:"t"`
	Who     string    `json:"w"` // a Slack user ID, "resident" or "program"
	What    string    `json:"d"` // an action's kind, consent, reopen, takeback, withdraw, back, expire, forget, find, list, mine, home or rules
	Receipt string    `json:"r"` // the case's 受付番号
	// Seen are the 受付番号 of the cases that a list showed.
	Seen []string `json:"s,omitempty"`
	// Note is the field that a case was handed to or asked for help, picture when one
	// went along, or the rules' fingerprint.
	Note string `json:"n,omitempty"`
}

// did writes down what is done with the case at hand.
func (t *turn) did(who, what, note string) {
	d := Deed{At: t.now, Who: who, What: what, Note: note}
	if t.k != nil {
		d.Receipt = t.k.Receipt
	}
	t.audit = append(t.audit, d)
}

// auditTime sorts as text, because the city's clock has one offset all year.
const auditTime = "2006-01-02T15:04:05.000000"

func auditID(city, rest string) string { return city + "/a/" + rest }

// auditRecords are the turn's deeds. Their IDs follow from the job, so that a
// change made twice writes them once.
func (b *Bot) auditRecords(job *Job, t *turn) ([]Record, error) {
	var all []Record
	for i, d := range t.audit {
		r, err := b.auditRecord(t.city, fmt.Sprintf("%s/%d", job.ID, i), d)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// auditRecord is one deed; from names it once and for all.
func (b *Bot) auditRecord(city *City, from string, d Deed) (r Record, err error) {
	sum := sha256.Sum256([]byte(from))
	r = Record{ID: auditID(city.ID, d.At.In(tokyo).Format(auditTime)+"-"+short(sum[:10])), City: city.ID, Touched: d.At}
	keep := city.Keep.Audit
	if keep <= 0 {
		keep = DefaultKeep.Audit
	}
	r.Expires = d.At.Add(keep)
	r.Body, err = b.keys.seal(r.ID, d)
	return r, err
}

// Lister is the part of a Store that Audit reads.
type Lister interface {
	List(ctx context.Context, city, prefix, after string, limit int) ([]Record, error)
}

// Audit reads a city's trail by time, from and to inclusive, days as 2026-11-22;
// "" = without an end. after is the next of the page before, "" = first page;
// next is "" on the last page. Limit is as Store.List has it.
func Audit(ctx context.Context, s Lister, k *Keys, city, from, to, after string, limit int) (page []Deed, next string, err error) {
	limit = PageLimit(limit)
	after = max(after, auditID(city, from))
	records, err := s.List(ctx, city, auditID(city, ""), after, limit)
	if err != nil {
		return nil, "", err
	}
	end := auditID(city, to+"~") // after every time of that day
	for _, r := range records {
		if to != "" && r.ID > end {
			return page, "", nil
		}
		var d Deed
		if err := k.open(r.ID, r.Body, &d); err != nil {
			return nil, "", err
		}
		page = append(page, d)
	}
	if len(records) == limit {
		next = records[limit-1].ID
	}
	return page, next, nil
}
