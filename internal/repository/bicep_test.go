package repository

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// There is no Bicep compiler where this repository is tested. What a reader of the files would check is checked here: that they
// hang together, and that the tiers start with the settings that they give.

func bicep(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join("infra", name))
}

func bicepFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "infra", "*.bicep"))
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d files in infra, %v", len(paths), err)
	}
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	return paths
}

// withoutText replaces comments and what is inside strings by spaces, and notes brackets that don't close.
func withoutText(source string) (code string, balanced bool) {
	var out strings.Builder
	var open []byte
	closes := map[byte]byte{')': '(', ']': '[', '}': '{'}
	for i := 0; i < len(source); i++ {
		rest := source[i:]
		switch {
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest+"\n", '\n')
			i += end - 1
			continue
		case strings.HasPrefix(rest, "'''"):
			end := strings.Index(rest[3:], "'''")
			if end < 0 {
				return out.String(), false
			}
			i += end + 5
			out.WriteString("''")
			continue
		case rest[0] == '\'':
			end := 1
			for end < len(rest) && rest[end] != '\'' {
				if rest[end] == '\n' {
					return out.String(), false
				}
				if rest[end] == '\\' {
					end++
				}
				end++
			}
			if literal := rest[:end]; strings.Count(literal, "${") != strings.Count(literal, "}") {
				return out.String(), false
			}
			i += end
			out.WriteString("''")
			continue
		}
		c := source[i]
		if strings.IndexByte("([{", c) >= 0 {
			open = append(open, c)
		}
		if begin := closes[c]; begin != 0 {
			if len(open) == 0 || open[len(open)-1] != begin {
				return out.String(), false
			}
			open = open[:len(open)-1]
		}
		out.WriteByte(c)
	}
	return out.String(), len(open) == 0
}

var (
	bicepParam  = regexp.MustCompile(`(?m)^param (\w+) \w+( =)?`)
	bicepModule = regexp.MustCompile(`(?m)^module (\w+) '([^']+)'`)
)

// TestBicepHangsTogether: brackets close, modules exist, and each is given the parameters that it declares and no others.
func TestBicepHangsTogether(t *testing.T) {
	t.Parallel()
	modules := 0
	for _, name := range bicepFiles(t) {
		source := bicep(t, name)
		if _, balanced := withoutText(source); !balanced {
			t.Errorf("%s: a bracket or a string doesn't close", name)
		}
		for _, match := range bicepModule.FindAllStringSubmatch(source, -1) {
			modules++
			given := map[string]bool{}
			for _, param := range regexp.MustCompile(`\b(\w+):`).FindAllStringSubmatch(topLevel(t, block(t, source, "module "+match[1]+" ")), -1) {
				given[param[1]] = true
			}
			declared := bicep(t, match[2])
			for _, param := range bicepParam.FindAllStringSubmatch(declared, -1) {
				if !given[param[1]] && param[2] == "" {
					t.Errorf("%s: module %s lacks %s", name, match[1], param[1])
				}
				delete(given, param[1])
			}
			for param := range given {
				t.Errorf("%s: module %s has no parameter %s", name, match[1], param)
			}
		}
	}
	if modules < 8 {
		t.Errorf("only %d modules were found", modules)
	}
}

// topLevel returns the names and values directly in a module's params.
func topLevel(t *testing.T, module string) string {
	t.Helper()
	_, params, found := strings.Cut(module, "params: {")
	if !found {
		t.Fatalf("a module without params: %.60s", module)
	}
	code, _ := withoutText(params)
	var out strings.Builder
	depth := 0
	for _, c := range code {
		switch c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth--; depth < 0 {
				return out.String()
			}
		default:
			if depth == 0 {
				out.WriteRune(c)
			}
		}
	}
	return out.String() // withoutText stops at the bracket that closes params
}

// block returns the declaration that begins a line with begin, up to the line that closes it.
func block(t *testing.T, source, begin string) string {
	t.Helper()
	_, rest, found := strings.Cut("\n"+source, "\n"+begin)
	body, _, closed := strings.Cut(rest, "\n}")
	if list, _, isList := strings.Cut(rest, "\n)"); isList && strings.HasPrefix(begin, "var ") {
		body, closed = list, true
	}
	if !found || !closed {
		t.Fatalf("there is no %s…", begin)
	}
	return body + "\n}"
}

func TestAzdGivesEachParameter(t *testing.T) {
	t.Parallel()
	var file struct {
		Parameters map[string]struct{ Value string }
	}
	if err := json.Unmarshal([]byte(bicep(t, "main.parameters.json")), &file); err != nil {
		t.Fatal(err)
	}
	source := bicep(t, "main.bicep")
	for _, param := range bicepParam.FindAllStringSubmatch(source, -1) {
		if _, given := file.Parameters[param[1]]; !given && param[2] == "" {
			t.Errorf("main.parameters.json lacks %s", param[1])
		}
	}
	// azd's own, what the hooks set, and the two that a person may set.
	known := regexp.MustCompile(`^\$\{(AZURE_\w+|SERVICE_(API|WEBUI)_RESOURCE_EXISTS|API_CLIENT_ID|WEBUI_CLIENT_ID|KEYS_EXIST|REDIS|TRACES)(=\w+)?\}$`)
	hooks := read(t, "deploy/azd/hooks.go")
	for name, value := range file.Parameters {
		if !regexp.MustCompile(`(?m)^param ` + name + ` `).MatchString(source) {
			t.Errorf("main.bicep has no parameter %s", name)
		}
		match := known.FindStringSubmatch(value.Value)
		if match == nil {
			t.Errorf("%s is %s, which nobody sets", name, value.Value)
		} else if strings.HasSuffix(match[1], "_CLIENT_ID") || match[1] == "KEYS_EXIST" {
			if !strings.Contains(hooks, `"`+match[1]+`"`) {
				t.Errorf("%s: no hook sets %s", name, match[1])
			}
		}
	}
	for _, output := range regexp.MustCompile(`getenv\("(WEBUI_URL|\w+_IDENTITY)"\)`).FindAllStringSubmatch(hooks, -1) {
		if !strings.Contains(source, "output "+output[1]+" ") {
			t.Errorf("a hook reads %s, which main.bicep doesn't put out", output[1])
		}
	}
}

// TestAzureYAMLNamesWhatIsThere: hooks that the program has, and services that are targets of the Dockerfile and tags in Bicep.
func TestAzureYAMLNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	azure, hooks := read(t, "azure.yaml"), read(t, "deploy/azd/hooks.go")
	called := map[string]int{}
	for _, hook := range regexp.MustCompile(`(?m)^  (\w+):\n    posix: .*run: go run ./deploy/azd (\w+)\}\n    windows: .*run: go run ./deploy/azd (\w+)\}$`).FindAllStringSubmatch(azure, -1) {
		called[hook[1]]++
		if hook[1] != hook[2] || hook[1] != hook[3] || !strings.Contains(hooks, `case "`+hook[1]+`":`) {
			t.Errorf("the hook %s runs %s and %s", hook[1], hook[2], hook[3])
		}
	}
	if len(called) != strings.Count(hooks, "\tcase \"") {
		t.Errorf("azure.yaml has the hooks %v, and deploy/azd others", called)
	}
	services := regexp.MustCompile(`(?m)^  (\w+):\n    project: \.\n    host: containerapp\n    language: docker\n    docker: \{path: Dockerfile, context: \., target: (\w+), remoteBuild: true\}$`).FindAllStringSubmatch(azure, -1)
	if len(services) != 2 {
		t.Errorf("azure.yaml has the services %v, want two", services)
	}
	for _, service := range services {
		if service[1] != service[2] || !strings.Contains(read(t, "Dockerfile"), " AS "+service[2]+"\n") || !strings.Contains(bicep(t, "resources.bicep"), "service: '"+service[1]+"'") {
			t.Errorf("the service %s is built from the target %s; Dockerfile and Bicep should know both", service[1], service[2])
		}
	}
}

// bicepValues are what the expressions in settings stand for, in a deployment that looks like one.
var bicepValues = map[string]string{
	"authority": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555", "resourceManager": "https://management.azure.com",
	"webuiUrl": "https://ca-webui-x.example.azurecontainerapps.io", "apiUrl": "https://ca-api-x.internal.example.azurecontainerapps.io",
	"apiClientId": "11111111-2222-3333-4444-666666666666", "webuiClientId": "11111111-2222-3333-4444-777777777777",
	"apiIdentity.properties.clientId": "11111111-2222-3333-4444-888888888888", "webuiIdentity.properties.clientId": "11111111-2222-3333-4444-999999999999",
	"suffix": "x", "apps.properties.defaultDomain": "example.azurecontainerapps.io",
	// by reference: what infra/resources.bicep puts into the vault
	"session-key": "NjEzYmMxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=", "store-key": "NzEzYmMxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=",
	"redis-url": "rediss://:key%3D@redis-x.westeurope.redis.azure.net:10000/0",
}

var bicepSetting = regexp.MustCompile(`\{ name: '([A-Z_]+)', (value|secretRef): ([^}\n]*(?:\$\{[^}]*\}[^}\n]*)*) \}`)

// bicepSettings are a tier's settings as the files give them.
func bicepSettings(t *testing.T, tier string) map[string]string {
	t.Helper()
	source := bicep(t, "resources.bicep")
	settings := map[string]string{}
	for _, match := range bicepSetting.FindAllStringSubmatch(block(t, source, "var common ")+block(t, source, "module "+tier+" "), -1) {
		if _, twice := settings[match[1]]; twice {
			t.Errorf("%s: %s is there twice", tier, match[1])
		}
		settings[match[1]] = evaluate(t, match[3])
	}
	return settings
}

// evaluate takes a literal with interpolated names, or a name.
func evaluate(t *testing.T, expression string) string {
	t.Helper()
	value := func(name string) string {
		if _, known := bicepValues[name]; !known {
			t.Errorf("nobody knows what %s is", name)
		}
		return bicepValues[name]
	}
	if !strings.HasPrefix(expression, "'") {
		return value(expression)
	}
	literal := strings.Trim(expression, "'")
	if by, known := bicepValues[literal]; known { // a secretRef
		return by
	}
	return regexp.MustCompile(`\$\{([^}]+)\}`).ReplaceAllStringFunc(literal, func(part string) string { return value(part[2 : len(part)-1]) })
}

// readConfig is what a tier does with its settings at its start.
var readConfig = map[string]func(*env.Reader) error{
	"api": func(r *env.Reader) error {
		serve.Program{AddrSetting: "API_ADDR", DefaultAddr: "localhost:8001"}.ReadSettings(r)
		_, err := api.ReadConfig(r)
		return err
	},
	"webui": func(r *env.Reader) error {
		serve.Program{AddrSetting: "WEBUI_ADDR", DefaultAddr: "localhost:8000"}.ReadSettings(r)
		_, err := webui.ReadConfig(r)
		return err
	},
}

// TestTiersStartWithBicepsSettings: every name is a setting that the tier reads, every required one is there, and production
// takes the values.
func TestTiersStartWithBicepsSettings(t *testing.T) {
	t.Parallel()
	for tier, start := range readConfig {
		settings := bicepSettings(t, tier)
		if len(settings) < 10 || settings["ENVIRONMENT"] != "production" {
			t.Fatalf("%s: %v", tier, settings)
		}
		for name := range settings {
			if strings.HasSuffix(name, "_SECRET") {
				t.Errorf("%s has %s: no secret is the point", tier, name)
			}
		}
		reader := env.From(settings)
		if err := start(reader); err != nil {
			t.Errorf("%s doesn't start: %v", tier, err)
		}
		for name := range settings {
			if !slices.Contains(reader.Names(), name) && name != "OTEL_EXPORTER_OTLP_ENDPOINT" {
				t.Errorf("%s doesn't read %s", tier, name)
			}
		}
	}
}

// TestWhatAzureProbesIsThere: probes ask for what a tier answers, on the port on which it listens.
func TestWhatAzureProbesIsThere(t *testing.T) {
	t.Parallel()
	probes := regexp.MustCompile(`path: '([^']+)'`).FindAllStringSubmatch(bicep(t, "tier.bicep"), -1)
	if len(probes) != 3 {
		t.Fatalf("%d probes, want 3", len(probes))
	}
	for _, probe := range probes {
		for _, tier := range []string{"api", "webui"} {
			if !answersRoute(t, tier, probe[1]) {
				t.Errorf("the %s has no route %s", tier, probe[1])
			}
		}
	}
	for tier, want := range map[string]string{"api": "API_ADDR", "webui": "WEBUI_ADDR"} {
		port := regexp.MustCompile(`port: (\d+)`).FindStringSubmatch(block(t, bicep(t, "resources.bicep"), "module "+tier+" "))
		if addr := bicepSettings(t, tier)[want]; port == nil || addr != ":"+port[1] {
			t.Errorf("the %s listens on %s, and is asked on %v", tier, addr, port)
		}
	}
}

// answersRoute looks for a route's path in the sources of a tier, or in what both share.
func answersRoute(t *testing.T, tier, path string) bool {
	t.Helper()
	found := false
	for _, folder := range []string{tier, "internal"} {
		err := filepath.WalkDir(filepath.Join(root(t), folder), func(name string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			content, err := os.ReadFile(name)
			found = found || strings.Contains(string(content), `"`+path+`"`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}
