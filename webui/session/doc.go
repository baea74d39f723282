// Package session keeps what the web UI knows of its users: who is signed in, with their tokens, and which sign-ins are
// under way. All of it stays on the server. The browser holds random ids.
//
//   - [Store] holds the records of signed-in users, behind gorilla/sessions' Store. A visitor who isn't signed in has none,
//     so that a flood of visits costs no memory.
//   - [Attempts] holds sign-ins under way, apart from the sessions: a flood of begun sign-ins can't push anyone out.
//   - [Backend] is where both put their bytes: [Memory] for one process, Redis for several.
//
// Records are sealed before they reach a backend (AES-256-GCM, keys derived from WEBUI_SESSION_KEY) and are filed under
// the hash of the id that the browser has: whoever reads the backend finds no name, no token and no id that opens anything.
package session
