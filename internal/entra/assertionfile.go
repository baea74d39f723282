package entra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

// maxAssertion bounds a federated token, in bytes. Kubernetes' and GitHub's have one or two thousand.
const maxAssertion = 16 << 10

// fileCredential is a credential out of a file that somebody else keeps writing: Kubernetes replaces a projected token when
// 80 % of its lifetime is over, an hour by default. It is read at each use, since a token that was kept would be refused
// (AADSTS700024) after that hour; reading costs microseconds beside the request that carries it.
//
// It is read once at the start, too: a wrong path should stop the program, and not its first user.
func fileCredential(name, file string) (confidential.Credential, error) {
	if _, err := readAssertion(file); err != nil {
		return confidential.Credential{}, err
	}
	return confidential.NewCredFromAssertionCallback(
		func(context.Context, confidential.AssertionRequestOptions) (string, error) {
			assertion, err := readAssertion(file)
			if err != nil {
				return "", &TokenError{Kind: NoCredential, Reason: name + " " + err.Error()}
			}
			return assertion, nil
		}), nil
}

// jwtForm is the compact form of a signed JWT (RFC 7519, section 3; RFC 7515, section 7.1).
var jwtForm = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// readAssertion reads a federated token. What is in it is Entra's to judge; that it has a token's form is checked, since an
// answer to anything else says no more than that it is malformed. Errors name the file and complete "NAME …".
func readAssertion(path string) (string, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return "", fmt.Errorf("can't be read (%w)", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("names %s, which is no file", path) // to open a named pipe would wait for a writer
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("can't be read (%w)", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxAssertion+1)) // some files have more in them than they say
	switch {
	case err != nil:
		return "", fmt.Errorf("can't be read (%w)", err)
	case len(content) > maxAssertion:
		return "", fmt.Errorf("names %s, which is longer than the %d bytes that a token may have", path, maxAssertion)
	}
	assertion := strings.TrimSpace(string(content))
	switch {
	case assertion == "":
		return "", errors.New("names " + path + ", which is empty")
	case !jwtForm.MatchString(assertion):
		return "", errors.New("names " + path + ", which holds no signed JWT")
	}
	return assertion, nil
}
