// Package guid says what a GUID of Microsoft Entra ID looks like: the ids of tenants, applications and users.
package guid

import (
	"strings"

	"github.com/google/uuid"
)

// length of the one form that Entra writes. uuid reads four more: with braces, without hyphens, as a URN.
const length = 36

// Valid reports whether text is a GUID in the form 8-4-4-4-12, in upper or lower case, with nothing around it.
func Valid(text string) bool { return len(text) == length && uuid.Validate(text) == nil }

// ValidLower reports whether text is such a GUID in lower case, as Entra writes it into tokens and documents. Claims are
// compared to the letter, so that one user in two spellings would be two.
func ValidLower(text string) bool { return Valid(text) && text == strings.ToLower(text) }
