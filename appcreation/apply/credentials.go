package apply

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
)

// addSecret has Graph make a secret and writes it to development.env at once: nobody can see it again. If this is
// killed in between, the next run finds a secret of this development.env that isn't in it, and removes it.
func (r *runner) addSecret(ctx context.Context, role desired.Role) error {
	app := r.apps[role].Application
	return untilThere(ctx, r.Clock, func() error {
		secret, _, err := r.Client.AddPassword(ctx, app.ID, plan.CredentialName(r.File.EnsureInstallation(r.Settings.Name)), r.Clock.Now().Add(r.Settings.Life))
		if err != nil {
			return err
		}
		r.File.Set(role.Prefix()+"_CLIENT_SECRET", secret.Reveal())
		return r.File.Save()
	})
}

// removeSecret takes one away. One that is gone already is fine; Graph calls that a bad request.
func (r *runner) removeSecret(ctx context.Context, step plan.Step) error {
	err := untilThere(ctx, r.Clock, func() error {
		return r.Client.RemovePassword(ctx, r.apps[step.Role].Application.ID, step.ID)
	})
	if graph.IsBadRequest(err) {
		return nil
	}
	return err
}

// makeCertificate makes a key pair. It is in its file before anything is uploaded, so that an interrupted run finds it.
func (r *runner) makeCertificate(role desired.Role) error {
	pair, err := keypair.Create(r.Local.PairFiles[role], r.Settings.UniqueName(role), r.Clock.Now(), r.Settings.Life)
	if err != nil {
		return err
	}
	r.pairs[role] = pair
	return nil
}

// uploadCertificates gives the application the certificate of the key pair, and takes away the others that were made for
// this development.env. The list is sent as a whole, with everyone else's certificates in it.
func (r *runner) uploadCertificates(ctx context.Context, role desired.Role) error {
	app := r.apps[role].Application
	ours := plan.CredentialName(r.File.EnsureInstallation(r.Settings.Name))
	pair := r.pairs[role]
	if !r.Settings.CertificateOf(role) {
		pair = nil
	}
	credentials, known := []graph.KeyCredential{}, false
	for _, credential := range app.KeyCredentials {
		wanted := pair != nil && pair.Is(credential.Key)
		if wanted || credential.DisplayName != ours {
			credentials = append(credentials, credential)
		}
		known = known || wanted
	}
	if pair != nil && !known {
		start, end := pair.Certificate.NotBefore, pair.Certificate.NotAfter
		credentials = append(credentials, graph.KeyCredential{
			DisplayName: ours, Type: "AsymmetricX509Cert", Usage: "Verify", Key: pair.Certificate.Raw, StartDateTime: &start, EndDateTime: &end,
		})
	}
	return r.update(ctx, role, graph.Application{KeyCredentials: credentials}, []desired.Change{{Code: "certificates"}})
}
