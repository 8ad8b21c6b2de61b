package bot_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"tsunagu/bot"
)

// Whatever is chosen: what goes is a small JPEG on white, within LINE's limits, or
// nothing.
func TestWhatAPhoneIsSentIsSmall(t *testing.T) {
	noise := image.NewNRGBA(image.Rect(0, 0, 3000, 2000))
	seed := uint32(1)
	for i := range noise.Pix {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = byte(seed >> 24)
	}
	long := image.NewGray(image.Rect(0, 0, 12000, 1))
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 10)) // see-through
	for name, m := range map[string]image.Image{"noise": noise, "long": long, "clear": clear} {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		full, small, ok := bot.ForPhone(b.Bytes())
		if !ok || len(full) > 512<<10 || len(small) > 64<<10 {
			t.Fatalf("%s: %v, %d and %d bytes", name, ok, len(full), len(small))
		}
		for i, data := range [][]byte{full, small} {
			got, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil || max(got.Bounds().Dx(), got.Bounds().Dy()) > []int{1600, 480}[i] || got.Bounds().Dx() < got.Bounds().Dy() {
				t.Errorf("%s: %v %v", name, got.Bounds(), err)
			}
			if name == "clear" && color.GrayModel.Convert(got.At(5, 5)).(color.Gray).Y < 250 {
				t.Error("see-through is not white")
			}
		}
	}
}
