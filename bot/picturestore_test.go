package bot_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/handoff"
)

// A picture goes along to another store and under another key, and from there goes in
// its time; a store with many of them is copied as any other.
func TestPicturesMoveAndAreSealedAnew(t *testing.T) {
	w := sendingTown(t)
	w.keys = testKey(t, 7)
	noise := image.NewNRGBA(image.Rect(0, 0, 700, 500))
	seed := uint32(1)
	for i := range noise.Pix {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = byte(seed >> 24)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise, nil); err != nil {
		t.Fatal(err)
	}
	w.desk.chosen["F0MAP"] = b.Bytes()
	w.towns[0].Pictures.PerCase = 100
	k := w.claimed()
	for range 20 {
		w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	}
	full, small, err := w.fetches()
	if err != nil || len(full) < 100<<10 || w.keptPictures() != 40 {
		t.Fatal(err, len(full), w.keptPictures())
	}
	addr := redisServer(t)
	from := w.store
	w.opener = func(cities []string) (bot.Store, error) {
		return redisstore.Open(w.ctx, "redis://"+addr+"/0", cities)
	}
	w.keys = testKey(t, 9, 7)
	to, err := w.opener([]string{"komachi"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bot.Move(w.ctx, from, to, nil); err != nil {
		t.Fatal(err)
	}
	if r, err := bot.Rekey(w.ctx, to, w.keys, nil); err != nil || r.Old > 0 || r.Unknown > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	w.keys = testKey(t, 9)
	w.restart()
	again, smallAgain, err := w.fetches()
	if err != nil || !bytes.Equal(full, again) || !bytes.Equal(small, smallAgain) {
		t.Fatal("it did not come along: ", err)
	}
	w.clicks("USTAFFa", handoff.Reply, k, text("もう一枚"), file("F0MAP")) // on Redis from the start
	if !w.stands() || w.keptPictures() != 42 {
		t.Errorf("%d are kept", w.keptPictures())
	}
	if _, err := w.bot.Forget(w.ctx, "komachi", k.Receipt); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if w.stands() || w.keptPictures() > 0 {
		t.Errorf("%d are left", w.keptPictures())
	}
}

// The file holds neither the picture nor the name of its address.
func TestAStoreTellsNoAddress(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	at, _ := w.phone.image()
	name := addressForm.FindStringSubmatch(at)[1]
	full, _, err := w.fetches()
	if err != nil {
		t.Fatal(err)
	}
	raw := w.bytes()
	if bytes.Contains(raw, []byte(name)) || bytes.Contains(raw, full[len(full)/2:len(full)/2+40]) {
		t.Error("it stands in clear")
	}
}

func (w *world) keptPictures() int {
	w.t.Helper()
	n, err := w.store.Count(w.ctx, "komachi", "komachi/p/")
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
