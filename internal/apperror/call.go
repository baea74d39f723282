package apperror

import "slices"

// call lists what can go wrong in hop 4, between the API and what it calls. A service that is added has a line here.
func call() []Failure {
	return slices.Concat(
		resourceManager(),
		service{codes: "graph", short: "Microsoft Graph", name: "Microsoft Graph", setting: "API_GRAPH_URL"}.rows(),
		service{codes: "orders", short: "the orders API", name: "the orders API", setting: "API_ORDERS_URL"}.rows(),
		orders(),
		notConfigured(),
	)
}

// resourceManager lists what can go wrong with Azure Resource Manager. It knows more about itself than others do.
func resourceManager() []Failure {
	rows := service{codes: "resource_manager", short: "Azure", name: "Azure Resource Manager", setting: "API_RESOURCE_MANAGER_URL"}.rows()
	for i := range rows {
		row := &rows[i]
		switch row.Code {
		case ResourceForbidden:
			row.User = "Ask an owner of the subscription for the role that it takes."
			row.Admin = "Assign the role on the subscription or above."
			row.Developer, row.Switch = "", "arm-forbidden"
		case ResourceNotFound:
			row.Developer += " It should be https://management.azure.com, or the national cloud's."
			row.Switch = "arm-not-found"
		case ResourceThrottled:
			row.Cause += " Its limits are for each user and tenant."
			row.Switch = "arm-throttled"
		case ResourceRefused:
			row.Cause += " Its own code says why: InvalidAuthenticationTokenTenant for another tenant, InvalidAuthenticationTokenAudience for another cloud."
			row.Developer = "AUTHORITY and API_RESOURCE_MANAGER_URL have to be of the same cloud, and AUTHORITY the tenant that the subscriptions trust."
			row.Switch = "arm-unauthorized"
		case ResourceUnavailable:
			row.Developer += " Azure's status page knows of large faults."
			row.Switch = "arm-unavailable"
		case ResourceTimeout:
			row.Cause, row.Switch = "The deadline for all pages together passed.", "arm-slow"
		case ResourceMalformed:
			row.Cause = "Not JSON, cut short, too large, a redirect, or a nextLink that points to another host. Nothing was sent there: the token is for Resource Manager alone."
			row.Switch = "arm-html"
		}
	}
	return append(rows, []Failure{
		{
			Code: ResourceEndless, Status: 502, Title: "Azure's list has no end",
			What:      "The list of subscriptions went on for longer than the API reads.",
			Cause:     "More pages than the cap, or more than 16 MiB together: most often a nextLink that leads in a circle.",
			Developer: "Look at what answers at API_RESOURCE_MANAGER_URL.", Switch: "arm-endless",
		},
		{
			Code: NoSubscriptions, Status: 200, Title: "No subscriptions",
			What:  "Azure answered, and there is no subscription that you may see in this organization.",
			User:  "Ask an owner of the subscription for a role, or sign in with the account that has one.",
			Cause: "No role assignment in this tenant; a guest, whose subscriptions are in the home tenant; or the wrong tenant in AUTHORITY. An empty list is an answer, not an error.",
			Admin: "Assign a role such as Reader on the subscription (Access control (IAM)).",
		},
	}...)
}

func notConfigured() []Failure {
	return []Failure{{
		Code: NotConfigured, Status: 404, Title: "This part is switched off",
		What:      "The application has this part, and it isn't set up here.",
		User:      "Go to the start page.",
		Cause:     "The setting with the address of what the API would call isn't set.",
		Developer: "Set it: docs/settings.md names it, and says what is off without it.",
	}}
}
