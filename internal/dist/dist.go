// Package dist packs the functions for AWS: a binary for the provided.al2023 runtime and the configuration, in a zip that
// comes out the same, byte for byte, wherever and whenever it is built from the same sources by the same release of Go.
package dist

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"rollcall/internal/config"
)

// Functions returns the functions that are packed: folders under cmd.
func Functions() []string { return []string{"stream-handler", "flusher", "items-api"} }

// Architectures returns those that Lambda has, as Go names them.
func Architectures() []string { return []string{"arm64", "amd64"} }

// Options say what to pack.
type Options struct {
	// Module is the folder of this module's go.mod.
	Module string
	// Out is the folder for the zips, which is made if need be.
	Out string
	// Version is what the functions call themselves.
	Version string
	// Config is the file that goes into the zips as rollcall.yaml. One with mistakes is refused.
	Config string
}

// Zip is one packed function.
type Zip struct {
	Function, Architecture string
	// Path is Out/FUNCTION_ARCHITECTURE.zip.
	Path string
	// BinaryBytes and ZipBytes are the sizes unpacked and packed.
	BinaryBytes, ZipBytes int64
	// SHA256 is of the zip, in hexadecimal.
	SHA256 string
}

// Pack builds and packs one function.
func Pack(ctx context.Context, o Options, function, architecture string) (Zip, error) {
	settings, err := os.ReadFile(o.Config)
	if err != nil {
		return Zip{}, fmt.Errorf("read configuration: %w", err)
	}
	if _, err := config.Load(settings, func(string) (string, bool) { return "", false }); err != nil {
		return Zip{}, fmt.Errorf("check %s: %w", o.Config, err)
	}
	binary, err := build(ctx, o, function, architecture)
	if err != nil {
		return Zip{}, err
	}
	packed, err := archive([]file{{"bootstrap", 0o755, binary}, {"rollcall.yaml", 0o644, settings}})
	if err != nil {
		return Zip{}, fmt.Errorf("pack %s: %w", function, err)
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return Zip{}, fmt.Errorf("make folder: %w", err)
	}
	path := filepath.Join(o.Out, function+"_"+architecture+".zip")
	if err := os.WriteFile(path, packed, 0o644); err != nil {
		return Zip{}, fmt.Errorf("write zip: %w", err)
	}
	return Zip{
		Function: function, Architecture: architecture, Path: path,
		BinaryBytes: int64(len(binary)), ZipBytes: int64(len(packed)), SHA256: fmt.Sprintf("%x", sha256.Sum256(packed)),
	}, nil
}

// build returns the binary. Nothing of this machine goes into it: no paths, no C, no build ID, no commit but Version; and
// nothing of the opinions on how to build that the environment, go env -w and a go.work have.
func build(ctx context.Context, o Options, function, architecture string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "rollcall-dist-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(folder)
	sources, err := sourcesOf(ctx, o)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(folder, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X rollcall/internal/version.number="+o.Version, "-o", binary, "./cmd/"+function)
	cmd.Dir = o.Module
	cmd.Env = append(append(os.Environ(), sources...), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0",
		"GOENV=off", "GOWORK=off", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s for %s: %w\n%s", function, architecture, err, output)
	}
	return os.ReadFile(binary)
}

// sourcesOf returns what the environment and go env -w say of where modules come from and lie, which is no matter of how to
// build.
func sourcesOf(ctx context.Context, o Options) ([]string, error) {
	names := []string{
		"GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOVCS", "GOAUTH", "GOPATH", "GOMODCACHE", "GOCACHE",
		"GOTOOLCHAIN",
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"env"}, names...)...)
	cmd.Dir = o.Module
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask for the settings of Go: %w", err)
	}
	values := strings.Split(string(output), "\n")
	settings := make([]string, len(names))
	for i, name := range names {
		settings[i] = name + "=" + values[i]
	}
	return settings, nil
}
