// Package explain shows on each page how it came to be: the four hops with what each took, and what the two tokens say. On error
// pages it shows which hop broke. It is for whoever learns the flow; nothing depends on it.
//
// A page's context, its calls of the API and the answers come in, over app's hooks; a section for the page goes out. In production
// it only looks. In development it also has buttons by which users end their own tokens (experiments.go), and by one of them a page
// asks the API to exchange token A anew. To leave it out, delete this folder and the line that calls [Plug] in webui/main.go.
//
//	explain.go      what goes into app's hooks
//	recorder.go     what is seen of a page's calls
//	hops.go         the hops that a page shows; requests.go: what was sent in each; broken.go: those of error pages
//	claims.go       what the two tokens say
//	signin.go       the requests of signing in, in development
//	experiments.go  the buttons, in development
//	devtenant.go    devtenant's switches: which are on; and its revocation of a user's sessions
//
// The .templ files are its markup (see package templates). The files in code are copies of the functions that the page shows.
package explain

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1100 generate
//go:generate go test . -run TestCodeIsTheFiles -update
