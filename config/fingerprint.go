package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// maxPrinted bounds the files of a fingerprint.
const maxPrinted = 10_000

// fingerprint is a short name of all that a city is read from: its own files and
// the base's. Plays do not count.
func fingerprint(own, base fs.FS) string {
	h := sha256.New()
	left, buffer := maxPrinted, make([]byte, 64<<10)
	for _, from := range []fs.FS{own, base} {
		_ = fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
			if left--; left < 0 {
				return fs.SkipAll
			}
			if err != nil {
				return nil // what cannot be read is told elsewhere
			}
			if e.IsDir() {
				if name == "conversations" || name != "." && strings.HasPrefix(e.Name(), ".") {
					return fs.SkipDir
				}
				return nil
			}
			if ext := path.Ext(name); ext != ".yaml" && ext != ".txt" {
				return nil
			}
			f, err := from.Open(name)
			if err != nil {
				return nil
			}
			defer f.Close()
			one := sha256.New()
			_, _ = io.CopyBuffer(one, io.LimitReader(f, maxFile), buffer)
			fmt.Fprintf(h, "%s %x\n", name, one.Sum(nil))
			return nil
		})
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
