package bot

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"slices"
)

const (
	// maxPixels bounds a picture before it is decoded: 25 million take some 100 MB.
	maxPixels = 25_000_000
	quality   = 88 // of a JPEG that is written anew
)

// clean makes of what a resident sent what staff may be shown. A picture is written
// anew: its pixels stay, upright, and all else goes, the place where it was taken
// above all; of a GIF its first frame. A PDF stays as it is.
func clean(data []byte, kinds []string) (ext string, out []byte, how cameOf) {
	switch kind := http.DetectContentType(data); {
	case kind == "application/pdf" && slices.Contains(kinds, kindPDF):
		return "pdf", data, cameShown
	case !slices.Contains(kinds, kindImage):
		return "", nil, cameKind
	}
	picture, turned, how := decode(data)
	if how != cameShown {
		return "", nil, how
	}
	var b bytes.Buffer
	var err error
	if http.DetectContentType(data) == "image/jpeg" {
		ext, err = "jpg", jpeg.Encode(&b, upright(picture, turned), &jpeg.Options{Quality: quality})
	} else {
		ext, err = "png", png.Encode(&b, picture)
	}
	if err != nil {
		return "", nil, cameFailed
	}
	return ext, b.Bytes(), cameShown
}

// decode reads a picture. What it is, its bytes say, never its name. turned is how
// it is to be held.
func decode(data []byte) (picture image.Image, turned int, how cameOf) {
	var config func(*bytes.Reader) (image.Config, error)
	var read func(*bytes.Reader) (image.Image, error)
	switch http.DetectContentType(data) {
	case "image/jpeg":
		turned = orientation(data)
		config = func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
	case "image/png":
		config = func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	case "image/gif":
		config = func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }
	default:
		return nil, 0, cameKind
	}
	size, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, 0, cameFailed
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height || wide(size.ColorModel) && size.Width > maxPixels/2/size.Height {
		return nil, 0, cameBig
	}
	if picture, err = read(bytes.NewReader(data)); err != nil {
		return nil, 0, cameFailed
	}
	return picture, turned, cameShown
}

// wide says whether a pixel takes eight bytes.
func wide(m color.Model) bool { return m == color.RGBA64Model || m == color.NRGBA64Model }

// upright turns a picture as its orientation (Exif 2.3, tag 0x0112) says; 1, and
// what is no orientation, leaves it.
func upright(in image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Rect, in, in.Bounds().Min, draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	// Where the first pixel goes, and how far its right and its lower neighbour are.
	const px = 4
	right, down := px, out.Stride
	if orientation >= 5 {
		right, down = out.Stride, px
	}
	at := 0
	if slices.Contains([]int{2, 3, 7, 8}, orientation) {
		at, right = at+(w-1)*right, -right
	}
	if slices.Contains([]int{3, 4, 6, 7}, orientation) {
		at, down = at+(h-1)*down, -down
	}
	for y := range h {
		row := flat.Pix[y*flat.Stride:]
		for x := range w {
			to := at + y*down + x*right
			copy(out.Pix[to:to+px], row[x*px:x*px+px])
		}
	}
	return out
}

// orientation finds how a JPEG's Exif says that it is to be held, 0 = it does not.
func orientation(jpg []byte) int {
	for rest := jpg[2:]; len(rest) > 4 && rest[0] == 0xFF && rest[1] != 0xDA; {
		n := int(binary.BigEndian.Uint16(rest[2:4])) // with itself
		if n < 2 || len(rest) < 2+n {
			return 0
		}
		if body, is := bytes.CutPrefix(rest[4:2+n], []byte("Exif\x00\x00")); is && rest[1] == 0xE1 {
			return tiffOrientation(body)
		}
		rest = rest[2+n:]
	}
	return 0
}

func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := int64(order.Uint32(tiff[4:8]))
	if first+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first : first+2]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 0
}
