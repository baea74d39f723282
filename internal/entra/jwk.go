package entra

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

const (
	minKeyBits  = 2048
	maxKeyBits  = 8192      // verification's cost grows with the square of it
	minExponent = 1<<16 + 1 // what Entra and nearly everybody uses, and the least that FIPS 186-5 allows
	maxExponent = 1<<31 - 1 // the most that crypto/rsa takes
	// maxKeyID bounds a kid, in bytes. Entra's are the thumbprints of certificates, 27 bytes.
	maxKeyID = 256
)

// signingKey is what is read of an entry of the key set (RFC 7517; RFC 7518, section 6.3). Its other members, the
// certificates of x5c and their thumbprints among them, vouch for nothing here, since the set came over TLS from the
// tenant, and so can't spoil a key: go-jose refuses a key over a certificate that crypto/x509 doesn't like.
type signingKey struct {
	id     string
	key    *rsa.PublicKey
	issuer string // Entra's own member; "" where it is missing
}

// vouchesFor reports whether the key may verify a token of a tenant with an issuer.
func (k signingKey) vouchesFor(tenantID, issuer string) bool {
	return k.issuer == "" || strings.ReplaceAll(k.issuer, tenantPlaceholder, tenantID) == issuer
}

func (k signingKey) equal(other signingKey) bool {
	return k.issuer == other.issuer && k.key.Equal(other.key)
}

// readSigningKey returns the key of an entry that may verify tokens of RS256. Where it may not, the error says why and holds
// nothing of the entry, and the result has the kid, if there is one.
func readSigningKey(entry []byte) (signingKey, error) {
	members, err := membersOf(entry)
	if err != nil {
		return signingKey{}, err
	}
	var read signingKey
	var kty, use, alg, n, e string
	for name, into := range map[string]*string{"kid": &read.id, "kty": &kty, "use": &use, "alg": &alg, "n": &n, "e": &e, "issuer": &read.issuer} {
		if raw, there := members[name]; there && json.Unmarshal(raw, into) != nil {
			return signingKey{id: read.id}, fmt.Errorf("its %s is not text", name)
		}
	}
	var operations []string
	if raw, there := members["key_ops"]; there && json.Unmarshal(raw, &operations) != nil {
		return read, errors.New("its key_ops is not a list of texts")
	}
	switch {
	case read.id == "" || len(read.id) > maxKeyID:
		return signingKey{}, errors.New("it has no kid of a sensible length")
	case kty != "RSA":
		return read, errors.New("its kty is not RSA")
	case use != "" && use != "sig":
		return read, errors.New("its use is not sig")
	case alg != "" && alg != "RS256":
		return read, errors.New("its alg is not RS256")
	case operations != nil && !slices.Contains(operations, "verify"):
		return read, errors.New("its key_ops doesn't have verify")
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, there := members[private]; there {
			return read, errors.New("its private half is published, so that anybody can sign with it")
		}
	}
	read.key, err = publicKey(n, e)
	return read, err
}

// membersOf returns the members of a JSON object by their exact names. A name that is there twice is an error where the
// member counts: which of the two a reader takes differs from reader to reader (RFC 7517, section 4).
func membersOf(entry []byte) (map[string]json.RawMessage, error) {
	notAnObject := errors.New("it is not a JSON object")
	decoder := json.NewDecoder(bytes.NewReader(entry))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, notAnObject
	}
	members, twice := map[string]json.RawMessage{}, ""
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, notAnObject
		}
		if _, known := members[name]; known && slices.Contains([]string{"kid", "kty", "use", "alg", "key_ops", "n", "e", "issuer"}, name) {
			twice = name
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil, notAnObject
		}
		members[name] = value
	}
	if twice != "" {
		return nil, fmt.Errorf("its %s is there twice", twice)
	}
	return members, nil
}

func publicKey(n, e string) (*rsa.PublicKey, error) {
	modulus, err := unsignedInteger(n)
	if err != nil {
		return nil, errors.New("its n is not a number in base64url")
	}
	exponent, err := unsignedInteger(e)
	if err != nil {
		return nil, errors.New("its e is not a number in base64url")
	}
	switch bits := modulus.BitLen(); {
	case bits < minKeyBits || bits > maxKeyBits:
		return nil, fmt.Errorf("it has %d bits, and %d to %d are taken", bits, minKeyBits, maxKeyBits)
	case modulus.Bit(0) == 0:
		return nil, errors.New("its n is even, which no product of two primes is")
	case !exponent.IsInt64() || exponent.Int64() < minExponent || exponent.Int64() > maxExponent || exponent.Bit(0) == 0:
		// With 1 everything is its own signature; the small ones forgive no mistake in padding.
		return nil, fmt.Errorf("its e is not an odd number from %d to %d", minExponent, maxExponent)
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, nil
}

// unsignedInteger reads a Base64urlUInt (RFC 7518, section 2). Padded, or with zeros in front, it is the same number.
func unsignedInteger(text string) (*big.Int, error) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(raw) == 0 {
		return nil, errors.New("not a number")
	}
	return new(big.Int).SetBytes(raw), nil
}
