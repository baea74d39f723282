// Package azurenames holds the tests that run clients, unmodified, against devtenant by the names of Azure's hosts: the
// Azure CLI and MSAL for Python.
//
// They know login.microsoftonline.com, management.azure.com and graph.microsoft.com, and take no other. So the tests run
// again in a network namespace of their own, where /etc/hosts takes those names to a devtenant on port 443 and nothing
// else can be reached. REQUESTS_CA_BUNDLE names devtenant's certificate authority; the clients are told nothing besides.
package azurenames
