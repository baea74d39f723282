package devtenant

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a failure on demand: pure data, so that a page, an HTTP request and a test can switch the same ones on.
// Each endpoint asks for one first. What several members say happens together: first the delay, then the answer.
//
// What isn't a fault of one answer is a state of the tenant and has a method of its own: RotateKeys, WithdrawKeys,
// MoveClock, RevokeSessions, and the directory's WithdrawConsent and UpdateUser.
type Fault struct {
	Name string // setting others of the same name replaces it
	// Endpoint is where it happens, as [Tenant.Count] names it: "keys", "token:on_behalf_of", "subscriptions". "token"
	// is every grant, "*" every endpoint but the tenant's own page.
	Endpoint string
	Times    int    // how many requests it meets; 0: until it is cleared
	User     string // meets requests about this user only (short name); "" is everyone

	Delay time.Duration // before anything else; ends early when the client goes away

	// AADSTS answers as that row of the table of failures, with Claims where the row asks for interaction.
	AADSTS     int
	Claims     string
	OAuthError string // in place of the row's error
	// Redirect tells the application by a redirect from the authorization endpoint (RFC 6749 section 4.1.2.1), where a
	// person would otherwise see a page of the tenant.
	Redirect bool

	// Challenge answers as a resource that ended a session early: 401 with these claims (JSON). {now} is the tenant's
	// time in seconds.
	Challenge         string
	ChallengeForm     ChallengeForm
	ChallengeEncoding ClaimsEncoding

	// Status, Header and Body answer with just that. Truncate announces the whole body, sends half and closes. Padding is
	// so many bytes of white space before the body.
	Status   int
	Header   http.Header
	Body     []byte
	Truncate bool
	Padding  int

	// DescriptionLines writes error_description in the form of before late 2023, whatever is refused.
	DescriptionLines bool

	// What follows changes a good answer and leaves the rest alone.
	Lifetime      time.Duration  // of access tokens; MSAL's on-behalf-of call refuses less than five minutes
	RefreshIn     time.Duration  // says refresh_in
	Shift         time.Duration  // moves the times inside the access token; expires_in stays
	Token         map[string]any // claims of the access token in place of its own; nil deletes one
	NextLink      string         // of a page of subscriptions, whatever the page; a path is on Resource Manager's own host
	RelativeLinks bool           // leaves scheme and host out of a page's nextLink
	PageSize      int            // subscriptions on a page
	Prefix        string         // before the body, a byte order mark for example
	Keys          KeyChange      // to the key set
}

// Faults are the failures that are switched on.
type Faults struct {
	mu     sync.Mutex
	active []Fault
}

// Set switches faults on. Several of one name are one failure at several endpoints.
func (f *Faults) Set(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(o Fault) bool {
		return slices.ContainsFunc(faults, func(n Fault) bool { return n.Name == o.Name })
	})
	f.active = append(f.active, faults...)
}

// Clear switches one fault off; with an empty name, all of them.
func (f *Faults) Clear(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(o Fault) bool { return name == "" || o.Name == name })
}

// Active lists what is switched on, with what is left of Times.
func (f *Faults) Active() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.active)
}

// take returns the faults for a request to an endpoint, up to the first that is an answer, and counts them. about says
// whether the request is about a user.
func (f *Faults) take(endpoint string, about func(user string) bool) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var taken, left []Fault
	answered := false
	for _, fault := range f.active {
		if answered || !fault.meets(endpoint) || fault.User != "" && !about(fault.User) {
			left = append(left, fault)
			continue
		}
		taken = append(taken, fault)
		answered = fault.answers()
		switch fault.Times {
		case 0: // until it is cleared
			left = append(left, fault)
		case 1:
		default:
			fault.Times--
			left = append(left, fault)
		}
	}
	f.active = left
	return taken
}

func (f Fault) meets(endpoint string) bool {
	family, _, _ := strings.Cut(endpoint, ":")
	return f.Endpoint == endpoint || f.Endpoint == family || f.Endpoint == "*"
}

// answers says whether the fault is an answer by itself, or only changes a good one.
func (f Fault) answers() bool {
	return f.AADSTS != 0 || f.Status != 0 || f.Body != nil || f.Truncate || f.Challenge != ""
}

// Faults are the switches of this tenant.
func (t *Tenant) Faults() *Faults { return &t.faults }

// interfere does what the faults for a request say, and reports whether that was the answer.
func (t *Tenant) interfere(w http.ResponseWriter, r *http.Request) bool {
	c := callOf(r)
	for _, fault := range t.faults.take(c.endpoint, func(user string) bool { return t.isAbout(r, user) }) {
		c.faults = append(c.faults, fault)
		if user, ok := t.dir.User(t.subject(r)); ok && c.user == "" {
			c.user = user.MailNickname // sentences name them
		}
		if fault.Delay > 0 && !waitFor(r, fault.Delay) {
			return true
		}
		if !fault.answers() {
			continue
		}
		switch {
		case fault.Challenge != "":
			t.writeChallenge(w, fault.Challenge, challengeForm{fault.ChallengeForm, fault.ChallengeEncoding})
		case fault.AADSTS == 0:
			writeFault(w, fault)
		case fault.Redirect && c.endpoint == "authorize":
			t.refuseAuthorize(w, r, fault.refusal())
		case interactive(c.endpoint):
			t.readNames(r)
			t.errorPage(w, r, fault.refusal())
		default:
			t.writeRefusal(w, r, fault.refusal())
		}
		return true
	}
	return false
}

// readNames notes what a browser's request says of itself, unchecked, since sentences of the table of failures name it.
func (t *Tenant) readNames(r *http.Request) {
	_ = r.ParseForm() // what can't be read can't be named either
	values := r.Form
	if carried, err := url.ParseQuery(r.PostForm.Get("request")); err == nil && len(carried) > 0 {
		values = carried // by a page of the tenant
	}
	c := callOf(r)
	c.clientID, c.scope, c.redirectURI = values.Get("client_id"), values.Get("scope"), values.Get("redirect_uri")
	if client, ok := t.dir.Client(c.clientID); ok {
		c.clientName = client.DisplayName
	}
}

// refusal is the row of the table of failures that the fault names, as it would have it.
func (f Fault) refusal() *refusal {
	refused := refuse(f.AADSTS).withClaims(f.Claims)
	if f.OAuthError != "" {
		refused.Error = f.OAuthError
	}
	return refused
}

func writeFault(w http.ResponseWriter, fault Fault) {
	maps.Copy(w.Header(), fault.Header)
	if fault.Truncate {
		w.Header().Set("Content-Length", strconv.Itoa(len(fault.Body)))
	}
	status := fault.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	if fault.Padding > 0 {
		_, _ = io.CopyN(w, spaces{}, int64(fault.Padding))
	}
	body := fault.Body
	if fault.Truncate {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body)
	if fault.Truncate {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the only way to break off an answer that has begun
	}
}

// spaces is white space without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// waitFor waits, unless the client goes away first.
func waitFor(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// interactive says whether a person is in front of an endpoint.
func interactive(endpoint string) bool {
	switch endpoint {
	case "authorize", "sign-in", "second-factor", "consent", "device", "logout":
		return true
	}
	return false
}

// isAbout says whether a request is about a user, by short name.
func (t *Tenant) isAbout(r *http.Request, name string) bool {
	user, ok := t.dir.User(name)
	return ok && t.subject(r) == user.ID
}

// subject is whom a request is about, their object id, as far as it can be told before anything is checked: by the code,
// token or assertion that it carries, or by the browser's session.
func (t *Tenant) subject(r *http.Request) string {
	var code authorizationCode
	var refresh refreshToken
	_, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case t.seals.open(sealedCode, r.PostForm.Get("code"), &code) == nil:
		return code.User
	case t.seals.open(sealedRefreshToken, r.PostForm.Get("refresh_token"), &refresh) == nil:
		return refresh.User
	}
	for _, raw := range []string{r.PostForm.Get("assertion"), bearer} {
		if token, _ := t.verify(raw); token.claims != nil {
			return token.text("oid")
		}
	}
	_, current, _ := t.session(r)
	return current.ID
}

// alter changes the claims of an access token as the faults of the request say.
func (c *call) alter(claims map[string]any) {
	for _, fault := range c.faults {
		for name, value := range fault.Token {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		for _, name := range []string{"iat", "nbf", "exp"} {
			if at, ok := claims[name].(int64); ok {
				claims[name] = at + int64(fault.Shift.Seconds())
			}
		}
	}
}
