package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"
)

// Reach asks an authority for its metadata. Its error says what stands in the way.
func Reach(ctx context.Context, client *http.Client, discovery string) error {
	_, _, err := reach(ctx, client, discovery)
	return err
}

// reach returns the authority's time as well, as its Date header tells it, and how exactly that is known.
func reach(ctx context.Context, client *http.Client, discovery string) (date time.Time, within time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, discovery, nil)
	if err != nil {
		return date, 0, fmt.Errorf("reaching the authority: %w", err)
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return date, 0, fmt.Errorf("reaching the authority: %w", err)
	}
	defer response.Body.Close()
	within = time.Since(began)
	var metadata struct {
		Issuer string `json:"issuer"`
	}
	decodeErr := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&metadata)
	date, _ = http.ParseTime(response.Header.Get("Date")) // zero if there is none
	switch {
	case response.StatusCode == http.StatusBadRequest:
		return date, within, fmt.Errorf("the authority %s knows no such tenant", discovery)
	case response.StatusCode != http.StatusOK:
		return date, within, fmt.Errorf("reaching the authority: %s answered %s", discovery, response.Status)
	case decodeErr != nil || metadata.Issuer == "":
		return date, within, fmt.Errorf("reaching the authority: %s answered something else than metadata; a proxy may be in between", discovery)
	}
	return date, within, nil
}

// tolerance is how far a clock may be off: Entra takes assertions, and libraries tokens, with five minutes either way.
const tolerance = 5 * time.Minute

// Authority finds out whether an authority answers, and whether this machine's clock agrees with it.
func Authority(ctx context.Context, client *http.Client, discovery string, now func() time.Time) []Finding {
	date, within, err := reach(ctx, client, discovery)
	if err != nil {
		return []Finding{{
			Code: "authority-unreachable",
			What: err.Error(),
			Fix:  "curl --fail --show-error " + discovery + "\nBehind a proxy set HTTPS_PROXY; for a certificate authority of your own set TRUSTED_CA_FILE.",
		}}
	}
	if date.IsZero() {
		return nil
	}
	offset := now().Sub(date).Round(time.Second)
	if offset.Abs() <= tolerance+within {
		return nil
	}
	direction := "ahead of"
	if offset < 0 {
		direction = "behind"
	}
	return []Finding{{
		Code: "clock",
		What: fmt.Sprintf("this machine's clock is %s %s the authority's: tokens look expired or not valid yet", offset.Abs(), direction),
		Fix:  setClock(runtime.GOOS),
	}}
}

// setClock is the command that sets the clock by the network.
func setClock(system string) string {
	switch system {
	case "windows":
		return "w32tm /resync"
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	default:
		return "sudo timedatectl set-ntp true"
	}
}
