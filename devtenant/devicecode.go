package devtenant

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	deviceCodeLifetime = 15 * time.Minute
	deviceCodeInterval = 5 // seconds between two questions of a device
	maxDeviceCodes     = 1000
	// deviceResponseType marks an authorization request that ends with a device's tokens, not with a redirect.
	deviceResponseType = "device_code"
)

// deviceCode is a device that waits for its user (RFC 8628).
type deviceCode struct {
	Code      string // the device's
	UserCode  string // the one that is typed in
	Tenant    string // the first segment of the path that the device asked at
	ClientID  string
	Scope     string
	ExpiresAt time.Time
	Evidence  *evidence // set once the user has signed in
	Declined  bool
}

// deviceCodes are the devices that wait. There are never more than maxDeviceCodes: asking costs nothing.
type deviceCodes struct {
	mu      sync.Mutex
	waiting map[string]*deviceCode // by user code
}

// deviceAuthorization is POST /{tenant}/oauth2/v2.0/devicecode (RFC 8628 section 3.1).
func (t *Tenant) deviceAuthorization(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	if err := r.ParseForm(); err != nil {
		t.writeRefusal(w, r, refuse(9002313))
		return
	}
	c.clientID, c.scope = r.PostForm.Get("client_id"), r.PostForm.Get("scope")
	client, ok := t.dir.Client(c.clientID)
	if !ok {
		t.writeRefusal(w, r, refuse(700016, "tenant", t.dir.DisplayName()))
		return
	}
	c.clientName = client.DisplayName
	refused := t.checkTenant(r.PathValue("tenant"), client.SignInAudience)
	if refused == nil && !client.Public() {
		refused = refuse(7000218)
	}
	if refused == nil {
		_, refused = t.parseScopes(c.scope, client)
	}
	if refused != nil {
		t.writeRefusal(w, r, refused)
		return
	}
	device := t.devices.start(r.PathValue("tenant"), client.AppID, c.scope, t.Now())
	verificationURI := t.browserURL + "/devicelogin"
	writeJSON(w, http.StatusOK, map[string]any{
		"user_code": device.UserCode, "device_code": device.Code, "verification_uri": verificationURI,
		"expires_in": int(deviceCodeLifetime.Seconds()), "interval": deviceCodeInterval,
		"message": fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", verificationURI, device.UserCode),
	})
}

type devicePage struct {
	pageData
	Code    string
	Problem string
	Done    *directory.Application
	User    directory.User
}

// deviceLogin is GET /devicelogin: the page where the code is typed in.
func (t *Tenant) deviceLogin(w http.ResponseWriter, r *http.Request) {
	page := devicePage{pageData: t.pageData("Enter code"), Code: r.URL.Query().Get("otc")}
	t.show(w, r, http.StatusOK, "device.html", page)
}

// deviceLoginCode is POST /devicelogin: a code was typed in. The rest is an ordinary authorization request.
func (t *Tenant) deviceLoginCode(w http.ResponseWriter, r *http.Request) {
	typed := strings.ToUpper(strings.TrimSpace(r.PostFormValue("code")))
	device, ok := t.devices.byUserCode(typed, t.Now())
	if !ok || device.Evidence != nil || device.Declined {
		callOf(r).aadsts = 70018
		page := devicePage{pageData: t.pageData("Enter code"), Code: shorten(typed), Problem: "That code didn't work. Check the code and try again."}
		t.show(w, r, http.StatusOK, "device.html", page)
		return
	}
	query := url.Values{
		"client_id": {device.ClientID}, "scope": {device.Scope}, "response_type": {deviceResponseType},
		"user_code": {device.UserCode},
		// Always a page: whoever typed in somebody else's code should see what they are about to sign in to.
		"prompt": {"select_account"},
	}
	http.Redirect(w, r, "/"+device.Tenant+"/oauth2/v2.0/authorize?"+query.Encode(), http.StatusSeeOther)
}

// finishDevice gives the waiting device what the user signed in for.
func (t *Tenant) finishDevice(w http.ResponseWriter, r *http.Request, request authorizeRequest, s session, user directory.User) {
	t.devices.approve(request.device.UserCode, s.evidence(""))
	page := devicePage{pageData: t.pageData("Signed in"), Done: &request.client, User: user}
	t.show(w, r, http.StatusOK, "device.html", page)
}

func (d *deviceCodes) start(tenant, clientID, scope string, now time.Time) deviceCode {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting == nil {
		d.waiting = map[string]*deviceCode{}
	}
	for userCode, device := range d.waiting {
		if now.After(device.ExpiresAt.Add(deviceCodeLifetime)) || len(d.waiting) >= maxDeviceCodes {
			delete(d.waiting, userCode)
		}
	}
	device := &deviceCode{
		Code: randomText(32), UserCode: newUserCode(), Tenant: tenant, ClientID: clientID, Scope: scope, ExpiresAt: now.Add(deviceCodeLifetime),
	}
	d.waiting[device.UserCode] = device
	return *device
}

// byUserCode finds a code that hasn't expired.
func (d *deviceCodes) byUserCode(userCode string, now time.Time) (deviceCode, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	device, ok := d.waiting[userCode]
	if !ok || now.After(device.ExpiresAt) {
		return deviceCode{}, false
	}
	return *device, true
}

func (d *deviceCodes) byCode(code string) (deviceCode, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, device := range d.waiting {
		if device.Code == code {
			return *device, true
		}
	}
	return deviceCode{}, false
}

func (d *deviceCodes) approve(userCode string, e evidence) {
	d.change(userCode, func(device *deviceCode) { device.Evidence = &e })
}

func (d *deviceCodes) decline(userCode string) {
	d.change(userCode, func(device *deviceCode) { device.Declined = true })
}

func (d *deviceCodes) change(userCode string, change func(*deviceCode)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if device, ok := d.waiting[userCode]; ok {
		change(device)
	}
}

// redeem takes an approved code away: it works once.
func (d *deviceCodes) redeem(userCode string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.waiting[userCode]
	delete(d.waiting, userCode)
	return ok
}

// newUserCode is nine characters that can't be taken for one another.
func newUserCode() string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	code := make([]byte, 9)
	for i := range code {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic("devtenant: no random numbers: " + err.Error())
		}
		code[i] = alphabet[n.Int64()]
	}
	return string(code)
}
