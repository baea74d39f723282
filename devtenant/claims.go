package devtenant

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// claimsRequest is the claims parameter (OpenID Connect Core section 5.5), as far as Entra's clients use it.
type claimsRequest struct {
	CP1          bool      // the client can handle claims challenges (xms_cc)
	SecondFactor bool      // Conditional Access asked for one (capolids, polids, acrs)
	SignedInFrom time.Time // continuous access evaluation: sessions older than this are worth nothing
}

// parseClaims reads the parameter; "" is no claims.
func parseClaims(raw string) (claimsRequest, *refusal) {
	var request claimsRequest
	if raw == "" {
		return request, nil
	}
	type member struct {
		Value  any   `json:"value"`
		Values []any `json:"values"`
	}
	var parsed struct {
		AccessToken map[string]*member `json:"access_token"`
		IDToken     map[string]*member `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(raw), &parsed); err != nil {
		return request, refuse(9002313, "parameter", "claims")
	}
	for _, name := range []string{"capolids", "polids", "acrs"} {
		if parsed.AccessToken[name] != nil || parsed.IDToken[name] != nil {
			request.SecondFactor = true
		}
	}
	if m := parsed.AccessToken["xms_cc"]; m != nil {
		request.CP1 = slices.ContainsFunc(append(m.Values, m.Value), func(v any) bool { return v == "CP1" || v == "cp1" })
	}
	if m := parsed.AccessToken["nbf"]; m != nil {
		if text, ok := m.Value.(string); ok {
			if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
				request.SignedInFrom = time.Unix(seconds, 0)
			}
		}
	}
	return request, nil
}

// challengePolicy is the id of the Conditional Access policy that claims challenges name. Clients hand it on unread.
const challengePolicy = "de7e0000-0000-4000-8000-0000000000f1"

// secondFactorChallenge is the claims member of an answer that asks for a second factor.
func secondFactorChallenge(code int) string {
	name := "capolids"
	if code == 50079 {
		name = "polids"
	}
	return `{"access_token":{"` + name + `":{"essential":true,"values":["` + challengePolicy + `"]}}}`
}
