// Package function is what the three Lambda functions have in common: where their configuration is, how they log, how
// they take invocations and how they end.
package function

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"rollcall/internal/config"
)

// configFile is the configuration's name in the zip, beside the binary.
const configFile = "rollcall.yaml"

// Config loads a function's configuration: rollcall.yaml beside the binary where there is one, then the environment.
// Required are the settings that the function cannot do without; see config.Load. A variable that looks like a setting
// and is none is a problem too: it would be a setting that nobody heeds. Nothing is called.
func Config(required ...string) (config.Config, error) {
	cfg, err := config.LoadFile(filepath.Join(folder(), configFile), required...)
	if errors.Is(err, fs.ErrNotExist) {
		cfg, err = config.LoadFile("", required...)
	}
	return cfg, errors.Join(err, config.CheckVariables(os.Environ()))
}

// folder is where Lambda unpacked the zip.
func folder() string {
	if root := os.Getenv("LAMBDA_TASK_ROOT"); root != "" {
		return root
	}
	binary, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(binary)
}
