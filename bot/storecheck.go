package bot

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CityOf is the city that an ID of a job or a record begins with, or "".
func CityOf(id string) string {
	city, _, ok := strings.Cut(id, "/")
	if !ok {
		return ""
	}
	return city
}

// JobsCity is the one city that all the jobs belong to; an error when there are
// two or an ID is of another. Stores ask it before they keep anything, because
// a store may hold each city in another place.
func JobsCity(jobs []Job) (string, error) {
	if len(jobs) == 0 {
		return "", nil
	}
	city := jobs[0].City
	for _, j := range jobs {
		if err := belongs(city, j.City, j.ID); err != nil {
			return "", fmt.Errorf("job: %w", err)
		}
	}
	return city, nil
}

// City is the one city that the change belongs to, by the job that it ends;
// an error when a part of it is of another, when a record stands in it twice,
// or when a key is empty or has a line break.
func (c Change) City() (string, error) {
	city := CityOf(c.Done)
	if city == "" {
		return "", fmt.Errorf("change of job %q: the ID names no city", c.Done)
	}
	for _, j := range c.Put {
		if err := belongs(city, j.City, j.ID); err != nil {
			return "", fmt.Errorf("change: job: %w", err)
		}
	}
	seen := map[string]bool{}
	for _, r := range c.Records {
		if err := belongs(city, r.City, r.ID); err != nil {
			return "", fmt.Errorf("change: record: %w", err)
		}
		if seen[r.ID] {
			return "", fmt.Errorf("change: record %q stands in it twice", r.ID)
		}
		seen[r.ID] = true
		for _, key := range r.Keys {
			if key == "" || strings.Contains(key, "\n") {
				return "", fmt.Errorf("change: record %q: a key is empty or has a line break", r.ID)
			}
		}
	}
	if c.Fresh != nil && c.Fresh.From != "" {
		if err := belongs(city, city, c.Fresh.From); err != nil {
			return "", fmt.Errorf("change: from: %w", err)
		}
	}
	for _, id := range c.Gone {
		if err := belongs(city, city, id); err != nil {
			return "", fmt.Errorf("change: gone: %w", err)
		}
	}
	for _, f := range c.Facts {
		if f.City != city {
			return "", fmt.Errorf("change: fact: city %q in a change of %q", f.City, city)
		}
	}
	return city, nil
}

func belongs(want, city, id string) error {
	if city == "" || city != want {
		return fmt.Errorf("city %q beside %q", city, want)
	}
	if CityOf(id) != city {
		return fmt.Errorf("ID %q does not begin with %q", id, city+"/")
	}
	return nil
}

// City is the one city that a page belongs to, "" for one of kept values only;
// an error when a part is of another.
func (p Page) City() (string, error) {
	city := ""
	check := func(what, c, id string) error {
		if city == "" {
			city = c
		}
		if err := belongs(city, c, id); err != nil {
			return fmt.Errorf("page: %s: %w", what, err)
		}
		return nil
	}
	var errs []error
	for _, r := range p.Records {
		errs = append(errs, check("record", r.City, r.ID))
	}
	for _, j := range p.Jobs {
		errs = append(errs, check("job", j.City, j.ID))
	}
	for _, j := range p.Done {
		errs = append(errs, check("done job", j.City, j.ID))
	}
	for _, f := range p.Facts {
		errs = append(errs, check("fact", f.City, f.City+"/"))
		if f.Day == "" || f.Name == "" {
			errs = append(errs, errors.New("page: a fact without a day or a name"))
		}
	}
	for _, k := range p.Kept {
		if k.Name == "" {
			errs = append(errs, errors.New("page: a kept value without a name"))
		}
	}
	if city != "" && len(p.Kept) > 0 {
		errs = append(errs, errors.New("page: kept values beside things of a city"))
	}
	return city, errors.Join(errs...)
}

// Section is a part of Dump: the values that are kept, then four of each city.
type Section int

// The sections in the order of Dump.
const (
	SectionKept Section = iota
	SectionRecords
	SectionJobs
	SectionDone
	SectionFacts
)

// DumpBy is Dump for a store that can read a section of a city from a position
// on ("" = its beginning): read gives at most limit things, and the position of
// the last one, or "" when there are no more.
func DumpBy(cities []string, after string, limit int,
	read func(s Section, city, after string, limit int) (page Page, last string, err error)) (page Page, next string, err error) {
	cities = slices.Sorted(slices.Values(cities))
	n, pos := 0, ""
	if after != "" {
		head, tail, ok := strings.Cut(after, ",")
		if n, err = strconv.Atoi(head); err != nil || !ok || n < 0 || n > 4*len(cities) {
			return Page{}, "", errors.New("dump: not where a page of this store ends")
		}
		pos = tail
	}
	section, city := SectionKept, ""
	if n > 0 {
		section, city = SectionRecords+Section((n-1)%4), cities[(n-1)/4]
	}
	page, last, err := read(section, city, pos, PageLimit(limit))
	switch {
	case err != nil:
		return Page{}, "", err
	case last != "":
		next = strconv.Itoa(n) + "," + last
	case n < 4*len(cities):
		next = strconv.Itoa(n+1) + ","
	}
	return page, next, nil
}

// One says whether exactly one of the query's first five fields is set.
func (q CaseQuery) One() bool {
	n := 0
	for _, set := range []bool{q.Open, q.Unclaimed, q.Owner != "", q.Field != "", !q.DueBefore.IsZero()} {
		if set {
			n++
		}
	}
	return n == 1
}

// PageLimit is Limit, or 100 where that is out of range.
func (q CaseQuery) PageLimit() int { return PageLimit(q.Limit) }

// PageLimit is limit, or 100 where that is not 1..100.
func PageLimit(limit int) int {
	if limit < 1 || limit > 100 {
		return 100
	}
	return limit
}
