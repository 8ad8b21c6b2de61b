package line

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tsunagu/bot"
)

// What cannot be given is said without telling why, and so many at once are enough.
func TestTheDoorOfPicturesIsBounded(t *testing.T) {
	name := strings.Repeat("a", 32)
	under, goOn := make(chan struct{}), make(chan struct{})
	door := httptest.NewServer(Pictures(func(_ context.Context, city, got string, small bool) ([]byte, error) {
		switch {
		case got != name:
			t.Errorf("asked for %q", got)
		case city == "slow":
			under <- struct{}{}
			<-goOn
		case city == "broken":
			return nil, errors.New("the store is away")
		case city != "hokuto":
			return nil, bot.ErrNotFound
		}
		if small {
			return []byte("small"), nil
		}
		return []byte("full"), nil
	}))
	defer door.Close()
	ask := func(path string) (int, http.Header) {
		res, err := http.Get(door.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode, res.Header
	}
	for path, want := range map[string]int{
		"/picture/hokuto/" + name: 200, "/picture/hokuto/" + name + "/small": 200, "/picture/other/" + name: 404, "/picture/broken/" + name: 503,
		"/picture/hokuto/" + name + "a": 404, "/picture/hokuto/" + strings.ToUpper(name): 404, "/picture/hokuto/..%2f" + name: 404, "/picture/hokuto/" + name + "/x": 404,
	} {
		status, h := ask(path)
		if status != want || status == 503 && h.Get("Retry-After") == "" || status == 404 && strings.Contains(h.Get("Content-Type"), "image") {
			t.Errorf("%s: %d %v", path, status, h)
		}
	}
	pieces, err := http.NewRequest("GET", door.URL+"/picture/hokuto/"+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	pieces.Header.Set("Range", "bytes=0-0,2-2")
	res, err := http.DefaultClient.Do(pieces)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != 200 || string(whole) != "full" || res.ContentLength != 4 || err != nil {
		t.Errorf("asked for in pieces: %d, %d bytes, %q, %v", res.StatusCode, res.ContentLength, whole, err)
	}
	done := make(chan int)
	for range maxPictures {
		go func() {
			res, err := http.Get(door.URL + "/picture/slow/" + name)
			if err != nil {
				done <- 0
				return
			}
			res.Body.Close()
			done <- res.StatusCode
		}()
		<-under
	}
	if status, h := ask("/picture/hokuto/" + name); status != 503 || h.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", status)
	}
	close(goOn)
	for range maxPictures {
		if status := <-done; status != 200 {
			t.Errorf("one of those before: %d", status)
		}
	}
	if status, _ := ask("/picture/hokuto/" + name); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
}
