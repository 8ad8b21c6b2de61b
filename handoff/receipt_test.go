package handoff

import (
	"regexp"
	"testing"
)

var receiptShape = regexp.MustCompile(`^[ぁ-ゖゝ-ゟ]{2,4}-[0-9]{4}$`)

// FuzzReceipt: what is read as a 受付番号 has its shape, whatever was typed.
func FuzzReceipt(f *testing.F) {
	f.Add("みかん-4821")
	f.Add(" み か ん ー ４８２１")
	f.Add("ミカン4821")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ReadReceipt(s)
		if !ok {
			return
		}
		if again, ok := ReadReceipt(got); !ok || again != got || !receiptShape.MatchString(got) {
			t.Errorf("%q is read as %q, then %q, %t", s, got, again, ok)
		}
	})
}

func TestAReceiptIsReadAsPeopleTypeIt(t *testing.T) {
	for typed, want := range map[string]string{
		"みかん-4821": "みかん-4821", "みかん4821": "みかん-4821", "ミカンー４８２１": "みかん-4821", " みかん － 4821 ": "みかん-4821", "ﾐｶﾝ-4821": "みかん-4821",
		"みかん-482": "", "mikan-4821": "", "みかん-48211": "", "ひまわりー-4821": "", "": "",
	} {
		if got, ok := ReadReceipt(typed); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %t", typed, got, ok)
		}
	}
	for n := range uint32(5000) {
		if made := Receipt(n * 858993); !receiptShape.MatchString(made) {
			t.Fatalf("%d makes %q", n, made)
		}
	}
}
