package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// exportedBase are the base's files that an exported city gets a copy of, to be
// read and changed. The word rules, the crisis rules, the examples and the
// forbidden phrases stay the program's, so that they grow with it.
var exportedBase = []string{cityFile, triageFile, textsFile, hotlinesFile, cannedFile}

// Export writes a built-in city into a folder for editing, with the base's files
// beside it in base/. The folder must be empty or not there yet; nothing is
// overwritten.
func Export(name, dir string) error {
	own, ok := builtIn(name)
	if !ok {
		return fmt.Errorf("「%s」という市は入っていません%s", name, meant(name, BuiltIn()))
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("フォルダーを開けません：%w", err)
	case len(entries) > 0:
		return fmt.Errorf("「%s」は空ではありません。新しいフォルダーを書いてください", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("フォルダーを作れません：%w", err)
	}
	err := fs.WalkDir(own, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return copyFile(own, path, filepath.Join(dir, filepath.FromSlash(path)))
	})
	if err != nil {
		return fmt.Errorf("書き出せません：%w", err)
	}
	for _, file := range exportedBase {
		if err := copyFile(base(), file, filepath.Join(dir, "base", file)); err != nil {
			return fmt.Errorf("書き出せません：%w", err)
		}
	}
	return nil
}

// copyFile writes a file that must not be there yet.
func copyFile(from fs.FS, name, to string) error {
	data, err := fs.ReadFile(from, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}
