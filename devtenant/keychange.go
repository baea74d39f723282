package devtenant

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
)

// KeyChange is what a fault does to each key of the key set. The oddities are those that key sets in the field had.
type KeyChange struct {
	Algorithm      string // the member alg, which Entra leaves out
	Twin           bool   // puts another key of the same kid behind it
	NegativeSerial bool   // makes the certificate in x5c one that few libraries read: its serial number is negative
}

// apply changes the key that was put into the set last.
func (c KeyChange) apply(keys []publishedKey) []publishedKey {
	last := &keys[len(keys)-1]
	last.Alg = c.Algorithm
	if c.NegativeSerial {
		last.X5c = []string{withNegativeSerial(last.X5c[0])}
	}
	if c.Twin {
		twin := *last
		twin.N = otherModulus(last.N)
		keys = append(keys, twin)
	}
	return keys
}

// withNegativeSerial sets the sign of a certificate's serial number (RFC 5280 section 4.1.2.2). The certificate's own
// signature is wrong then; nobody looks at it.
func withNegativeSerial(certificate string) string {
	der, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil {
		panic("devtenant: decoding a certificate of ours: " + err.Error())
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		panic("devtenant: reading a certificate of ours: " + err.Error())
	}
	serial := parsed.SerialNumber.Bytes()
	der[bytes.Index(der, serial)] |= 0x80
	return base64.StdEncoding.EncodeToString(der)
}

// otherModulus is a modulus of the same length that nobody has the private key of.
func otherModulus(n string) string {
	raw, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		panic("devtenant: decoding a modulus of ours: " + err.Error())
	}
	raw[len(raw)/2] ^= 0xff
	return base64.RawURLEncoding.EncodeToString(raw)
}
