package devtenant

import "slices"

// pathStep is one step of the path through the sample on the home page: something to do, a question to predict the outcome of,
// and when it counts as done, which the tenant sees by what it is asked.
type pathStep struct {
	Title    string
	Do       string
	User     string // whom to sign in as; "" where nobody signs in
	Switch   string // to throw first; "" for none
	Question string
	Answer   string
	done     func(now Request, before []Request) bool
}

// path is the table of steps.
func path() []pathStep {
	return []pathStep{
		{
			Title: "The four hops", User: "alice",
			Do:       "Sign in as alice, who has three subscriptions.",
			Question: "Browser, web UI, API: who gets an access token, and which API is it for?",
			Answer:   "The web UI gets token A, for the API. The API exchanges it for token B, for Azure. The browser gets neither: it has a cookie.",
			done: func(now Request, before []Request) bool {
				return listed(now, "alice") && exchanged(now, before)
			},
		},
		{
			Title:    "Once more",
			Do:       "Reload the page of the web UI.",
			Question: "Which of the hops happen again?",
			Answer:   "The second and the fourth: the web UI calls the API, and the API calls Azure. Nobody signs in, and nothing is exchanged: the API still has token B.",
			done: func(now Request, before []Request) bool {
				return listed(now, now.User) && !exchanged(now, before)
			},
		},
		{
			Title: "An empty list", User: "bob",
			Do:       "Sign in as bob, who has no role on any subscription.",
			Question: "What does Azure answer: 200, 403 or 404?",
			Answer:   "200, with an empty list. Consent says what the application may ask for him, and roles say what he may see: nothing.",
			done:     func(now Request, _ []Request) bool { return listed(now, "bob") },
		},
		{
			Title: "Consent", User: "dave",
			Do:       "Sign in as dave, who has consented to nothing yet, and accept.",
			Question: "The API needs his consent for Azure and has no page to ask on. Who asks him?",
			Answer:   "Entra, for both applications on one page. The web UI asks for /.default, and the API's registration names the web UI among its known clients.",
			done: func(now Request, _ []Request) bool {
				return now.Endpoint == "consent" && now.User == "dave" && slices.Contains(now.Parameters, Parameter{Name: "decision", Value: "accept"})
			},
		},
		{
			Title: "A second factor", User: "carol",
			Do:       "Sign in as carol. A policy wants a second factor of her for Azure, and for nothing else.",
			Question: "Which request is refused, and how does she come to see the page that asks her?",
			Answer:   "The exchange, with AADSTS50076 and claims. The API hands the claims to the web UI in its 401, and the web UI sends her to Entra with them. Then the exchange works.",
			done:     func(now Request, _ []Request) bool { return listed(now, "carol") },
		},
		{
			Title: "A secret that has expired", User: "alice", Switch: "expired-secret",
			Do:       "Throw the switch until it is cleared, and sign in as alice. Clear it afterwards.",
			Question: "Is alice signed in? Would signing in again help her?",
			Answer:   "She is: the web UI's secret is good. The API's isn't, so the exchange fails with AADSTS7000222. Nothing that she does helps, and the page says who can.",
			done:     func(now Request, _ []Request) bool { return now.Fault == "expired-secret" },
		},
		{
			Title: "Sessions that were revoked", Switch: "revoke-sessions",
			Do:       "While alice is signed in, throw the switch for her, and reload the page of the web UI.",
			Question: "Token B is valid for an hour yet. Does Azure take it?",
			Answer:   "No. It answers 401 with claims (continuous access evaluation). API and web UI hand them on, and alice signs in again and is back on her page.",
			done: func(now Request, _ []Request) bool {
				return now.Endpoint == "subscriptions" && now.Status == 401 && now.User != "" && now.Fault == ""
			},
		},
	}
}

// listed says that Azure showed a user their subscriptions.
func listed(now Request, user string) bool {
	return now.Endpoint == "subscriptions" && now.Status == 200 && user != "" && now.User == user
}

// exchanged says that a token was exchanged in the trace of a request, before it.
func exchanged(now Request, before []Request) bool {
	return slices.ContainsFunc(before, func(r Request) bool {
		return r.TraceID == now.TraceID && r.Endpoint == tokenEndpoint+":on_behalf_of" && r.Status == 200 && r.User == now.User
	})
}

// pathStepView is a step as the page shows it.
type pathStepView struct {
	pathStep
	Done  bool
	WebUI string
}

// pathSteps are those steps whose user is in the tenant.
func (t *Tenant) pathSteps(webUI string) (steps []pathStepView, done int) {
	t.requests.mu.Lock()
	defer t.requests.mu.Unlock()
	for _, step := range path() {
		if _, ok := t.dir.User(step.User); step.User != "" && !ok {
			continue // a tenant file of one's own
		}
		view := pathStepView{step, t.requests.done[step.Title], webUI}
		if view.Done {
			done++
		}
		steps = append(steps, view)
	}
	return steps, done
}
