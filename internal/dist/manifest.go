package dist

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// ManifestName is the file beside the zips that says what each is. Terraform, which cannot look into a zip, finds by it one
// that was renamed or exchanged.
const ManifestName = "manifest.json"

// manifest is what the file holds.
type manifest struct {
	Version string `json:"version"`
	// Zips are by their names.
	Zips map[string]packed `json:"zips"`
}

type packed struct {
	Architecture string `json:"architecture"`
	SHA256       string `json:"sha256"`
}

// WriteManifest writes the file about zips that were packed with the options.
func WriteManifest(o Options, zips []Zip) error {
	m := manifest{Version: o.Version, Zips: map[string]packed{}}
	for _, z := range zips {
		m.Zips[filepath.Base(z.Path)] = packed{z.Architecture, z.SHA256}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if err := os.WriteFile(filepath.Join(o.Out, ManifestName), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}
