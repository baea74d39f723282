package devtenant

import (
	"context"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// federatedAssertion is a client assertion whose issuer isn't the client itself: a token of somebody outside.
type federatedAssertion struct {
	token  *jwt.JSONWebToken
	claims jwt.Claims // not verified yet
	object string     // oid, in Entra's own tokens
}

// readFederated says whether an assertion is one. A client that signs for itself is its own issuer; outside issuers are
// addresses, because their keys are found there. Only RS256 is taken ("Workload identity federation considerations").
func readFederated(raw string) (federatedAssertion, bool) {
	var f federatedAssertion
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(token.Headers) != 1 {
		return f, false
	}
	var own struct {
		ObjectID string `json:"oid"`
	}
	if token.UnsafeClaimsWithoutVerification(&f.claims, &own) != nil || !strings.HasPrefix(f.claims.Issuer, "https://") {
		return f, false
	}
	f.token, f.object = token, own.ObjectID
	return f, true
}

// checkFederated holds an assertion against the client's federated credentials, letter for letter, and then against the
// keys of its issuer ("Workload identity federation"). It may come again until it expires: the projected file of a
// workload is read for an hour.
func (t *Tenant) checkFederated(ctx context.Context, client directory.Application, f federatedAssertion) *refusal {
	audiences := f.claims.Audience
	own := f.claims.Issuer == t.issuer()
	if own {
		// Entra's own tokens name the audience by its client id, a credential by its URI.
		if len(audiences) == 1 && audiences[0] == directory.TokenExchangeAppID {
			audiences = jwt.Audience{directory.TokenExchangeAudience}
		}
		if !slices.ContainsFunc(t.dir.ManagedIdentities(), func(sp directory.ServicePrincipal) bool { return sp.ID == f.object }) {
			return refuse(700222)
		}
	}
	if refused := matchFederated(t.dir.FederatedCredentials(client.ID), f.claims, audiences); refused != nil {
		return refused
	}
	if refused := t.checkFederatedSignature(ctx, f, own); refused != nil {
		return refused
	}
	now := t.Now()
	if f.claims.Expiry == nil || now.After(f.claims.Expiry.Time().Add(clientAssertSkew)) ||
		f.claims.NotBefore != nil && now.Add(clientAssertSkew).Before(f.claims.NotBefore.Time()) {
		return refuse(700024)
	}
	return nil
}

// matchFederated finds the credential that an assertion is for, and says which of the three didn't match.
func matchFederated(credentials []directory.FederatedIdentityCredential, claims jwt.Claims, audiences jwt.Audience) *refusal {
	keep := func(list []directory.FederatedIdentityCredential, match func(directory.FederatedIdentityCredential) bool) []directory.FederatedIdentityCredential {
		return slices.DeleteFunc(slices.Clone(list), func(c directory.FederatedIdentityCredential) bool { return !match(c) })
	}
	byIssuer := keep(credentials, func(c directory.FederatedIdentityCredential) bool { return c.Issuer == claims.Issuer })
	if len(byIssuer) == 0 {
		return refuse(700211, "issuer", claims.Issuer)
	}
	bySubject := keep(byIssuer, func(c directory.FederatedIdentityCredential) bool { return c.Subject == claims.Subject })
	if len(bySubject) == 0 {
		return refuse(700213, "subject", claims.Subject)
	}
	if len(keep(bySubject, func(c directory.FederatedIdentityCredential) bool { return audiences.Contains(c.Audiences[0]) })) == 0 {
		return refuse(700212, "audience", strings.Join(claims.Audience, " "))
	}
	return nil
}

func (t *Tenant) checkFederatedSignature(ctx context.Context, f federatedAssertion, own bool) *refusal {
	kid := f.token.Headers[0].KeyID
	var verified jwt.Claims
	if own {
		key, ok := t.keys.find(kid)
		if !ok || f.token.Claims(key.private.Public(), &verified) != nil {
			return refuse(7000272, "kid", kid, "issuer", f.claims.Issuer)
		}
		return nil
	}
	keys, err := t.ownIssuerKeys(), error(nil)
	if !strings.HasPrefix(f.claims.Issuer, t.backURL+issuersPath) {
		keys, err = t.outside.keys(ctx, f.claims.Issuer, kid)
	}
	if err != nil {
		t.log.WarnContext(ctx, "an outside issuer's keys could not be fetched", "issuer", f.claims.Issuer, "error", err)
		return refuse(90061)
	}
	for _, key := range keys.Key(kid) {
		if f.token.Claims(key.Key, &verified) == nil {
			return nil
		}
	}
	return refuse(7000272, "kid", kid, "issuer", f.claims.Issuer)
}

// trustOwnIssuers registers, once the addresses are known, what the sample's applications trust in place of a secret: the
// managed identities of the tenant file, and this tenant's test issuer under the subjects of two service accounts.
func (t *Tenant) trustOwnIssuers() {
	if t.backURL == "" {
		return
	}
	t.ownIssuers.Do(func() {
		if err := t.dir.TrustManagedIdentities(t.issuer()); err != nil {
			t.log.Warn("managed identities could not be trusted", "error", err)
		}
		sample := t.dir.Sample()
		for _, workload := range []struct{ appID, subject string }{
			{sample.WebUI.AppID, WebUISubject}, {sample.API.AppID, APISubject},
		} {
			a, ok := t.dir.ApplicationByAppID(workload.appID)
			if !ok {
				continue // a tenant file without the sample
			}
			_, err := t.dir.AddFederatedCredential(a.ID, directory.FederatedIdentityCredential{
				Name: "kubernetes", Issuer: t.IssuerURL(KubernetesIssuer), Subject: workload.subject,
				Audiences: []string{directory.TokenExchangeAudience},
			})
			if err != nil {
				t.log.Warn("the test issuer could not be trusted", "error", err)
			}
		}
	})
}
