package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
)

// Kind is what kept a request from getting its answer, in words for a log. There is nothing of the request or of the answer
// in it: the texts of the errors themselves hold addresses, and some of them what a server sent.
type Kind string

// The kinds of network errors.
const (
	UnknownHost       Kind = "unknown host"                         // no such name
	NameResolution    Kind = "name resolution failed"               // the resolver itself has a fault
	ConnectionRefused Kind = "connection refused"                   // nobody listens there
	ConnectionReset   Kind = "connection reset"                     // cut before or in the middle of the answer
	Unreachable       Kind = "no route to the host"                 // no way to that network
	Timeout           Kind = "timeout"                              // no answer, or not all of it, in time
	UnknownAuthority  Kind = "certificate of an unknown authority"  // TRUSTED_CA_FILE names one more
	WrongCertificate  Kind = "certificate of another host"          // the name isn't in it
	ExpiredCert       Kind = "certificate expired or not yet valid" // or a clock is wrong
	BadCertificate    Kind = "certificate not valid"                // for another reason
	TLSHandshake      Kind = "TLS handshake failed"                 // no common version, an alert, another protocol
	NotTLS            Kind = "plain HTTP where TLS was expected"    // a wrong port or scheme
	ProxyRefused      Kind = "proxy refused"                        // it answered CONNECT with an error: see HTTPS_PROXY
	ProxyUnreachable  Kind = "proxy can't be reached"               // see HTTPS_PROXY
	NotHTTP           Kind = "answer is not HTTP"                   // something else listens there
	TooLarge          Kind = "answer too large"                     // see Options.MaxBody
	Canceled          Kind = "given up by the caller"               // whoever asked has left
	OtherNetworkError Kind = "network error"                        // none of the above
)

// KindOf returns the kind of a network error, however it is wrapped, and "" for nil and for an error that isn't one.
func KindOf(err error) Kind {
	for _, row := range kinds {
		if err != nil && row.fits(err) {
			return row.kind
		}
	}
	return ""
}

// The rows are tried from top to bottom. A proxy's errors come before what they wrap: "connection refused" would have people look at
// the wrong host. Some errors have no type, or none that is exported; those are known by their text or operation.
var kinds = []struct {
	kind Kind
	fits func(error) bool
}{
	{TooLarge, of(ErrTooLarge)},
	{Canceled, of(context.Canceled)},
	{ProxyRefused, is[*proxyRefusal]},
	{ProxyUnreachable, operation("proxyconnect", "socks ")},
	{WrongCertificate, is[x509.HostnameError]},
	{UnknownAuthority, is[x509.UnknownAuthorityError]},
	{UnknownAuthority, is[x509.SystemRootsError]},
	{ExpiredCert, func(err error) bool {
		invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
		return ok && invalid.Reason == x509.Expired
	}},
	{BadCertificate, is[x509.CertificateInvalidError]},
	{BadCertificate, is[*tls.CertificateVerificationError]},
	{BadCertificate, is[x509.ConstraintViolationError]},
	{NotTLS, of(http.ErrSchemeMismatch)},
	{TLSHandshake, is[tls.RecordHeaderError]},
	{TLSHandshake, is[tls.AlertError]},
	{TLSHandshake, is[*tls.ECHRejectionError]},
	{TLSHandshake, operation("remote error")}, // an alert that the other side sent
	{TLSHandshake, begins("tls: ")},           // what crypto/tls finds wrong itself, such as a version that is too old
	{UnknownHost, name(func(e *net.DNSError) bool { return !e.IsTimeout && e.IsNotFound })},
	{NameResolution, name(func(e *net.DNSError) bool { return !e.IsTimeout })},
	{Timeout, func(err error) bool {
		network, ok := errors.AsType[net.Error](err)
		return ok && network.Timeout()
	}},
	{Timeout, of(context.DeadlineExceeded, os.ErrDeadlineExceeded)},
	// On Windows, syscall's ECONNREFUSED and its like are numbers that Go made up. What the system returns are these.
	{ConnectionRefused, number(syscall.ECONNREFUSED, 10061)},
	{ConnectionReset, number(syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, 10053, 10054)},
	{Unreachable, number(syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, 10050, 10051, 10065)},
	{Timeout, number(syscall.ETIMEDOUT, 10060)},
	{OtherNetworkError, is[syscall.Errno]},
	{ConnectionReset, of(io.EOF, io.ErrUnexpectedEOF, net.ErrClosed)},
	{NotHTTP, func(err error) bool {
		text := innermost(err).Error()
		return is[net.Error](err) && (strings.Contains(text, "malformed HTTP") || strings.Contains(text, "malformed MIME header"))
	}},
	{OtherNetworkError, is[net.Error]}, // url.Error, which http.Client returns, is one
	{OtherNetworkError, is[*net.OpError]},
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// of fits errors that are, or wrap, one of the targets.
func of(targets ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

// operation fits errors of package net whose operation begins with a text.
func operation(prefixes ...string) func(error) bool {
	return func(err error) bool {
		failed, ok := errors.AsType[*net.OpError](err)
		return ok && slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(failed.Op, prefix) })
	}
}

// begins fits network errors whose innermost text begins with the prefix.
func begins(prefix string) func(error) bool {
	return func(err error) bool { return is[net.Error](err) && strings.HasPrefix(innermost(err).Error(), prefix) }
}

func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func name(fits func(*net.DNSError) bool) func(error) bool {
	return func(err error) bool {
		failed, ok := errors.AsType[*net.DNSError](err)
		return ok && fits(failed)
	}
}

// number fits the system's errors.
func number(numbers ...syscall.Errno) func(error) bool {
	return func(err error) bool {
		failed, ok := errors.AsType[syscall.Errno](err)
		return ok && slices.Contains(numbers, failed)
	}
}
