package apperror

// credential lists why an application without a secret can't prove to Entra who it is: in any hop that asks for a token.
func credential() []Failure {
	return []Failure{
		{
			Code: NoCredential, Status: 503, Again: true, Title: "The application can't prove who it is",
			What:      "The application has nothing at hand to prove to Entra who it is, so it didn't ask.",
			User:      "Try again in a moment.",
			Cause:     "The file of WEBUI_CLIENT_ASSERTION_FILE, API_CLIENT_ASSERTION_FILE or AZURE_FEDERATED_TOKEN_FILE is missing, empty, too long or no token, or the managed identity gave none. The log names the setting and what is wrong.",
			Developer: "On AKS: the pod's label azure.workload.identity/use and its service account. On Container Apps and App Service: the user-assigned identity has to be assigned to that very app, and the setting holds its client id.",
		},
		{
			Code: "federated_issuer_mismatch", AADSTS: []int{700211, 70021}, Status: 502, Title: "Entra doesn't trust the issuer of the application's token",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "No federated credential of this application has the issuer (iss) of the token that it sent, to the letter: a cluster that was made anew, another cluster, or for a managed identity another tenant.",
			Developer: "`go run ./appcreation doctor` shows the issuers that the registration trusts; `configure --federated` writes one. A cluster's is `az aks show --query oidcIssuerProfile.issuerUrl`.",
		},
		{
			Code: "federated_subject_mismatch", AADSTS: []int{700213}, Status: 502, Title: "Entra trusts the issuer, but for somebody else",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "A federated credential has the token's issuer and another subject (sub), which is compared to the letter, case included: another namespace or service account, branch or environment, or another managed identity. The credential wants the identity's Object (principal) ID, the setting its client id.",
			Developer: "`go run ./appcreation doctor` shows the subjects that the registration trusts. On Kubernetes it is system:serviceaccount:<namespace>:<name>.",
		},
		{
			Code: "federated_audience_mismatch", AADSTS: []int{700212}, Status: 502, Title: "The application's token is for somebody else",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "The audience (aud) of the token is not the federated credential's: api://AzureADTokenExchange, or the national cloud's.",
			Developer: "Ask for that audience where the token is made: in the pod's projected volume, or in the workflow's step. A token that was made for something else should not open this.",
		},
		{
			Code: "client_assertion_expired", AADSTS: []int{700024}, Status: 502, Title: "The application's token for Entra is too old",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "The file's token has expired: whoever writes it has stopped. Kubernetes replaces a projected token each hour, a workflow's lives for some minutes. With a certificate: this machine's clock is off.",
			Developer: "Mount the folder and not the file (a subPath is never updated), and compare the clock of the machine.",
		},
		{
			Code: "client_assertion_not_verified", AADSTS: []int{700027, 7000272, 90061}, Status: 502, Title: "Entra can't verify the application's signature",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "The certificate is not among the registration's, or its key is another one; with a federated token, the issuer's keys don't have the one that signed it, or can't be fetched from the internet.",
			Developer: "Upload the certificate's public half under Certificates & secrets, or run `go run ./appcreation configure -certificate`. For a cluster, see that its issuer's discovery document is public.",
		},
	}
}
