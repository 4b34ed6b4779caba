// Package version knows which release this is.
package version

import (
	"runtime"
	"runtime/debug"
)

// number is set by the linker: -X rollcall/internal/version.number=1.2.0. A build without it is named after its commit.
var number string

// String returns the release, such as 1.2.0, or "devel" and the commit where there is none.
func String() string {
	if number != "" {
		return number
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return describe(info.Settings)
}

// describe names a build after what the Go command recorded of its commit.
func describe(settings []debug.BuildSetting) string {
	commit, dirty := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-dirty"
		}
	}
	return "devel" + commit + dirty
}

// Platform returns the operating system, the architecture and the Go release of this build.
func Platform() string { return runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version() }
