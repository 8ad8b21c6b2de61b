package bot_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"tsunagu/bot"
)

// photo is a JPEG, red above and blue below with one white corner, whose Exif names a place and how it is
// to be held.
func photo(t testing.TB, orientation byte) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 32))
	for y := range 32 {
		for x := range 64 {
			m.Set(x, y, color.RGBA{R: 250 * byte(1-y/16), B: 250 * byte(y/16), A: 255})
		}
	}
	for i := range 64 {
		m.Set(i%8, i/8, color.White) // the upper left corner
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
	exif = append(exif, "GPS 43.7706N 142.3650E"...)
	head := append([]byte{0xFF, 0xD8, 0xFF, 0xE1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(head, b.Bytes()[2:]...), "a film after the end, with GPS"...)
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever is sent as a picture: nothing panics, and what staff are shown is one.
func FuzzPictures(f *testing.F) {
	for orientation := range byte(10) {
		f.Add(photo(f, orientation))
	}
	f.Add(pngOf(f, 3, 2))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("%PDF-1.7"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height > 1<<16 {
			return // only slow
		}
		ext, out, shown := bot.Clean(data, []string{"image"})
		full, small, sent := bot.ForPhone(data)
		if sent != shown {
			t.Errorf("staff see it: %v, a resident: %v", shown, sent)
		}
		if !shown {
			return
		}
		for _, b := range [][]byte{full, small} {
			if _, err := jpeg.Decode(bytes.NewReader(b)); err != nil || len(b) > 512<<10 {
				t.Errorf("a phone gets %d bytes: %v", len(b), err)
			}
		}
		if _, form, err := image.DecodeConfig(bytes.NewReader(out)); err != nil || ext == "jpg" && form != "jpeg" || ext == "png" && form != "png" {
			t.Errorf("%s is %s: %v", ext, form, err)
		}
	})
}

// fixCRC makes a PNG's changed head valid again.
func fixCRC(data []byte) []byte {
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// Each of the eight ways to hold a camera leaves the red half where it was seen.
func TestPicturesStandUpright(t *testing.T) {
	for orientation, red := range map[byte]image.Point{1: {32, 4}, 2: {32, 4}, 3: {32, 28}, 4: {32, 28}, 5: {4, 32}, 6: {28, 32}, 7: {28, 32}, 8: {4, 32}, 9: {32, 4}} {
		_, out, shown := bot.Clean(photo(t, orientation), []string{"image"})
		m, err := jpeg.Decode(bytes.NewReader(out))
		if !shown || err != nil {
			t.Fatal(orientation, err)
		}
		size := m.Bounds().Max
		if r, _, b, _ := m.At(red.X, red.Y).RGBA(); r < b {
			t.Errorf("%d: not red at %v of %v", orientation, red, size)
		}
		if r, _, b, _ := m.At(size.X-1-red.X, size.Y-1-red.Y).RGBA(); r > b {
			t.Errorf("%d: not blue opposite %v of %v", orientation, red, size)
		}
		// The white corner is the camera's upper left.
		if corner := corners[orientation]; orientation < 9 {
			at := image.Pt(corner.X*(size.X-4)+2, corner.Y*(size.Y-4)+2)
			if _, g, _, _ := m.At(at.X, at.Y).RGBA(); g < 0x8000 {
				t.Errorf("%d: the corner is not at %v of %v", orientation, at, size)
			}
		}
	}
}

var corners = map[byte]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
