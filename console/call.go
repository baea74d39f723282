package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// call asks the API for one of its routes. Of an error's texts nothing is shown: the code leads to this side's own.
func (c config) call(ctx context.Context, path string, token secret.String) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.apiURL.JoinPath(path).String(), nil)
	if err != nil {
		return nil, fmt.Errorf("making the request for the API: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	response, err := c.api.Do(request)
	if err != nil {
		return nil, fmt.Errorf("calling the API: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the API's answer: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return body, nil
	}
	return nil, problemOf(response.StatusCode, body)
}

// problemOf says why a request was refused.
func problemOf(status int, body []byte) error {
	var problem struct{ Code, TraceID string }
	_ = json.Unmarshal(body, &problem) // a proxy's page has no code
	if row, ok := apperror.Lookup(problem.Code); ok {
		return fmt.Errorf("the API answered %d %s: %s %s See %s (trace id %.32q)", status, row.Code, row.What, row.Developer, apperror.Docs(row.Code), problem.TraceID)
	}
	return fmt.Errorf("the API answered %d", status)
}

// show writes the subscriptions. %q keeps what people call them from moving the terminal's cursor.
func show(w io.Writer, body []byte, asJSON bool) error {
	var list struct {
		Value []struct {
			ID    string `json:"subscriptionId"`
			Name  string `json:"displayName"`
			State string `json:"state"`
		} `json:"value"`
	}
	if err := json.Unmarshal(body, &list); err != nil || list.Value == nil {
		return errors.New("the API's answer is not a list of subscriptions")
	}
	if asJSON {
		_, err := io.WriteString(w, visible(strings.TrimSpace(string(body)))+"\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSTATE\tSUBSCRIPTION ID")
	for _, row := range list.Value {
		fmt.Fprintf(table, "%q\t%q\t%q\n", row.Name, row.State, row.ID)
	}
	return table.Flush()
}

// visible writes as \u00xx, which JSON reads back, whatever a terminal would act upon: control characters, of which JSON allows those
// above U+007E, and those that turn the direction of writing. Line ends and tabs stay.
func visible(text string) string {
	var out strings.Builder
	for _, char := range text {
		if (unicode.IsControl(char) && char != '\n' && char != '\t' && char != '\r') || unicode.Is(unicode.Bidi_Control, char) {
			fmt.Fprintf(&out, `\u%04x`, char)
			continue
		}
		out.WriteRune(char)
	}
	return out.String()
}

// oneLine is visible for what is shown in a line or a cell of ours: a server's text must not begin a line that looks like one of these,
// nor write over one.
func oneLine(text string) string { return strings.Join(strings.Fields(visible(text)), " ") }
