// Package redisclient opens the Redis that REDIS_URL names. Web UI and API keep there what their replicas share, each under
// keys of its own and sealed with a key that the other doesn't have.
package redisclient

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// The bounds of a client. A user waits for all of them: Redis answers within a millisecond or is as good as away.
const (
	dialTimeout = 2 * time.Second
	// commandTimeout bounds one command's way there, and its answer's way back.
	commandTimeout = time.Second
	// poolTimeout is how long a command waits for a connection while all are in use.
	poolTimeout = time.Second
	// poolSize is the most connections of one process. A command takes some 0.2 ms, so these do 100,000 a second.
	poolSize = 64
	// retries is how often a command is tried again: a connection that was idle may have been cut meanwhile.
	retries = 1
)

// errURL says what REDIS_URL should look like, and nothing of what it is: it holds a password.
var errURL = errors.New("is not the address of a Redis; it should be redis://<host>:6379/0, or rediss://<user>:<password>@<host>:6380/0 with TLS, " +
	"the password percent-encoded, and no query")

// ReadURL asks for REDIS_URL. Without it the result is zero. Its query isn't taken, since it could switch the checking of
// certificates off. In production a password goes to another machine with TLS or not at all.
func ReadURL(r *env.Reader) secret.String {
	raw := r.Secret("REDIS_URL")
	if raw.IsZero() {
		return raw
	}
	options, err := parse(raw)
	if err != nil {
		r.Reject("REDIS_URL", err.Error())
		return raw
	}
	if host, _, err := net.SplitHostPort(options.Addr); err == nil && !r.Development() && options.TLSConfig == nil && options.Password != "" && !env.Loopback(host) {
		r.Reject("REDIS_URL", "sends its password to another machine in the clear, as redis:// does; in production it should begin with rediss://")
	}
	return raw
}

// New returns a client for a URL that [ReadURL] returned. It connects when it is first used: a Redis that is away doesn't
// keep a program from starting. trustedCAFile is one more certificate authority for rediss://, PEM; "" for none.
//
// A context's deadline counts for each command, besides the client's own.
func New(address secret.String, trustedCAFile string) (*redis.Client, error) {
	options, err := parse(address)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL %w", err)
	}
	if options.TLSConfig != nil {
		if options.TLSConfig.RootCAs, err = outbound.TrustedRoots(trustedCAFile); err != nil {
			return nil, err
		}
	}
	options.DialTimeout, options.DialerRetries = dialTimeout, 1
	options.ReadTimeout, options.WriteTimeout = commandTimeout, commandTimeout
	options.ContextTimeoutEnabled = true
	options.PoolSize, options.MaxActiveConns, options.PoolTimeout = poolSize, poolSize, poolTimeout
	options.PipelinePoolSize = -1 // pipelines share the pool and its bound
	options.MaxRetries = retries
	// Neither is needed here, and both cost commands that a restricted user of Redis may not be allowed.
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// What the library would write to standard error, in a form of its own, callers get as errors.
	logging.Disable()
	return redis.NewClient(options), nil
}

func parse(address secret.String) (*redis.Options, error) {
	parsed, err := url.Parse(address.Reveal())
	if err != nil || (parsed.Scheme != "redis" && parsed.Scheme != "rediss") || parsed.Hostname() == "" ||
		parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errURL
	}
	options, err := redis.ParseURL(address.Reveal())
	if err != nil || options.DB < 0 {
		return nil, errURL // the library's own error quotes
	}
	return options, nil
}
