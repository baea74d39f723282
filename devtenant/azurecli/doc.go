// Package azurecli holds the tests that run the Azure CLI, unmodified, against devtenant.
//
// The CLI knows its hosts by name: login.microsoftonline.com, management.azure.com, graph.microsoft.com. So the tests run
// again in a network namespace of their own, where /etc/hosts takes those names to a devtenant on port 443 and nothing
// else can be reached. REQUESTS_CA_BUNDLE names devtenant's certificate authority; the CLI is told nothing besides.
package azurecli
