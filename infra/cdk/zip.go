package rollcall

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"path/filepath"
)

// zipName is how make dist names a function's zip.
func zipName(function, architecture string) string {
	return fmt.Sprintf("%s_%s.zip", function, architecture)
}

// checkZip returns an error unless the function's zip is in the directory and holds a bootstrap for the architecture. A zip
// that was renamed is found out: the machine is read from the program itself.
func checkZip(directory, function, architecture string) error {
	name := zipName(function, architecture)
	path := filepath.Join(directory, name)
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("packages.directory: open %s: %w: run make dist, or set architecture to that of the zips", path, err)
	}
	defer archive.Close()
	file, err := archive.Open("bootstrap")
	if err != nil {
		return fmt.Errorf("packages.directory: %s holds no bootstrap: %w", path, err)
	}
	defer file.Close()
	program, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("packages.directory: read bootstrap of %s: %w", path, err)
	}
	header, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("packages.directory: bootstrap of %s is not a Linux program: %w", path, err)
	}
	want := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}[architecture]
	if header.Machine != want {
		return fmt.Errorf("packages.directory: %s is built for %s, but architecture is %s", path, header.Machine, architecture)
	}
	return nil
}
