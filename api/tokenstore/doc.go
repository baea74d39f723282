// Package tokenstore keeps the results of on-behalf-of exchanges between requests: which access token the API got for
// which assertion.
//
// MSAL's own on-behalf-of cache is not used for this, since it evicts nothing: each assertion stays until the process
// ends. A [Store] has a lifetime for each entry and a bound for all of them. [Memory] is the store of one process.
// Anything else that keeps the contract of package storetest can stand in its place, and replicas of the API can so
// share what each of them exchanged; values are bytes, so that such a store can seal them before they leave the process.
package tokenstore
