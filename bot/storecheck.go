package bot

import (
	"fmt"
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
func (q CaseQuery) PageLimit() int {
	if q.Limit < 1 || q.Limit > 100 {
		return 100
	}
	return q.Limit
}
