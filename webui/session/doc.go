// Package session is the session store: who is signed in, with their tokens, and which sign-ins are under way. A request's cookies
// come in, a user's record goes out. It never talks to Entra, and never shows a page.
//
//   - [Store] holds the records of signed-in users on the server, behind gorilla/sessions' Store; the browser holds a random id. A
//     visitor who isn't signed in has no record, so that a flood of visits costs no memory.
//   - [Attempts] holds sign-ins under way in the browser, sealed. The server notes those that are finished.
//   - [store.Store] is where both put their bytes: [store.Memory] for one process, [store.Redis] for several.
//
// Records and attempts are sealed (AES-256-GCM, keys derived from WEBUI_SESSION_KEY). Records are filed under the hash of the id that
// the browser has: whoever reads the backend finds no name, no token and no id that opens anything.
//
//	session.go        a user's session, as a request has it: it begins, changes and ends
//	store.go          the records; record.go: what one holds
//	sessioncookie.go  the session's cookie: which record is the browser's
//	attempts.go       sign-ins under way
//	cookies.go        names and attributes of all cookies
//	options.go        keys and lifetimes
package session
