package readme

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	webui "github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

var (
	// recipeStep is a line in bold that says which file is changed and how, and the block below it.
	recipeStep = regexp.MustCompile("(?s)(?:^|\n)\\*\\*`([^`]+)`\\*\\*, (?:(new)|(after|in place of) `([^`]+)`):\n\n```\\w+\n(.*?)```\n")
	// recipeBlock is a block with the commands to type, or with settings.
	recipeBlock = regexp.MustCompile("(?s)\n```(commands|settings)\n(.*?)```\n")
)

// recipe returns a section of docs/recipes.md.
func recipe(t *testing.T, title string) string {
	t.Helper()
	_, section, found := strings.Cut(read(t, "docs/recipes.md"), "\n## "+title+"\n")
	if !found {
		t.Fatalf("docs/recipes.md has no recipe %q", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// TestRecipes takes the recipes that change code, each in a copy of its own.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"Add a downstream API", "Add a route with a scope of its own"} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			section := recipe(t, title)
			steps := recipeStep.FindAllStringSubmatch(section, -1)
			commands := recipeBlock.FindStringSubmatch(section)
			if len(steps) < 5 || strings.Count(section, "\n**`") != len(steps) || commands == nil {
				t.Fatalf("%d steps of %d were read, and the commands %v", len(steps), strings.Count(section, "\n**`"), commands)
			}
			c := copyOf(t)
			files, lines := map[string]bool{}, 0
			for _, step := range steps {
				file, isNew, how, mark, block := step[1], step[2] != "", step[3], step[4], step[5]
				files[file], lines = true, lines+strings.Count(block, "\n")
				switch {
				case isNew:
					c.write(file, []byte(block), 0o644)
				case how == "after":
					c.edit(file, func(text string) string { return insertAfter(t, text, mark, block) })
				default:
					c.edit(file, func(text string) string { return strings.Replace(text, mark, strings.TrimSuffix(block, "\n"), 1) })
				}
			}
			if size := fmt.Sprintf("%d files and %d lines", len(files), lines); title == "Add a downstream API" &&
				(!strings.Contains(section, size) || !strings.Contains(read(t, "README.md"), size)) {
				t.Errorf("the recipe and README should say %s", size)
			}
			c.runAll(commands[2])
		})
	}
}

// insertAfter puts lines below the first line that has a mark.
func insertAfter(t *testing.T, text, mark, block string) string {
	t.Helper()
	before, after, found := strings.Cut(text, mark)
	rest, below, ended := strings.Cut(after, "\n")
	if !found || !ended {
		t.Fatalf("there is no line with %q", mark)
	}
	return before + mark + rest + "\n" + block + below
}

// TestSeveralOrganizations: with the settings of the recipe both tiers start.
func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	settings := devtenant.Start(t).Settings()
	block := recipeBlock.FindStringSubmatch(recipe(t, "Let users of several organizations in"))
	if block == nil {
		t.Fatal("the recipe has no settings")
	}
	for line := range strings.Lines(block[2]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		settings[name] = value
	}
	if _, err := api.ReadConfig(env.From(settings)); err != nil {
		t.Errorf("API: %v", err)
	}
	if _, err := webui.ReadConfig(env.From(settings)); err != nil {
		t.Errorf("web UI: %v", err)
	}
	delete(settings, "ALLOWED_TENANTS")
	if _, err := api.ReadConfig(env.From(settings)); err == nil || !strings.Contains(err.Error(), "ALLOWED_TENANTS") {
		t.Errorf("without the list: %v", err)
	}
}
