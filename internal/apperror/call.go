package apperror

// call lists what can go wrong in hop 4, between the API and Azure Resource Manager.
func call() []Failure {
	return []Failure{
		{
			Code: NoSubscriptions, Status: 200, Title: "No subscriptions",
			What:  "Azure answered, and there is no subscription that you may see in this organization.",
			User:  "Ask an owner of the subscription for a role, or sign in with the account that has one.",
			Cause: "No role assignment in this tenant; a guest, whose subscriptions are in the home tenant; or the wrong tenant in AUTHORITY. An empty list is an answer, not an error.",
			Admin: "Assign a role such as Reader on the subscription (Access control (IAM)).",
		},
		{
			Code: ResourceForbidden, Status: 403, Title: "Azure doesn't allow it",
			What:  "Your account may not do this in Azure.",
			User:  "Ask an owner of the subscription for the role that it takes.",
			Cause: "Resource Manager answered 403 for the user, whom the API acts for. To sign in again would change nothing.",
			Admin: "Assign the role on the subscription or above.", Switch: "arm-forbidden",
		},
		{
			Code: ResourceNotFound, Status: 404, Title: "Azure doesn't have it",
			What:      "What was asked for doesn't exist in Azure, or you may not know that it does.",
			Cause:     "Resource Manager answered 404.",
			Developer: "Check API_RESOURCE_MANAGER_URL: https://management.azure.com, or the national cloud's.", Switch: "arm-not-found",
		},
		{
			Code: ResourceThrottled, Status: 429, Title: "Azure is busy with your requests",
			What:      "There were too many requests to Azure in a short time.",
			User:      "Wait a moment, and try again.",
			Cause:     "Resource Manager answered 429 and the retries that fit into the deadline were used up. Its limits are for each user and tenant.",
			Developer: "Keep results for a while instead of asking at each page.", Switch: "arm-throttled",
		},
		{
			Code: ResourceRefused, Status: 502, Title: "Azure doesn't take the token",
			What:      "Azure Resource Manager refused the token that Entra had made for it.",
			User:      "Signing in again would change nothing. Tell whoever runs this application.",
			Cause:     "Resource Manager answered 401 and asked for no claims. Its own code says why: InvalidAuthenticationTokenTenant for another tenant, InvalidAuthenticationTokenAudience for another cloud.",
			Developer: "AUTHORITY and API_RESOURCE_MANAGER_URL have to be of the same cloud, and AUTHORITY the tenant that the subscriptions trust.", Switch: "arm-unauthorized",
		},
		{
			Code: ResourceUnavailable, Status: 502, Title: "Azure has a fault",
			What:      "Azure Resource Manager could not answer.",
			User:      "Try again in a moment.",
			Cause:     "Resource Manager answered 5xx, or the connection failed, also after the retries that fit into the deadline.",
			Developer: "Check the way out to API_RESOURCE_MANAGER_URL, and Azure's status page.", Switch: "arm-unavailable",
		},
		{
			Code: ResourceTimeout, Status: 504, Title: "Azure took too long",
			What:  "Azure Resource Manager didn't answer in time.",
			User:  "Try again in a moment.",
			Cause: "The deadline for all pages together passed.", Switch: "arm-slow",
		},
		{
			Code: ResourceMalformed, Status: 502, Title: "Azure's answer made no sense",
			What:      "Something answered in Azure's place, or only half of its answer arrived.",
			User:      "Try again in a moment.",
			Cause:     "Not JSON, cut short, too large, a redirect, or a nextLink that points to another host. Nothing was sent there: the token is for Resource Manager alone.",
			Developer: "Look for a proxy between this machine and Resource Manager.", Switch: "arm-html",
		},
		{
			Code: ResourceEndless, Status: 502, Title: "Azure's list has no end",
			What:      "The list of subscriptions went on for longer than the API reads.",
			Cause:     "More pages than the cap, or more than 16 MiB together: most often a nextLink that leads in a circle.",
			Developer: "Look at what answers at API_RESOURCE_MANAGER_URL.", Switch: "arm-endless",
		},
	}
}
