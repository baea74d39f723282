// Package store keeps the results of on-behalf-of exchanges between requests: which access token the API got for
// which assertion.
//
// MSAL's own on-behalf-of cache is not used for this, since it evicts nothing: each assertion stays until the process
// ends. A [Store] has a lifetime for each entry and a bound for all of them. [Memory] is the store of one process, [Redis]
// the one that replicas of the API share: what one of them exchanged serves at all of them. Both keep the contract of
// package storetest. Values are bytes, so that a store can seal them before they leave the process.
package store
