package envfile

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
)

// marker is the comment by which a file is known again, and which applications it belongs to.
var marker = regexp.MustCompile(`^# appcreation: installation ([0-9a-f]{8}) of (\S+)\s*$`)

// Installation is an id for this file, made when it is first needed, and the name of the pair of applications that it is
// for; "" before that. Secrets in the tenant are named after the id, so that two developers who share the applications
// can be told apart, and one's run never removes the other's secret.
func (f *File) Installation() (id, name string) {
	for _, line := range f.lines {
		if m := marker.FindStringSubmatch(line); m != nil {
			return m[1], m[2]
		}
	}
	return "", ""
}

// EnsureInstallation returns the id of [File.Installation] after it made sure that there is one, for this name.
func (f *File) EnsureInstallation(name string) string {
	id, old := f.Installation()
	if id != "" && old == name {
		return id
	}
	f.changed = true
	if id == "" {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // never fails
		id = hex.EncodeToString(random)
		f.insert(len(f.lines), "# appcreation: installation "+id+" of "+name)
		return id
	}
	for i := range f.lines {
		if marker.MatchString(f.lines[i]) {
			f.lines[i] = "# appcreation: installation " + id + " of " + name + f.lineEnd(i)
		}
	}
	return id
}
