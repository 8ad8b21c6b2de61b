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
// the base's, as they are printed.
func fingerprint(own fs.FS, base string) string {
	sum := sha256.Sum256([]byte(printed(own) + "\n" + base + "\n"))
	return hex.EncodeToString(sum[:6])
}

// printed lists files with what they hold, for a fingerprint. Plays do not count.
func printed(from fs.FS) string {
	var out strings.Builder
	left, buffer := maxPrinted, make([]byte, 64<<10)
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
		fmt.Fprintf(&out, "%s %x\n", name, one.Sum(nil))
		return nil
	})
	return out.String()
}
