package devtenant

// grantDeviceCode answers a device that asks whether its user has signed in (RFC 8628 section 3.4).
func (t *Tenant) grantDeviceCode(request *tokenRequest) (*tokenAnswer, *refusal) {
	code := request.form.Get("device_code")
	if code == "" {
		code = request.form.Get("code") // an older name for the same
	}
	if code == "" {
		return nil, refuse(900144, "parameter", "device_code")
	}
	device, ok := t.devices.byCode(code)
	switch {
	case !ok || device.ClientID != request.client.AppID:
		return nil, refuse(70018)
	case t.Now().After(device.ExpiresAt):
		return nil, refuse(70019)
	case device.Declined:
		declined := refuse(65004)
		declined.Error = "authorization_declined"
		return nil, declined
	case device.Evidence == nil:
		return nil, refuse(70016)
	}
	if len(request.scopes.asked) == 0 {
		var refused *refusal
		if request.scopes, refused = t.parseScopes(device.Scope, request.client); refused != nil {
			return nil, refused
		}
	}
	if !t.devices.redeem(device.UserCode) {
		return nil, refuse(54005)
	}
	answer, refused := t.issue(request, *device.Evidence)
	if refused == nil {
		t.signedIn(device.Evidence.User)
	}
	return answer, refused
}
