package explain

import (
	"fmt"
	"strconv"
	"time"
)

// hop is one of the four on the way from the browser to Azure.
type hop struct {
	Number   int
	Title    string
	From     string
	To       string
	What     string
	Took     string // "" where nobody says, as in production
	Outcome  string // on an error page: brokeHere, notReached, or "" where the hop worked
	Cache    string // what a cache saved; "" where nothing was asked of one
	Class    string // of its style: which token travels and, on an error page, what became of it
	Bar      *bar   // where the hop lies in the page's time; nil where that isn't known
	File     string // where to read on
	Code     source // what makes the request
	Requests []sent // in development
}

// bar is a stretch of the time that the page took, in hundredths of it.
type bar struct{ Start, Width string }

// newBar places a hop in the whole. What is too short to be seen gets a sliver.
func newBar(start, took, whole time.Duration) *bar {
	if whole <= 0 {
		return nil
	}
	const sliver = 0.8
	percent := func(d time.Duration) float64 { return min(100, max(0, 100*float64(d)/float64(whole))) }
	width := max(sliver, percent(took))
	return &bar{Start: decimal(min(percent(start), 100-width)), Width: decimal(width)}
}

// newHops tells what each hop took. The API says so of its own two in development only.
func newHops(s *figures, now time.Time) []hop {
	hops, tokenTook := fourHops(s.about), s.page.TokenTook
	whole := tokenTook + s.apiTook
	// Hop 1 was at the sign-in. What belongs to this page is that token A was looked up.
	hops[0].What = "You signed in at " + s.page.Session.SignedIn.UTC().Format("15:04") + " UTC. " + hops[0].What
	hops[1].Cache = cacheNote(s.page.Token.Cached, "token A from your session, ", "token A renewed, ") + milliseconds(tokenTook)
	hops[1].Took, hops[1].Bar = milliseconds(s.apiTook), newBar(tokenTook, s.apiTook, whole)
	addRequests(hops, s, now)
	if s.answer == nil {
		return hops
	}
	hops[1].Cache += "; hops 3 and 4 lie inside this time"
	// The API's steps lie inside hop 2; what is left of that is the way there and back.
	var inside time.Duration
	for _, step := range s.answer.Steps {
		inside += step.took()
	}
	at := tokenTook + max(0, s.apiTook-inside)/2
	for _, step := range s.answer.Steps {
		switch step.Name {
		case "exchange":
			hops[2].Cache = cacheNote(step.Cached, "token B came from the API’s cache", "token B is new")
			hops[2].Took, hops[2].Bar = milliseconds(step.took()), newBar(at, step.took(), whole)
		case s.about.Step:
			if step.Pages > 1 {
				hops[3].Cache = strconv.Itoa(step.Pages) + " pages"
			}
			hops[3].Took, hops[3].Bar = milliseconds(step.took()), newBar(at, step.took(), whole)
		}
		at += step.took()
	}
	return hops
}

// subject is what a page is about: what hop 4 asks, and where to read on.
type subject struct {
	Service  string // whom the API asks, as the map has it
	TokenFor string // the same in a sentence
	Answers  string // the title of hop 4
	What     string
	WebUI    string // the file of hop 2
	API      string // the file of hop 4
	Calls    source // what makes its request
	Step     string // what the API calls its step of hop 4
}

// subjects are what the pages are about, by their routes.
func subjects() map[string]subject {
	return map[string]subject{
		"/": {
			Service: "Azure", TokenFor: "Azure", Answers: "Azure answers", What: "Azure Resource Manager lists what you may see, and not what the API may.",
			WebUI: "webui/app/subscriptions.go", API: "api/app/subscriptions.go", Step: "resource_manager", Calls: source{"api/app/subscriptions.go", "fetch"},
		},
		"/orders": orders(),
	}
}

// subjectOf is what the page of a route is about: the start page's where it isn't known.
func subjectOf(path string) subject {
	known := subjects()
	if about, ok := known[path]; ok {
		return about
	}
	return known["/"]
}

// fourHops is the story without its figures, which the signed-out page tells as well.
func fourHops(about subject) []hop {
	return []hop{
		{
			Number: 1, Title: "You sign in", From: "Web UI", To: "Entra, through your browser", Class: "hop carries-a", File: "webui/signin/login.go",
			What: "Entra gives the web UI token A, which opens the API and nothing else.", Code: source{"webui/signin/login.go", "authorizationURL"},
		},
		{
			Number: 2, Title: "The web UI asks the API", From: "Web UI", To: "API", Class: "hop carries-a", File: about.WebUI,
			What: "With token A, and for you alone. Your browser never sees a token.", Code: source{"webui/app/api.go", "send"},
		},
		{
			Number: 3, Title: "The API asks on your behalf", From: "API", To: "Entra", Class: "hop carries-ab", File: "api/onbehalfof/credential.go",
			What: "Entra takes token A and gives token B, for " + about.TokenFor + " and still in your name.", Code: source{"api/onbehalfof/credential.go", "Exchange"},
		},
		{
			Number: 4, Title: about.Answers, From: "API", To: about.Service, Class: "hop carries-b", File: about.API,
			What: about.What, Code: about.Calls,
		},
	}
}

func cacheNote(cached bool, yes, no string) string {
	if cached {
		return yes
	}
	return no
}

func milliseconds(d time.Duration) string {
	switch {
	case d < 100*time.Microsecond:
		return "under 0.1 ms"
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= time.Second:
		return decimal(d.Seconds()) + " s"
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return decimal(float64(d.Microseconds())/1000) + " ms"
}

// decimal writes a number with one digit behind the point.
func decimal(number float64) string { return strconv.FormatFloat(number, 'f', 1, 64) }
