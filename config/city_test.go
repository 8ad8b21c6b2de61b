package config

import (
	"testing"
	"time"

	"tsunagu/directory"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, directory.Tokyo)

// Every built-in city loads, and what Check finds beside it is no more than
// warnings.
func TestBuiltInCitiesLoad(t *testing.T) {
	for _, name := range BuiltIn() {
		t.Run(name, func(t *testing.T) {
			c, faults := LoadCity(name)
			if len(faults) > 0 {
				t.Fatal(Report(faults))
			}
			if c.ID != name {
				t.Errorf("id %q in folder %q", c.ID, name)
			}
			for _, o := range c.Directory.Offices {
				if o.Does != "" && o.Easy == "" {
					t.Errorf("office %s says in no easy words what it does", o.ID)
				}
			}
			t.Log(Report(Check(name, noon)))
		})
	}
}
