package devtenant_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// A tenant on free ports, and an API that exchanges alice's token for one of Resource Manager, with MSAL. In a test,
// [devtenant.Start] does the first half.
func Example() {
	tenant, err := devtenant.New(devtenant.Options{BrowserAddr: "localhost:0", BackAddr: "localhost:0"})
	if err != nil {
		log.Fatal(err)
	}
	if err := tenant.Listen(); err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- tenant.Serve(ctx) }()

	settings := tenant.Settings()
	secret, err := confidential.NewCredFromSecret(settings["API_CLIENT_SECRET"])
	if err != nil {
		log.Fatal(err)
	}
	client, err := confidential.New(settings["AUTHORITY"], settings["API_CLIENT_ID"], secret,
		confidential.WithHTTPClient(tenant.Client()), confidential.WithInstanceDiscovery(false))
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.AcquireTokenOnBehalfOf(ctx, tenant.AccessToken("alice"), []string{"https://management.azure.com/user_impersonation"})
	if err != nil {
		log.Fatal("the exchange was refused") // MSAL's own text may hold tokens
	}
	fmt.Println(slices.Contains(result.GrantedScopes, "https://management.azure.com/user_impersonation"))
	fmt.Println(tenant.Count("token:on_behalf_of"), "exchange")

	stop()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
	// Output:
	// true
	// 1 exchange
}
