package sqlitestore

import (
	"os"
	"path/filepath"
	"testing"

	"tsunagu/bot"
	"tsunagu/bot/storetest"
)

func openTest(t testing.TB, path string, cities ...string) *Store {
	t.Helper()
	if len(cities) == 0 {
		cities = []string{"hokuto"}
	}
	s, err := Open(path, cities)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	paths := map[bot.Store]string{}
	storetest.Run(t, func(t *testing.T, cities ...string) bot.Store {
		path := filepath.Join(t.TempDir(), "tsunagu.db")
		s := openTest(t, path, cities...)
		paths[s] = path
		return s
	}, storetest.Options{
		Reopen: func(t *testing.T, s bot.Store) bot.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openTest(t, paths[s], s.(*Store).cities...)
		},
		Raw: func(t *testing.T, s bot.Store) []byte {
			// Without Vacuum: what is deleted must be overwritten at once, which
			// the main file shows after a checkpoint.
			checkpoint(t, s.(*Store))
			return files(t, paths[s])
		},
	})
}

func checkpoint(t *testing.T, s *Store) {
	t.Helper()
	err := s.submit(&call{ctx: t.Context(), alone: true, done: make(chan struct{}), do: func(c *conn) error {
		return c.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// files is the content of the database and of all that lies beside it.
func files(t *testing.T, path string) (all []byte) {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}
