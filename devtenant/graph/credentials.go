package graph

import (
	"crypto/sha1" // Entra names certificates by their SHA-1 thumbprint
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// addPassword is POST /applications/{key}/addPassword and POST /servicePrincipals/{key}/addPassword. It answers 200, not
// 201, and this once with the secret.
func (h *handler) addPassword(who caller, r *http.Request) (answer, error) {
	owner, err := h.credentialOwner(who, r)
	if err != nil {
		return answer{}, err
	}
	var body struct {
		PasswordCredential struct {
			DisplayName   string    `json:"displayName"`
			StartDateTime time.Time `json:"startDateTime"`
			EndDateTime   time.Time `json:"endDateTime"`
		} `json:"passwordCredential"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	wanted := body.PasswordCredential
	if !wanted.EndDateTime.IsZero() && !wanted.EndDateTime.After(h.Now()) {
		return answer{}, badRequest("Request_BadRequest", "Invalid value specified for property 'endDateTime' of resource 'PasswordCredential'.")
	}
	added, err := h.Directory.AddPassword(owner, wanted.DisplayName, wanted.EndDateTime)
	if err != nil {
		return answer{}, err
	}
	result := asMap(added)
	result["@odata.context"] = h.url(r, "/$metadata#microsoft.graph.passwordCredential")
	return answer{status: http.StatusOK, body: result}, nil
}

// removePassword is POST /applications/{key}/removePassword and POST /servicePrincipals/{key}/removePassword.
func (h *handler) removePassword(who caller, r *http.Request) (answer, error) {
	owner, err := h.credentialOwner(who, r)
	if err != nil {
		return answer{}, err
	}
	var body struct {
		KeyID string `json:"keyId"`
	}
	if err := readBody(r, &body); err != nil {
		return answer{}, err
	}
	if err := h.Directory.RemovePassword(owner, body.KeyID); err != nil {
		return answer{}, badRequest("Request_BadRequest", "No password credential found with keyId.")
	}
	return answer{status: http.StatusNoContent}, nil
}

// credentialOwner is the object id of the application or service principal that the path names, if the caller may change
// it.
func (h *handler) credentialOwner(who caller, r *http.Request) (string, error) {
	if strings.HasPrefix(r.URL.Path, "/servicePrincipals/") {
		sp, err := h.changeableServicePrincipal(who, r)
		return sp.ID, err
	}
	app, err := h.changeable(who, r)
	return app.ID, err
}

// changeable is the application that the path names, if the caller may change it.
func (h *handler) changeable(who caller, r *http.Request) (directory.Application, error) {
	app, err := h.application(r)
	if err == nil && !h.mayChange(who, app.ID) {
		err = denied()
	}
	return app, err
}

// completeKeys checks the certificates of a PATCH and fills in what Graph takes from them. A certificate that was there
// before may come without its content.
func completeKeys(keys, before []directory.KeyCredential) error {
	for i := range keys {
		key := &keys[i]
		if len(key.Key) == 0 {
			for _, old := range before {
				if old.KeyID == key.KeyID {
					key.Key = old.Key
				}
			}
		}
		if key.Type != "AsymmetricX509Cert" || key.Usage != "Verify" {
			return badRequest("KeyCredentialsInvalidTypeOrUsage", "Key credential type '%s' with usage '%s' is invalid for an application.", key.Type, key.Usage)
		}
		certificate, err := x509.ParseCertificate(key.Key)
		if err != nil {
			return badRequest("KeyCredentialsInvalidValue", "Key credential value is invalid. It is no X.509 certificate in DER.")
		}
		if key.KeyID == "" {
			key.KeyID = uuid.NewString()
		}
		if key.CustomKeyIdentifier == "" {
			thumbprint := sha1.Sum(key.Key)
			key.CustomKeyIdentifier = strings.ToUpper(hex.EncodeToString(thumbprint[:]))
		}
		if key.DisplayName == "" {
			key.DisplayName = certificate.Subject.String()
		}
		key.StartDateTime, key.EndDateTime = certificate.NotBefore.UTC(), certificate.NotAfter.UTC()
	}
	return nil
}
