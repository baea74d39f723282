package envfile

import (
	"regexp"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// plain is what godotenv, docker compose and a shell all read as it stands.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.~:/@,+=-]*$`)

// quote writes a value for a settings file so that [env.ParseFile] reads the same back, and returns false where there is no
// way to write it, which is rare: a control character, or quotes of both kinds together with space around them.
func quote(value string) (string, bool) {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`).Replace(value)
	candidates := []string{"'" + value + "'", `"` + escaped + `"`, value}
	if plain.MatchString(value) {
		candidates = []string{value}
	}
	for _, text := range candidates {
		file, err := env.ParseFile([]byte("NAME=" + text + "\n"))
		if read, there := file.Values["NAME"]; err == nil && there && read == value && len(file.Values) == 1 {
			return text, true
		}
	}
	return "", false
}
