package apply

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// writeSettings corrects development.env, with the ids that are known by now.
func (r *runner) writeSettings() error {
	for _, value := range desired.Values(r.Settings, r.File.Values(), r.others) {
		r.File.Set(value.Name, value.Text)
	}
	for _, value := range plan.Settings(r.Settings, r.Local) {
		text := value.Text
		if text == plan.SessionKey {
			key := make([]byte, plan.SessionKeySize)
			_, _ = rand.Read(key) // never fails
			text = base64.StdEncoding.EncodeToString(key)
		}
		r.File.Set(value.Name, text)
	}
	if r.Settings.Certificate || r.Settings.Federated != nil {
		for _, role := range desired.Roles {
			r.File.Clear(role.Prefix() + "_CLIENT_SECRET") // the template's placeholder, too
		}
	}
	r.File.EnsureInstallation(r.Settings.Name)
	return r.File.Save()
}

func (r *runner) forgetSettings(step plan.Step) error {
	for _, value := range step.Values {
		r.File.Set(value.Name, value.Text)
	}
	return r.File.Save()
}

// deleteFiles deletes key pairs that were made here.
func deleteFiles(files []string) error {
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("deleting the key pair: %w", err)
		}
	}
	return nil
}
