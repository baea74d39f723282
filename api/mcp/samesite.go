package mcp

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// sameSite refuses what a page of another site has a browser send, by its own name (Origin) or by one that it made point here (DNS
// rebinding; "Security Best Practices" of the Model Context Protocol). A page has no token of the user, and this is not left to that.
func sameSite(request *http.Request, public *url.URL) error {
	if !known(request.Host, public) {
		return &apperror.Error{Code: apperror.CrossSite, Check: "Host", Cause: errors.New("the request is for another host")}
	}
	if origin := request.Header.Get("Origin"); origin != "" {
		parsed, err := url.Parse(origin)
		if err != nil || !known(parsed.Host, public) {
			return &apperror.Error{Code: apperror.CrossSite, Check: "Origin", Cause: errors.New("the request comes from a page of another site")}
		}
	}
	return nil
}

// known reports whether a host is the API's own, or this machine: agents and their inspectors run there.
func known(host string, public *url.URL) bool {
	address := url.URL{Host: strings.ToLower(host)} // names have no case
	return address.Host == strings.ToLower(public.Host) || env.Loopback(address.Hostname())
}
