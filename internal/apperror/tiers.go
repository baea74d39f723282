package apperror

// tiers lists what can go wrong between the two tiers and around them.
func tiers() []Failure {
	return []Failure{
		{
			Code: NoTokenLeft, Status: 401, Title: "Your sign-in has to be renewed",
			What:  "The application has no token left for you.",
			User:  "Sign in again.",
			Cause: "The session's record is gone or holds no refresh token: a restart without Redis, an eviction, or a cookie that outlived both. The web UI tries once without a page; this row shows when Entra doesn't know the user any more, either.",
		},
		{
			Code: StillRefused, Status: 403, Title: "Signing in again didn't help",
			What:      "You signed in again as you were asked to, and access is still refused. To ask a third time would only send you in a circle.",
			User:      "Tell your organization's administrators, with the code and the trace id.",
			Cause:     "What was missing before the sign-in is missing after it: consent that nobody may give here, or a policy that this user can't meet.",
			Developer: "The AADSTS number on the page says what Entra asked for. Where the log of the API names claims, compare them with those in the authorize request.",
			Admin:     "Sign-in logs > the entry with this trace id > Conditional Access.", Switch: "challenge-again",
		},
		{
			Code: APIUnavailable, Status: 503, Again: true, Title: "The API can't be reached",
			What:      "The part of the application that talks to Azure didn't answer. Your sign-in here is not lost.",
			User:      "Try again in a moment.",
			Cause:     "The web UI could not connect to WEBUI_API_URL, or got no answer in time.",
			Developer: "Is the API running, and does WEBUI_API_URL name it as this machine or container sees it?",
		},
		{
			Code: APIMalformed, Status: 502, Again: true, Title: "The API's answer made no sense",
			What:      "Something answered in the API's place, or only half of its answer arrived.",
			User:      "Try again in a moment.",
			Cause:     "WEBUI_API_URL leads to something that isn't the API, or to another version of it.",
			Developer: "Fetch WEBUI_API_URL/healthz from that machine.",
		},
		{
			Code: APIRefused, Status: 502, Title: "The API turned the web UI away",
			What:      "Two parts of the application don't agree about each other.",
			Cause:     "The API refused the web UI's token or request for a reason that signing in again doesn't change.",
			Developer: "Look at the problem's code on this page and the row about it; compare AUTHORITY, API_CLIENT_ID, API_ALLOWED_CLIENTS and WEBUI_API_SCOPE.",
		},
		{
			Code: StoreUnavailable, Status: 503, Again: true, Title: "Sessions can't be reached at the moment",
			What:      "The store of sign-ins didn't answer.",
			User:      "Try again in a moment.",
			Cause:     "Redis can't be reached, is slow, or refuses the connection.",
			Developer: "Check REDIS_URL and Redis itself; the program recovers by itself when it is back.",
		},
		{
			Code: CrossSite, Status: 403, Title: "That came from another site",
			What:  "Another site tried to do something here in your name, and was refused.",
			User:  "If you pressed a button on this site, reload the page and press it again.",
			Cause: "Sec-Fetch-Site or Origin says that the request crossed sites (net/http.CrossOriginProtection).",
		},
		{
			Code: MethodNotAllowed, Status: 405, Title: "That can't be done this way",
			What:      "The address is right, and the way it was asked is not.",
			User:      "Go to the start page.",
			Cause:     "The route doesn't answer this HTTP method; Allow lists those it does.",
			Developer: "See docs/routes.md.",
		},
		{
			Code: NotFound, Status: 404, Title: "There is nothing here",
			What:      "This address doesn't lead anywhere.",
			User:      "Go to the start page.",
			Cause:     "No route has this path.",
			Developer: "See docs/routes.md.",
		},
		{
			Code: BadRequest, Status: 400, Title: "That request makes no sense here",
			What:      "The request is not of the form that this address takes.",
			User:      "Go to the start page.",
			Cause:     "A parameter is missing, there twice, or too long.",
			Developer: "The log names the parameter.",
		},
		{
			Code: Internal, Status: 500, Again: true, Title: "Something went wrong",
			What:      "The application has a fault. It has been written to the log.",
			User:      "Try again. If it stays so, tell whoever runs this application, with the trace id.",
			Cause:     "A panic, or an error that nothing else in this table describes.",
			Developer: "Search the log for the trace id.",
		},
	}
}
