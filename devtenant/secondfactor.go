package devtenant

import (
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// secondFactorPage stands for the telephone that rings.
type secondFactorPage struct {
	pageData
	Client  directory.Application
	User    directory.User
	Carried carriedRequest
}

// needsSecondFactor says whether a request has to show a second factor: because a claims challenge asked for one, or
// because Conditional Access wants one of the user for an API that is asked for here.
func (t *Tenant) needsSecondFactor(request authorizeRequest, s session, user directory.User) bool {
	if s.SecondFactor {
		return false
	}
	if request.claims.SecondFactor {
		return true
	}
	for _, resource := range request.scopes.resources {
		if user.NeedsSecondFactorFor(resource.api.AppID) {
			return true
		}
	}
	return false
}

func (t *Tenant) needSecondFactor(w http.ResponseWriter, r *http.Request, request authorizeRequest, user directory.User) {
	callOf(r).user = user.MailNickname
	if request.prompts("none") {
		t.redirectRefusal(w, r, request, refuse(50076).as("interaction_required").withClaims(secondFactorChallenge(50076)))
		return
	}
	page := secondFactorPage{pageData: t.pageData("Approve sign-in request"), Client: request.client, User: user, Carried: request.carried()}
	t.show(w, r, http.StatusOK, "secondfactor.html", page, request.redirectURI)
}

// secondFactor is POST /{tenant}/second-factor: approved or denied.
func (t *Tenant) secondFactor(w http.ResponseWriter, r *http.Request) {
	request, ok := t.readCarriedRequest(w, r)
	if !ok {
		return
	}
	s, user, signedIn := t.session(r)
	if !signedIn {
		http.Redirect(w, r, t.again(request), http.StatusSeeOther) // signed out in another tab
		return
	}
	callOf(r).user = user.MailNickname
	if r.PostForm.Get("decision") != "approve" {
		t.redirectRefusal(w, r, request, refuse(500121))
		return
	}
	s.SecondFactor = true
	t.saveSession(w, s)
	http.Redirect(w, r, t.again(request), http.StatusSeeOther)
}
