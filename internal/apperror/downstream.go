package apperror

import "strings"

// service is an API that the API calls for its callers. Its names are as they stand in the middle of a sentence.
type service struct {
	codes   string // in front of its codes, such as "graph"; package downstream's Service has the same
	short   string // for people, such as "Azure"
	name    string // in full, such as "Azure Resource Manager"
	setting string // where its address is set
}

// rows lists what can go wrong between the API and a service, whichever it is. What one of them knows better about itself it
// changes afterwards.
func (s service) rows() []Failure {
	short, name := sentence(s.short), sentence(s.name)
	return []Failure{
		{
			Code: s.codes + "_forbidden", Status: 403, Title: short + " doesn't allow it",
			What:      "Your account may not do this in " + s.short + ".",
			User:      "Ask whoever runs this application, with the trace id.",
			Cause:     name + " answered 403 for the user, whom the API acts for: a permission or scope is missing. To sign in again would change nothing.",
			Developer: "The problem's member upstream has " + s.short + "'s own code.",
		},
		{
			Code: s.codes + "_not_found", Status: 404, Title: short + " doesn't have it",
			What:      "What was asked for doesn't exist in " + s.short + ", or you may not know that it does.",
			Cause:     name + " answered 404.",
			Developer: "Check " + s.setting + ".",
		},
		{
			Code: s.codes + "_throttled", Status: 429, Again: true, Title: short + " is busy with your requests",
			What:      "There were too many requests to " + s.short + " in a short time.",
			User:      "Wait a moment, and try again.",
			Cause:     name + " answered 429 and the retries that fit into the deadline were used up.",
			Developer: "Keep results for a while instead of asking at each page.",
		},
		{
			Code: s.codes + "_token_refused", Status: 502, Title: short + " doesn't take the token",
			What:      name + " refused the token that Entra had made for it.",
			User:      "Signing in again would change nothing. Tell whoever runs this application.",
			Cause:     name + " answered 401 and asked for no claims.",
			Developer: "AUTHORITY and " + s.setting + " have to belong together, and the scope that the API asks for to what is at that address.",
		},
		{
			Code: s.codes + "_unavailable", Status: 502, Again: true, Title: short + " has a fault",
			What:      name + " could not answer.",
			User:      "Try again in a moment.",
			Cause:     name + " answered 5xx, or the connection failed, also after the retries that fit into the deadline.",
			Developer: "Check the way from the API to " + s.setting + ".",
		},
		{
			Code: s.codes + "_timeout", Status: 504, Again: true, Title: short + " took too long",
			What:  name + " didn't answer in time.",
			User:  "Try again in a moment.",
			Cause: "The deadline for the whole call, retries included, passed.",
		},
		{
			Code: s.codes + "_malformed", Status: 502, Again: true, Title: short + "'s answer made no sense",
			What:      "Something answered in place of " + s.name + ", or only half of its answer arrived.",
			User:      "Try again in a moment.",
			Cause:     "Not the JSON that it should be, cut short, too large, or a redirect.",
			Developer: "Look for a proxy between the API and " + s.setting + ".",
		},
	}
}

// sentence returns a name as it stands where a sentence begins.
func sentence(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
