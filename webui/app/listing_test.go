package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSearchAndPages looks at grace's 250 subscriptions: Contoso project 001 to 250.
func TestSearchAndPages(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	grace := s.browser(t)
	grace.signIn("grace")
	for _, test := range []struct {
		name, query string
		rows        int
		shows       string // a row; "" for none
		says        string
	}{
		{"the first page", "", 25, "Contoso project 001", "1 to 25 of 250"},
		{"another page", "page=3", 25, "Contoso project 051", "51 to 75 of 250"},
		{"the last page", "page=10", 25, "Contoso project 250", "226 to 250 of 250"},
		{"behind the last page", "page=11", 25, "Contoso project 250", "Page 10 of 10"},
		{"a number that no computer holds", "page=99999999999999999999", 25, "Contoso project 250", "Page 10 of 10"},
		{"before the first page", "page=-1", 25, "Contoso project 001", "Page 1 of 10"},
		{"a page that is no number", "page=x", 25, "Contoso project 001", "Page 1 of 10"},
		{"a name, whatever the case", "q=pROJECT+04", 10, "Contoso project 040", "10 of them have"},
		{"an id", "q=DE7E0000-0000-4000-8000-000000070123", 1, "Contoso project 123", "1 of them has"},
		{"blanks around it", "q=+123+", 1, "Contoso project 123", "1 of them has"},
		{"a page of what was found", "q=project+1&page=2", 25, "Contoso project 125", "26 to 50 of 100"},
		{"links keep the search", "q=project+1", 25, "Contoso project 100", `href="/?page=2&amp;q=project+1"`},
		{"nothing found", "q=nothing", 0, "", "None of them has"},
		{"nothing found, and the way back", "q=nothing", 0, "", `<a href="/">Show all 250</a>`},
		{"markup", "q=" + url.QueryEscape(`"><script>`), 0, "", "&gt;&lt;script&gt;"},
		{"a text that is too long is cut", "q=" + strings.Repeat("x", 5000), 0, "", strings.Repeat("x", 100) + "</bdi>"},
		{"not UTF-8", "q=%ff", 0, "", "None of them has"},
		{"not a query", "q=%zz;a=b", 25, "Contoso project 001", "1 to 25 of 250"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := grace.open("/?" + test.query)
			if got.status != http.StatusOK || got.rows() != test.rows {
				t.Fatalf("%d, %d rows, want %d", got.status, got.rows(), test.rows)
			}
			if !strings.Contains(got.body, `<h1 id="list">250 subscriptions</h1>`) || !strings.Contains(got.body, test.says) || strings.Contains(got.body, "<script") {
				t.Errorf("the page doesn't say %q:\n%s", test.says, got.body)
			}
			if row := fmt.Sprintf("<bdi>%s</bdi>", test.shows); test.shows != "" && !strings.Contains(got.body, row) {
				t.Errorf("the page doesn't show %q:\n%s", test.shows, got.body)
			}
		})
	}
	t.Run("the button to sign in leads back to the search", func(t *testing.T) {
		visitor := s.visitor(t)
		if got := visitor.get("/?q=123&page=2"); !strings.Contains(got.body, `href="/account/login?return_to=%2F%3Fq%3D123%26page%3D2"`) {
			t.Errorf("the way to sign in:\n%s", got.body)
		}
	})
	t.Run("a short list has no form", func(t *testing.T) {
		alice := s.browser(t)
		if got := alice.signIn("alice"); strings.Contains(got.body, `role="search"`) || strings.Contains(got.body, `class="pages"`) {
			t.Errorf("alice's page:\n%s", got.body)
		}
	})
}
