package devtenant

import "net/http"

// allowAnyOrigin lets a page of any site read an answer (Fetch Standard, "CORS protocol"). Nothing of it depends on cookies.
func allowAnyOrigin(h http.Header, methods string) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", methods)
}

// cacheForADay lets clients keep what hardly changes: discovery and keys.
func cacheForADay(h http.Header) {
	h.Set("Cache-Control", "max-age=86400, private")
	h.Del("Pragma")
	h.Del("Expires")
}

// preflight answers a browser that asks whether a page of another site may send a request that is more than a form.
func (t *Tenant) preflight(methods string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		allowAnyOrigin(h, methods)
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusNoContent)
	}
}
