package devtenant

// checkOrigin holds a request to "Single-page application: authorization code flow": what was issued to a redirect URI of
// the platform spa is redeemed by a page, whose browser sends Origin, and without a credential; anything else never is.
func (r *tokenRequest) checkOrigin(spa bool) *refusal {
	crossOrigin := r.http.Header.Get("Origin") != ""
	switch {
	case spa && !crossOrigin:
		return refuse(9002327)
	case !spa && crossOrigin:
		return refuse(9002326)
	case !spa && r.auth == publicClient && !r.client.Public():
		return refuse(7000218)
	}
	return nil
}
