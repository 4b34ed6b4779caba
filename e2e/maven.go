//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// Artifact is a Maven artifact: group, name and version.
type Artifact struct{ Group, Name, Version string }

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rollcall</groupId>
  <artifactId>e2e</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>
  </dependencies>
</project>
`

// Jars returns a folder that holds the artifact and everything that it needs to run, fetched once.
func Jars(t *testing.T, a Artifact) string {
	t.Helper()
	dir := CacheDir(t, a.Name+"-"+a.Version)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	mvn := Need(t, "mvn", "Maven 3; Debian: apt-get install maven")
	// Fetched beside its place and then moved there, so that a run that is ended in between leaves nothing half done.
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		t.Fatalf("make folder for %s: %v", a.Name, err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), fmt.Appendf(nil, pom, a.Group, a.Name, a.Version), 0o644); err != nil {
		t.Fatalf("write pom: %v", err)
	}
	jars := filepath.Join(work, "jars")
	cmd := exec.CommandContext(t.Context(), mvn, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+jars)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("missing: %s:%s:%s, which Maven could not fetch (%v):\n%s", a.Group, a.Name, a.Version, err, out)
	}
	if err := os.Rename(jars, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // else another run was faster
			t.Fatalf("keep %s: %v", a.Name, err)
		}
	}
	return dir
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// Java returns the path of a Java of at least 17.
func Java(t *testing.T) string {
	t.Helper()
	const how = "a JDK of version 17 or later; Debian: apt-get install openjdk-17-jdk-headless"
	java := Need(t, "java", how)
	out, err := exec.CommandContext(t.Context(), java, "-version").CombinedOutput()
	if err != nil {
		t.Fatalf("missing: %s: java -version: %v: %s", how, err, out)
	}
	if m := javaVersion.FindSubmatch(out); m != nil {
		if version, err := strconv.Atoi(string(m[1])); err == nil && version >= 17 {
			return java
		}
	}
	t.Fatalf("missing: %s: this one says %q", how, bytes.SplitN(out, []byte("\n"), 2)[0])
	return ""
}
