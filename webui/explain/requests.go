package explain

import (
	"embed"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// code is the functions that make the hops' requests, copied: a package can't embed another's files. A test compares them.
//
//go:embed code/*.txt
var code embed.FS

// source is a function.
type source struct{ File, Func string }

// Text returns the function, as the file has it.
func (s source) Text() string {
	text, err := code.ReadFile("code/" + s.Func + ".txt")
	if err != nil {
		return "" // which the test reports
	}
	return string(text)
}

// sent is a request as a hop shows it.
type sent struct {
	wire.Request
	Title string
	When  string
	Marks []string // the parameters that make it on-behalf-of
}

// summary says what is folded.
func (h hop) summary() string {
	if h.Number == 3 {
		return "The request, with what makes it on-behalf-of marked, and its code"
	}
	return "The request and its code"
}

// addRequests puts the requests into the hops, where they are known.
func addRequests(hops []hop, s *figures, now time.Time) {
	add := func(at int, title, when string, request *wire.Request, marks ...string) {
		if request != nil {
			hops[at].Requests = append(hops[at].Requests, sent{*request, title, when, marks})
		}
	}
	ago := func(request *wire.Request) string {
		if request == nil {
			return ""
		}
		return "sent " + since(now.Sub(request.At)) + " ago, not for this page"
	}
	add(0, "The browser is sent to Entra", ago(s.signIn.authorization), s.signIn.authorization)
	add(0, "The web UI gets token A", ago(s.signIn.token), s.signIn.token)
	add(1, "The web UI calls the API", "", s.apiSent)
	if s.answer == nil {
		return
	}
	for _, step := range s.answer.Steps {
		switch step.Name {
		case "exchange":
			when := ""
			if step.Cached {
				when = ago(step.Sent)
			}
			add(2, "The API exchanges token A", when, step.Sent, "grant_type", "requested_token_use", "assertion", "scope")
		case s.about.Step:
			add(3, "The API calls "+s.about.Service, "", step.Sent)
		}
	}
}

func since(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int(max(d, 0).Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}
