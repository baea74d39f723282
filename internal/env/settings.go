package env

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Text returns a setting that must be there; where it has no value, "". looksLike completes "it should be …".
func (r *Reader) Text(name, looksLike string) string {
	value, placeholder := r.value(name)
	switch {
	case placeholder:
		r.Reject(name, "still holds the template's placeholder; it should be "+looksLike)
	case value == "":
		r.Reject(name, "is missing; it should be "+looksLike)
	}
	return value
}

// TextOr returns a setting, or the fallback where it isn't set.
func (r *Reader) TextOr(name, fallback string) string {
	value, _ := r.value(name)
	return cmp.Or(value, fallback)
}

// OneOf returns a setting that is one of a few words, or the fallback where it isn't set.
func (r *Reader) OneOf(name, fallback string, allowed ...string) string {
	value := r.TextOr(name, fallback)
	if !slices.Contains(allowed, value) {
		r.Reject(name, fmt.Sprintf("is %q; it should be one of %s", value, strings.Join(allowed, ", ")))
		return fallback
	}
	return value
}

// URL returns a setting that must be there and be an absolute http or https URL. The result is never nil.
//
// In production plain http is refused for hosts other than this one: tokens and session cookies travel over these
// addresses, and RFC 6750 section 5.3 wants TLS for that.
func (r *Reader) URL(name, looksLike string) *url.URL {
	value := r.Text(name, looksLike)
	if value == "" {
		return &url.URL{}
	}
	return r.parseURL(name, value, looksLike)
}

// URLOr is [Reader.URL] with a fallback for a setting that may be absent.
func (r *Reader) URLOr(name, fallback string) *url.URL {
	return r.parseURL(name, r.TextOr(name, fallback), "a URL such as "+fallback)
}

// OptionalURL is [Reader.URL] for a setting that may be absent; nil then.
func (r *Reader) OptionalURL(name, looksLike string) *url.URL {
	value := r.TextOr(name, "")
	if value == "" {
		return nil
	}
	return r.parseURL(name, value, looksLike)
}

func (r *Reader) parseURL(name, value, looksLike string) *url.URL {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || parsed.User != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		// The value is not quoted: a URL may hold a password.
		r.Reject(name, "is not an absolute http or https URL; it should be "+looksLike)
		return &url.URL{}
	}
	if parsed.Scheme == "http" && !r.Development() && !Loopback(parsed.Hostname()) {
		r.Reject(name, fmt.Sprintf("is %s, and in production plain http is for this machine alone; it should begin with https://", value))
	}
	return parsed
}

// Loopback reports whether host is a name or address of this very machine.
func Loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// GUID returns a setting that must be there and be a GUID, as application and tenant ids are, in lower case: that is
// how Entra writes them into tokens, and claims are compared to the letter.
func (r *Reader) GUID(name string) string {
	const looksLike = "a GUID such as 11111111-2222-3333-4444-555555555555, the Application (client) ID of the app registration's Overview page"
	value := r.Text(name, looksLike)
	if value != "" && !guid.Valid(value) {
		r.Reject(name, fmt.Sprintf("is %q; it should be %s", value, looksLike))
	}
	return strings.ToLower(value)
}

// List returns a setting that must be there, split at commas, without empty entries.
func (r *Reader) List(name, looksLike string) []string {
	value := r.Text(name, looksLike)
	if value == "" {
		return nil
	}
	var list []string
	for entry := range strings.SplitSeq(value, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	if len(list) == 0 {
		r.Reject(name, "holds only commas; it should be "+looksLike)
	}
	return list
}

// GUIDs returns a setting that must be there: application ids, split at commas, in lower case as in [Reader.GUID].
func (r *Reader) GUIDs(name, looksLike string) []string {
	list := r.List(name, looksLike)
	for i, entry := range list {
		if !guid.Valid(entry) {
			r.Reject(name, fmt.Sprintf("holds %q; it should be application (client) ids, GUIDs, separated by commas", entry))
		}
		list[i] = strings.ToLower(entry)
	}
	return list
}

// Secret returns a setting that may be absent and must never be shown.
func (r *Reader) Secret(name string) secret.String { return secret.New(r.TextOr(name, "")) }

// Key returns a setting that must be there: random bytes of exactly the given size, in base64. The secret's content is
// the bytes themselves. In production bytes that are plainly not random are refused: zeros, a row, text.
func (r *Reader) Key(name string, size int) secret.String {
	looksLike := fmt.Sprintf("%d random bytes in base64, as `openssl rand -base64 %d` prints them", size, size)
	value := r.Text(name, looksLike)
	if value == "" {
		return secret.String{}
	}
	key, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(key) != size {
		r.Reject(name, "has another form; it should be "+looksLike)
		return secret.String{}
	}
	if why := guessable(key); why != "" && !r.Development() {
		r.Reject(name, why+"; it should be "+looksLike)
	}
	return secret.New(string(key))
}

// KeyIf is [Reader.Key] for a setting that another one makes necessary. Where it isn't needed the result is zero.
func (r *Reader) KeyIf(needed bool, name string, size int) secret.String {
	if !needed {
		r.asked[name] = true
		return secret.String{}
	}
	return r.Key(name, size)
}

// Duration returns a setting such as 5s, not below zero, or the fallback where it isn't set.
func (r *Reader) Duration(name string, fallback time.Duration) time.Duration {
	value := r.TextOr(name, "")
	if value == "" {
		return fallback
	}
	parsed, err := time.ParseDuration(value)
	if err != nil || parsed < 0 {
		r.Reject(name, fmt.Sprintf("is %q; it should be a duration such as 5s", value))
		return fallback
	}
	return parsed
}

// Address returns a setting of the form host:port to listen on, or the fallback where it isn't set.
func (r *Reader) Address(name, fallback string) string {
	value := r.TextOr(name, fallback)
	_, port, err := net.SplitHostPort(value)
	if number, numErr := strconv.Atoi(port); err != nil || numErr != nil || number < 0 || number > 65535 {
		r.Reject(name, fmt.Sprintf("is %q; it should be host:port, such as %s", value, fallback))
	}
	return value
}
