package rollcall

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckZip(t *testing.T) {
	dir := t.TempDir()
	writeZip(t, dir, "flusher_arm64.zip", "bootstrap", program(t, elf.EM_AARCH64))
	writeZip(t, dir, "stream-handler_arm64.zip", "bootstrap", program(t, elf.EM_X86_64))
	writeZip(t, dir, "items-api_arm64.zip", "main", program(t, elf.EM_AARCH64))
	writeZip(t, dir, "script_arm64.zip", "bootstrap", []byte("#!/bin/sh\n"))
	for function, want := range map[string]string{
		flusher:       "",
		streamHandler: "built for EM_X86_64, but architecture is arm64",
		itemsAPI:      "holds no bootstrap",
		"script":      "not a Linux program",
		"missing":     "run make dist",
	} {
		err := checkZip(dir, function, "arm64")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got error %v, want one with %q", function, err, want)
		}
	}
}

// program is the head of a Linux program for the machine, with nothing behind it.
func program(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	header.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeZip(t *testing.T, dir, name, member string, content []byte) {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	file, err := archive.Create(member)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
