package envfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/joho/godotenv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
)

func TestWhatStandsThereStays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, before, after string
		set                 [][2]string
	}{
		{
			name:   "a value in place",
			before: "# first\nA=1\n\n# of someone else\nOTHER='x y'\n",
			set:    [][2]string{{"A", "2"}},
			after:  "# first\nA=2\n\n# of someone else\nOTHER='x y'\n",
		},
		{
			name:   "a new one at the end",
			before: "A=1",
			set:    [][2]string{{"B", "2"}},
			after:  "A=1\nB=2\n",
		},
		{
			name:   "a new one after the comment that names it",
			before: "# Where it listens.\n#B=default\n\nA=1\n",
			set:    [][2]string{{"B", "2"}},
			after:  "# Where it listens.\n#B=default\nB=2\n\nA=1\n",
		},
		{
			name:   "a name that only begins alike",
			before: "AB=1\nNOT_A=1\n#A B\n",
			set:    [][2]string{{"A", "2"}},
			after:  "AB=1\nNOT_A=1\n#A B\nA=2\n",
		},
		{
			name:   "export, and line ends of Windows",
			before: "export A=1\r\nB=1\r\n",
			set:    [][2]string{{"A", "2"}, {"C", "3"}},
			after:  "A=2\r\nB=1\r\nC=3\r\n",
		},
		{
			name:   "a value set twice is changed twice: the last one would win",
			before: "A=1\nA=old\n",
			set:    [][2]string{{"A", "2"}},
			after:  "A=2\nA=2\n",
		},
		{
			name:   "the same value again",
			before: "A = '1' # why\n",
			set:    [][2]string{{"A", "1"}},
			after:  "A = '1' # why\n",
		},
		{
			name:   "special characters",
			before: "",
			set:    [][2]string{{"A", "a#b $c"}, {"B", "C:\\o'brien\\$x \"y\" z"}, {"C", "Ab8Q~x.y_z-1"}},
			after:  "A='a#b $c'\nB=\"C:\\\\o'brien\\\\\\$x \\\"y\\\" z\"\nC=Ab8Q~x.y_z-1\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "development.env")
			if err := os.WriteFile(path, []byte(test.before), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := envfile.Open(path, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, set := range test.set {
				file.Set(set[0], set[1])
			}
			if err := file.Save(); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.after {
				t.Errorf("got\n%s\nwant\n%s", got, test.after)
			}
			read, err := godotenv.Unmarshal(string(got))
			if err != nil {
				t.Fatal(err)
			}
			for _, set := range test.set {
				if read[set[0]] != set[1] {
					t.Errorf("%s reads back as %q, want %q", set[0], read[set[0]], set[1])
				}
			}
		})
	}
}

func TestTheFileIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := t.TempDir()
	template := filepath.Join(dir, "production.env")
	if err := os.WriteFile(template, []byte("# how\nA=ReplaceWithSomething\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "development.env")
	file, err := envfile.Open(path, template)
	if err != nil {
		t.Fatal(err)
	}
	if file.Exists() || file.Filled("A") != "" {
		t.Errorf("exists %v, A %q: only the template is there", file.Exists(), file.Filled("A"))
	}
	file.Set("A", "1")
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	wantMode(t, path)

	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	file, err = envfile.Open(path, template)
	if err != nil {
		t.Fatal(err)
	}
	if file.Private() {
		t.Error("0644 counts as private")
	}
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	wantMode(t, path)
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

func TestALinkStaysALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real := filepath.Join(dir, "real.env")
	link := filepath.Join(dir, "development.env")
	if err := os.WriteFile(real, []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	file, err := envfile.Open(link, "")
	if err != nil {
		t.Fatal(err)
	}
	file.Set("A", "2")
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v %v", info.Mode(), err)
	}
}

func TestInstallation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "development.env")
	file, err := envfile.Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	id := file.EnsureInstallation("first")
	if err := file.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := envfile.Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if same := again.EnsureInstallation("second"); same != id || len(id) != 8 {
		t.Errorf("the id is %q, then %q", id, same)
	}
	if gotID, name := again.Installation(); gotID != id || name != "second" {
		t.Errorf("Installation is %q of %q", gotID, name)
	}
}

// TestTheErrorHidesTheLine: the line that can't be read may be the one with the secret.
func TestTheErrorHidesTheLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "development.env")
	if err := os.WriteFile(path, []byte("WEBUI_CLIENT_SECRET 'hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := envfile.Open(path, "")
	if err == nil {
		t.Fatal("a broken file was read")
	}
	if want := "reading " + path + ":\n  line 1: not of the form NAME=value"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func wantMode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %o, want 600", path, info.Mode().Perm())
	}
}
