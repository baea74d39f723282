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
	for _, kindOf := range []func(error) Kind{callersKind, proxyKind, certificateKind, tlsKind, nameKind, timeoutKind, systemKind, protocolKind} {
		if kind := kindOf(err); kind != "" {
			return kind
		}
	}
	if is[net.Error](err) || is[*net.OpError](err) { // url.Error, which http.Client returns, is one
		return OtherNetworkError
	}
	return ""
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func callersKind(err error) Kind {
	switch {
	case errors.Is(err, ErrTooLarge):
		return TooLarge
	case errors.Is(err, context.Canceled):
		return Canceled
	}
	return ""
}

// proxyKind comes before what it wraps: "connection refused" would have people look at the wrong host.
func proxyKind(err error) Kind {
	if is[*proxyRefusal](err) {
		return ProxyRefused
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && (operation.Op == "proxyconnect" || strings.HasPrefix(operation.Op, "socks ")) {
		return ProxyUnreachable
	}
	return ""
}

func certificateKind(err error) Kind {
	if is[x509.HostnameError](err) {
		return WrongCertificate
	}
	if is[x509.UnknownAuthorityError](err) || is[x509.SystemRootsError](err) {
		return UnknownAuthority
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return ExpiredCert
		}
		return BadCertificate
	}
	if is[*tls.CertificateVerificationError](err) || is[x509.ConstraintViolationError](err) {
		return BadCertificate
	}
	return ""
}

func tlsKind(err error) Kind {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return NotTLS
	}
	if is[tls.RecordHeaderError](err) || is[tls.AlertError](err) || is[*tls.ECHRejectionError](err) {
		return TLSHandshake
	}
	// An alert that the other side sent is an OpError of its own, and its number's type isn't exported.
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "remote error" {
		return TLSHandshake
	}
	// What crypto/tls finds wrong itself, such as a version that is too old, has no type at all.
	if is[net.Error](err) && strings.HasPrefix(innermost(err).Error(), "tls: ") {
		return TLSHandshake
	}
	return ""
}

func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func nameKind(err error) Kind {
	name, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok || name.IsTimeout:
		return ""
	case name.IsNotFound:
		return UnknownHost
	}
	return NameResolution
}

func timeoutKind(err error) Kind {
	network, ok := errors.AsType[net.Error](err)
	if ok && network.Timeout() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return Timeout
	}
	return ""
}

// systemKind knows the system's errors. The numbers are Windows', where syscall's names of them are others' inventions.
func systemKind(err error) Kind {
	number, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return ""
	}
	switch number {
	case syscall.ECONNREFUSED, 10061:
		return ConnectionRefused
	case syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, 10053, 10054:
		return ConnectionReset
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, 10050, 10051, 10065:
		return Unreachable
	case syscall.ETIMEDOUT, 10060:
		return Timeout
	}
	return OtherNetworkError
}

func protocolKind(err error) Kind {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return ConnectionReset
	}
	if !is[net.Error](err) {
		return ""
	}
	// net/http has no types, or none that it exports, for the rest.
	text := innermost(err).Error()
	for _, prefix := range []string{"http2: ", "stream error: ", "connection error: "} {
		if strings.HasPrefix(text, prefix) {
			return ConnectionReset // RST_STREAM, GOAWAY, a ping without answer
		}
	}
	if strings.Contains(text, "malformed HTTP") || strings.Contains(text, "malformed MIME header") {
		return NotHTTP
	}
	return ""
}
