package triage

import (
	"bytes"
	"compress/flate"
	"io"
	"reflect"
	"testing"
)

// What is written down of what was learned reads as what was learned, and a town can
// be taught on top of either.
func TestRecall(t *testing.T) {
	l, err := baseLexicon()
	if err != nil {
		t.Fatal(err)
	}
	u, _ := Compile(l)
	r, _ := u.Learn(l.Examples[:5000], 2)
	recalled, err := u.Recall(r.Learned())
	if err != nil {
		t.Fatal(err)
	}
	town, _ := r.Town(u, bus("まんまる便"))
	recalledTown, _ := recalled.Town(u, bus("まんまる便"))
	for _, e := range l.Examples[4000:6000] {
		if a, b := r.Explain(e.Text), recalled.Explain(e.Text); !reflect.DeepEqual(a, b) {
			t.Fatalf("%s reads %+v, and recalled %+v", e.Text, a, b)
		}
		if a, b := town.Explain(e.Text), recalledTown.Explain(e.Text); !reflect.DeepEqual(a, b) {
			t.Fatalf("%s reads in a town %+v, and recalled %+v", e.Text, a, b)
		}
	}
}

// A file that is not whole, or says what cannot be, is refused.
func TestRecallWhatIsNotWhole(t *testing.T) {
	u, _ := Compile(Lexicon{})
	r, _ := u.Learn([]Example{{Text: "家賃が払えない", Field: Poverty, Crisis: None}, {Text: "家賃が払えません", Field: Poverty, Crisis: None}, {Text: "家賃が払えず", Field: Poverty, Crisis: None}}, 1)
	whole, err := io.ReadAll(flate.NewReader(bytes.NewReader(r.Learned())))
	if err != nil {
		t.Fatal(err)
	}
	pack := func(data []byte) []byte {
		var out bytes.Buffer
		w, _ := flate.NewWriter(&out, flate.BestSpeed)
		_, _ = w.Write(data)
		_ = w.Close()
		return out.Bytes()
	}
	changed := func(at int, to byte) []byte {
		data := bytes.Clone(whole)
		data[at] = to
		return pack(data)
	}
	if _, err := u.Recall(pack(whole)); err != nil {
		t.Fatal(err)
	}
	head := len(whole) - len(r.model.weights)
	for name, data := range map[string][]byte{
		"empty":         nil,
		"no stream":     []byte("つなぐ"),
		"cut":           pack(whole[:len(whole)-1]),
		"cut in front":  pack(whole[:10]),
		"too many rows": changed(7, 0xff),
		"no rows":       pack(append([]byte{3, 0, 0, 0, 0, 0, 0, 0}, whole[8:]...)),
		"far hash":      pack(append(bytes.Clone(whole[:head-1]), bytes.Repeat([]byte{0xff}, 12)...)),
	} {
		if _, err := u.Recall(data); err == nil {
			t.Errorf("%s: recalled", name)
		}
	}
}
