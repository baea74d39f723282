package explain

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFilesOfTheHopsExist: a file that was renamed leaves readers nowhere.
func TestFilesOfTheHopsExist(t *testing.T) {
	t.Parallel()
	for path, about := range subjects() {
		for _, one := range fourHops(about) {
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(one.File))); err != nil {
				t.Errorf("hop %d of %s: %v", one.Number, path, err)
			}
		}
	}
}
