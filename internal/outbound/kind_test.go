package outbound_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// answering listens and hands each connection to answer, which closes it.
func answering(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(connection)
		}
	}()
	return listener.Addr().String()
}

// closedPort returns an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// certificateFor returns a certificate that is its own authority, and its PEM file.
func certificateFor(t *testing.T, host string, notAfter time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: notAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func answerNothing(http.ResponseWriter, *http.Request) {}

// tlsServer answers with a configuration, and returns https://localhost:<port>.
func tlsServer(t *testing.T, config *tls.Config, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // failed handshakes are what most of these tests are about
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return localhost(server.URL)
}

func localhost(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }

// secretAnswer must never be seen: it stands for what a server or a proxy sends.
const secretAnswer = "hunter2"

// TestFieldCase13KindOfNetworkError: each row is a server in trouble, and the kind that its trouble has.
func TestFieldCase13KindOfNetworkError(t *testing.T) {
	t.Parallel()
	good, goodFile := certificateFor(t, "localhost", time.Now().Add(time.Hour))
	expired, expiredFile := certificateFor(t, "localhost", time.Now().Add(-time.Hour))
	other, otherFile := certificateFor(t, "login.example", time.Now().Add(time.Hour))
	reset := func(c net.Conn) {
		_, _ = io.ReadAtLeast(c, make([]byte, 16), 16)
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	tests := []struct {
		name    string
		address string
		caFile  string
		want    outbound.Kind
	}{
		{"nobody listens", "https://" + closedPort(t), "", outbound.ConnectionRefused},
		{"nobody listens, plain", "http://" + closedPort(t), "", outbound.ConnectionRefused},
		{"a certificate of nobody's", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{good}}, answerNothing), "", outbound.UnknownAuthority},
		{"another authority's", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{good}}, answerNothing), otherFile, outbound.UnknownAuthority},
		{"an expired certificate", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{expired}}, answerNothing), expiredFile, outbound.ExpiredCert},
		{"another host's certificate", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{other}}, answerNothing), otherFile, outbound.WrongCertificate},
		{"TLS 1.1 alone", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, answerNothing), goodFile, outbound.TLSHandshake},
		// In TLS 1.3 the alert comes when the client has sent its request, and may find it writing: then it is a broken connection.
		{"it wants a client's certificate", tlsServer(t, &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, answerNothing), goodFile, outbound.TLSHandshake},
		{"plain HTTP at an https address", strings.Replace(plainServer(t), "http:", "https:", 1), "", outbound.NotTLS},
		{"another protocol at an https address", "https://" + answering(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "SSH-2.0-"+secretAnswer+"\r\n")
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}), "", outbound.TLSHandshake},
		{"another protocol at an http address", "http://" + answering(t, func(c net.Conn) {
			_, _ = io.ReadAtLeast(c, make([]byte, 16), 16)
			_, _ = io.WriteString(c, "220 "+secretAnswer+"\r\n\r\n")
			_ = c.Close()
		}), "", outbound.NotHTTP},
		{"cut before TLS", "https://" + answering(t, reset), "", outbound.ConnectionReset},
		{"cut before the answer", "http://" + answering(t, reset), "", outbound.ConnectionReset},
		{"closed before the answer", "http://" + answering(t, func(c net.Conn) {
			_, _ = io.ReadAtLeast(c, make([]byte, 16), 16)
			_ = c.Close()
		}), "", outbound.ConnectionReset},
		{"cut in the middle of the answer", "http://" + answering(t, func(c net.Conn) {
			_, _ = io.ReadAtLeast(c, make([]byte, 16), 16)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+secretAnswer)
			_ = c.Close()
		}), "", outbound.ConnectionReset},
		{"no answer", "http://" + answering(t, func(c net.Conn) { <-hang; _ = c.Close() }), "", outbound.Timeout},
		{"no TLS", "https://" + answering(t, func(c net.Conn) { <-hang; _ = c.Close() }), "", outbound.Timeout},
		{"too much", tooMuch(t), "", outbound.TooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, err := outbound.NewClient(outbound.Options{TrustedCAFile: test.caFile, Timeout: time.Second, MaxBody: 1000})
			if err != nil {
				t.Fatal(err)
			}
			expectKind(t, get(client, test.address), test.want)
		})
	}
}

// TestFieldCase13UnknownHost: a machine without a resolver says so, and one with it knows that there is no such name.
func TestFieldCase13UnknownHost(t *testing.T) {
	t.Parallel()
	client, err := outbound.NewClient(outbound.Options{Timeout: 5 * time.Second, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	err = get(client, "https://no-such-host.invalid")
	if kind := outbound.KindOf(err); kind != outbound.UnknownHost && kind != outbound.NameResolution {
		t.Errorf("kind of %v is %q", err, kind)
	}
}

func expectKind(t *testing.T, err error, want outbound.Kind) {
	t.Helper()
	if err == nil {
		t.Fatal("the request succeeded")
	}
	// As the libraries between here and a caller wrap it, with %w.
	got := outbound.KindOf(fmt.Errorf("call failed: %w", err))
	if got != want {
		t.Errorf("kind of %v is %q, want %q", err, got, want)
	}
	if strings.Contains(string(got), secretAnswer) {
		t.Error("the kind holds what the server sent")
	}
}

func plainServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	return server.URL
}

func tooMuch(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1001))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func get(client *http.Client, address string) error {
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	return err
}

// TestFieldCase13ErrorsThatNoTestCanMake: a resolver's fault, a network that is away, Windows.
func TestFieldCase13ErrorsThatNoTestCanMake(t *testing.T) {
	t.Parallel()
	of := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://login.example/" + secretAnswer, Err: err}
	}
	dial := func(number syscall.Errno) error {
		return of(&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", number)})
	}
	tests := []struct {
		name string
		err  error
		want outbound.Kind
	}{
		{"nil", nil, ""},
		{"no network error", errors.New("json: unexpected character"), ""},
		{"no such name", of(&net.DNSError{Err: "no such host", Name: secretAnswer, IsNotFound: true}), outbound.UnknownHost},
		{"the resolver answers nonsense", of(&net.DNSError{Err: "server misbehaving", Name: secretAnswer}), outbound.NameResolution},
		{"the resolver is silent", of(&net.DNSError{Err: "i/o timeout", Name: secretAnswer, IsTimeout: true}), outbound.Timeout},
		{"no route to the host", dial(syscall.EHOSTUNREACH), outbound.Unreachable},
		{"no network", dial(syscall.ENETUNREACH), outbound.Unreachable},
		{"the system's timeout", dial(syscall.ETIMEDOUT), outbound.Timeout},
		{"Windows: refused", dial(10061), outbound.ConnectionRefused},
		{"Windows: reset", dial(10054), outbound.ConnectionReset},
		{"no free port", dial(syscall.EADDRNOTAVAIL), outbound.OtherNetworkError},
		{"the caller left", of(context.Canceled), outbound.Canceled},
		{"the deadline passed", context.DeadlineExceeded, outbound.Timeout},
		{"a certificate that may not be used so", of(&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}}), outbound.BadCertificate},
		{"no certificates on this system", of(&tls.CertificateVerificationError{Err: x509.SystemRootsError{}}), outbound.UnknownAuthority},
		{"anything else of a request", of(errors.New("net/http: " + secretAnswer)), outbound.OtherNetworkError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := outbound.KindOf(test.err); got != test.want {
				t.Errorf("kind is %q, want %q", got, test.want)
			}
		})
	}
}
