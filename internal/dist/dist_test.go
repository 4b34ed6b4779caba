package dist

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxBinaryBytes is the most that an arm64 binary may be long: what is loaded before the first record is handled.
var maxBinaryBytes = map[string]int64{
	"stream-handler": 14_000_000,
	"flusher":        16_000_000,
	"items-api":      14_000_000,
}

const module = "../.."

func TestFunctionsAreSmall(t *testing.T) {
	for _, function := range Functions() {
		z := pack(t, Options{Module: module, Out: t.TempDir()}, function, "arm64")
		t.Logf("%s: binary %.2f MB, zip %.2f MB", function, float64(z.BinaryBytes)/1e6, float64(z.ZipBytes)/1e6)
		if limit := maxBinaryBytes[function]; z.BinaryBytes > limit || z.BinaryBytes == 0 {
			t.Errorf("%s: a binary of %d bytes, at most %d are allowed", function, z.BinaryBytes, limit)
		}
	}
}

// TestZipsAreReproducible packs one function twice, the second time from a copy of the sources in another folder, by
// somebody whose go env -w, environment and go.work have opinions on how to build.
func TestZipsAreReproducible(t *testing.T) {
	first := pack(t, Options{Module: module, Out: t.TempDir()}, "items-api", "arm64")
	sources := copySources(t)
	write(t, filepath.Join(filepath.Dir(sources), "go.work"), "go 1.26.0\nuse ./"+filepath.Base(sources)+"\ngodebug http2client=0\n")
	opinions := filepath.Join(t.TempDir(), "env")
	write(t, opinions, "GOFLAGS=-gcflags=-N\nGOEXPERIMENT=jsonv2\n")
	t.Setenv("GOENV", opinions)
	t.Setenv("GOARM64", "v8.2")
	second := pack(t, Options{Module: sources, Out: t.TempDir()}, "items-api", "arm64")
	a, b := read(t, first.Path), read(t, second.Path)
	if !bytes.Equal(a, b) {
		t.Errorf("two zips of the same sources differ: %d and %d bytes", len(a), len(b))
	}
}

func TestZipHoldsBootstrapAndConfiguration(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "staff.yaml")
	write(t, settings, "table: staff\n")
	z := pack(t, Options{Module: module, Out: t.TempDir(), Config: settings, Version: "1.2.3-of-the-test"}, "stream-handler", "amd64")
	if filepath.Base(z.Path) != "stream-handler_amd64.zip" {
		t.Errorf("the zip is called %s", z.Path)
	}
	packed, err := zip.OpenReader(z.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	if len(packed.File) != 2 || packed.File[0].Name != "bootstrap" || packed.File[1].Name != "rollcall.yaml" {
		t.Fatalf("the zip holds %v", packed.File)
	}
	if mode := packed.File[0].Mode(); mode != 0o755 {
		t.Errorf("bootstrap has mode %v", mode)
	}
	if text := unpack(t, packed.File[1]); string(text) != "table: staff\n" {
		t.Errorf("rollcall.yaml holds %q", text)
	}
	binary := unpack(t, packed.File[0])
	if !bytes.Contains(binary, []byte("1.2.3-of-the-test")) {
		t.Error("the binary does not know its version")
	}
	image, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	if image.Machine != elf.EM_X86_64 || image.Section(".debug_info") != nil || image.Section(".symtab") != nil {
		t.Errorf("the binary is for %v, stripped: %v", image.Machine, image.Section(".symtab") == nil)
	}
}

func TestManifestSaysWhatEachZipIs(t *testing.T) {
	o := Options{Module: module, Out: t.TempDir(), Version: "v1.2.3"}
	z := pack(t, o, "items-api", "arm64")
	if err := WriteManifest(o, []Zip{z}); err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(read(t, filepath.Join(o.Out, ManifestName)), &m); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(read(t, z.Path)))
	if m.Version != "v1.2.3" || len(m.Zips) != 1 || m.Zips["items-api_arm64.zip"] != (packed{"arm64", sum}) {
		t.Errorf("manifest %+v, want the sum %s", m, sum)
	}
}

func TestPackRefusesConfigurationWithMistakes(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "rollcall.yaml")
	write(t, settings, "mapping: {active: 'nope('}\n")
	_, err := Pack(t.Context(), Options{Module: module, Out: t.TempDir(), Config: settings}, "stream-handler", "arm64")
	if err == nil || !strings.Contains(err.Error(), "1:19: mapping.active: ") {
		t.Errorf("got %v", err)
	}
}

func pack(t *testing.T, o Options, function, architecture string) Zip {
	t.Helper()
	if o.Config == "" {
		o.Config = filepath.Join(o.Module, "rollcall.yaml")
	}
	z, err := Pack(t.Context(), o, function, architecture)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unpack(t *testing.T, f *zip.File) []byte {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// copySources copies what items-api is built of to another folder.
func copySources(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(module)
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-deps", "-f", `{{if and .Module .Module.Main}}{{.Dir}}{{end}}`, "./cmd/items-api")
	list.Dir = root
	folders, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	for _, folder := range append(strings.Fields(string(folders)), root) {
		relative, err := filepath.Rel(root, folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(to, relative), 0o750); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Type().IsRegular() {
				if err := os.WriteFile(filepath.Join(to, relative, f.Name()), read(t, filepath.Join(folder, f.Name())), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return to
}
