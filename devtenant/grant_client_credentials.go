package devtenant

// grantClientCredentials gives an application a token of its own, without a user (RFC 6749 section 4.4). An API that
// acts for users has to refuse such a token.
func (t *Tenant) grantClientCredentials(request *tokenRequest) (*tokenAnswer, *refusal) {
	if len(request.scopes.asked) == 0 {
		return nil, refuse(900144, "parameter", "scope")
	}
	if request.auth == publicClient {
		return nil, refuse(7000218)
	}
	resource, refused := t.single(request.scopes)
	if refused != nil {
		return nil, refused
	}
	if !resource.allConfigured {
		return nil, refuse(1002012)
	}
	principal, ok := t.dir.ServicePrincipalByAppID(request.client.AppID)
	if !ok {
		return nil, refuse(700016, "tenant", t.dir.DisplayName())
	}
	lifetime := t.lifetime(request, resource)
	answer := &tokenAnswer{
		TokenType: "Bearer", ExpiresIn: int64(lifetime.Seconds()) - 1, ExtExpiresIn: int64(lifetime.Seconds()) - 1,
		AccessToken: t.signAccessToken(resource.api, t.appClaims(request, resource, principal, lifetime)),
	}
	if lifetime >= refreshInFrom {
		answer.RefreshIn = int64(lifetime.Seconds() / 2)
	}
	return answer, nil
}
