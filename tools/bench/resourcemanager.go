package main

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
)

// subscriptionsPath is what the forwarder asks of Resource Manager: the same as the API.
const subscriptionsPath = "/subscriptions?api-version=2022-12-01"

// resourceManagerRole is Resource Manager for whatever is measured: it gives every call the same answer, the one that devtenant's
// gave to a user. Resource Manager's own work is done on Azure's machines. devtenant's is done on this one, and it verifies the
// token each time: three times the forwarder's work, which both sides of a ratio would pay, so that any tier looked close to it.
func resourceManagerRole(_ context.Context, settings map[string]string, _ *http.ServeMux) (serving, error) {
	body := []byte(settings["ANSWER"])
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	trusted, err := os.OpenFile(settings["TRUSTED_CA_FILE"], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return serving{}, err
	}
	defer trusted.Close()
	if err := pem.Encode(trusted, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}); err != nil {
		return serving{}, err
	}
	return serving{url: server.URL, serve: func(ctx context.Context) error {
		<-ctx.Done()
		server.Close()
		return http.ErrServerClosed
	}}, nil
}
