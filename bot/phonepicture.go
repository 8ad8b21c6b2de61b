package bot

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
)

// What a resident is sent of a picture. LINE takes 10 MB, and 1 MB of the small one
// (Messaging API, image message); a phone and a store do with less.
const (
	longFull, maxFull   = 1600, 512 << 10 // pixels of the longer side, bytes
	longSmall, maxSmall = 480, 64 << 10
)

// forPhone makes of a picture what a resident is sent: its pixels, upright, on white,
// as JPEG, in two sizes, and nothing else that was in it.
func forPhone(data []byte) (full, small []byte, how cameOf) {
	picture, turned, how := decode(data)
	if how != cameShown {
		return nil, nil, how
	}
	page := upright(shrink(picture, longFull), turned)
	if full = within(page, longFull, maxFull); full != nil {
		small = within(page, longSmall, maxSmall)
	}
	if small == nil {
		return nil, nil, cameFailed
	}
	return full, small, cameShown
}

// within encodes a picture in at most so many bytes: first it gets coarser, then
// smaller. Nil when even that does not help.
func within(in image.Image, long, bytesMax int) []byte {
	for ; long >= 16; long /= 2 {
		page := shrink(in, long)
		for _, q := range []int{quality, 70, 50} {
			var b bytes.Buffer
			if jpeg.Encode(&b, page, &jpeg.Options{Quality: q}) == nil && b.Len() <= bytesMax {
				return b.Bytes()
			}
		}
	}
	return nil
}

// shrink puts a picture on white, its longer side at most so many pixels: each pixel
// is the mean of those it stands for. It holds a few rows of the old one at a time.
func shrink(in image.Image, long int) *image.RGBA {
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	tw, th := w, h
	if longer := max(w, h); longer > long {
		tw, th = max(1, w*long/longer), max(1, h*long/longer)
	}
	out := image.NewRGBA(image.Rect(0, 0, tw, th))
	strip := image.NewRGBA(image.Rect(0, 0, w, (h+th-1)/th+1))
	for y := range th {
		top, end := y*h/th, (y+1)*h/th
		rows := image.Rect(0, 0, w, end-top)
		draw.Draw(strip, rows, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, rows, in, in.Bounds().Min.Add(image.Pt(0, top)), draw.Over)
		for x := range tw {
			left, right := x*w/tw, (x+1)*w/tw
			var sum [3]int
			for r := range end - top {
				for at := r*strip.Stride + 4*left; at < r*strip.Stride+4*right; at += 4 {
					p := strip.Pix[at : at+4]
					sum[0], sum[1], sum[2] = sum[0]+int(p[0]), sum[1]+int(p[1]), sum[2]+int(p[2])
				}
			}
			n := (end - top) * (right - left)
			to := out.Pix[y*out.Stride+4*x:]
			for i := range sum {
				to[i] = byte(sum[i] / n)
			}
			to[3] = 255
		}
	}
	return out
}
