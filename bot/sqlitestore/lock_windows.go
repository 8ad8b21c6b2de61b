package sqlitestore

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile opens the file at path so that nobody else can until it is closed.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("%w (%s is locked): %w", ErrLocked, path, err)
	}
	return os.NewFile(uintptr(h), path), nil
}
