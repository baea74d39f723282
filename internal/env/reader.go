package env

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The two values of ENVIRONMENT.
const (
	production  = "production"
	development = "development"
)

// Reader hands out settings by name and remembers what was wrong with them.
// It is meant for the start of a program and not safe for concurrent use.
type Reader struct {
	lookup      func(name string) string
	environment string
	file        string // where values came from, for the error's heading; empty if there was none
	asked       map[string]bool
	problems    []string // each completes a line: the setting's name, and what is wrong with it
}

// Open reads the settings file in dir that ENVIRONMENT names. Where ENVIRONMENT is not set it is development if there is
// a development.env, and production otherwise: a deployment that forgot the variable gets the stricter of the two.
//
// A file that can't be parsed is an error at once; a file that isn't there is none, since the real environment may hold
// everything.
func Open(dir string) (*Reader, error) {
	environment := os.Getenv("ENVIRONMENT")
	if environment == "" {
		environment = production
		if _, err := os.Stat(filepath.Join(dir, development+".env")); err == nil {
			environment = development
		}
	}
	if environment != production && environment != development {
		return nil, fmt.Errorf("ENVIRONMENT is %q; it is either %s or %s", environment, production, development)
	}
	file := filepath.Join(dir, environment+".env")
	values, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if values == nil {
		file = ""
	}
	if err := exportOpenTelemetry(values); err != nil {
		return nil, err
	}
	// An empty variable counts as none: Compose files pass NAME=${NAME:-} for what nobody has set.
	r := newReader(environment, func(name string) string { return cmp.Or(os.Getenv(name), values[name]) })
	r.file = file
	return r, nil
}

// From reads settings from a map, for tests and for programs that make their settings themselves.
// The map's ENVIRONMENT decides [Reader.Development]; without it, it is production.
func From(values map[string]string) *Reader {
	values = maps.Clone(values)
	return newReader(cmp.Or(values["ENVIRONMENT"], production), func(name string) string { return values[name] })
}

func newReader(environment string, lookup func(string) string) *Reader {
	return &Reader{lookup: lookup, environment: environment, asked: map[string]bool{"ENVIRONMENT": true}}
}

// readFile returns the values of an env file, or nil where there is no such file.
func readFile(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the settings: %w", err)
	}
	parsed, err := ParseFile(content)
	if err != nil {
		return nil, fmt.Errorf("reading %s:\n  %w", path, err)
	}
	return parsed.Values, nil
}

// exportOpenTelemetry puts the file's OTEL_ variables into the environment where they aren't set: OpenTelemetry's exporter
// reads its settings there by itself, and would not see the file.
func exportOpenTelemetry(values map[string]string) error {
	for name, value := range values {
		if strings.HasPrefix(name, "OTEL_") && os.Getenv(name) == "" {
			if err := os.Setenv(name, value); err != nil {
				return fmt.Errorf("setting %s: %w", name, err)
			}
		}
	}
	return nil
}

// Development reports whether the program runs on a developer's machine, where it may show more of what happens inside.
func (r *Reader) Development() bool { return r.environment == development }

// Names returns every name that was asked for, sorted, ENVIRONMENT among them.
func (r *Reader) Names() []string { return slices.Sorted(maps.Keys(r.asked)) }

// Reject records what is wrong with a setting, for checks that only its user can make: two settings that must agree, a
// file that can't be read. The problem completes the sentence "NAME …" and says what the value should look like; it never holds
// the value of a secret.
func (r *Reader) Reject(name, problem string) {
	r.problems = append(r.problems, name+" "+problem)
}

// Err returns nil, or an error with everything found so far, one a line, below a heading that says where to mend it.
func (r *Reader) Err() error {
	if len(r.problems) == 0 {
		return nil
	}
	noun := "settings are"
	if len(r.problems) == 1 {
		noun = "setting is"
	}
	where := "the environment (there is no " + r.environment + ".env here)"
	if r.file != "" {
		where = r.file + " or the environment"
	}
	return fmt.Errorf("%d %s to be mended, in %s:\n  %s", len(r.problems), noun, where, strings.Join(r.problems, "\n  "))
}

// value returns a setting without the space around it. A placeholder of the template counts as not set: an application
// that starts with "ReplaceWithTenantID" for a tenant fails much later, and less clearly.
func (r *Reader) value(name string) (value string, placeholder bool) {
	again := r.asked[name]
	r.asked[name] = true
	value = strings.TrimSpace(r.lookup(name))
	if strings.Contains(value, "ReplaceWith") {
		return "", true
	}
	if !again && !r.Development() && published(value) {
		r.Reject(name, "is one of devtenant's, which everybody can read: in production it would keep nobody out; it should be your own")
	}
	return value, false
}
