package oktasim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockName is the file of a folder whose lock is the folder's. It stays when the lock is gone.
const lockName = "rollcall.lock"

// ErrFolderInUse is returned for a folder that another process keeps its state in.
var ErrFolderInUse = errors.New("in use by another rollcall")

// FolderLock keeps other processes from a folder. The operating system takes it back when the process dies.
type FolderLock struct {
	file *os.File
}

// LockFolder makes the folder if it is not there, and locks it until Unlock or the process's death. A folder that is locked
// is ErrFolderInUse at once.
func LockFolder(dir string) (*FolderLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	file, err := lockFile(filepath.Join(dir, lockName))
	if errors.Is(err, ErrFolderInUse) {
		return nil, fmt.Errorf("folder %s is %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	return &FolderLock{file}, nil
}

// Unlock lets others lock the folder.
func (l *FolderLock) Unlock() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("unlock folder: %w", err)
	}
	return nil
}
