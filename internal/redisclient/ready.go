package redisclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// probeLifetime is how long a probe's key lives where its deletion doesn't come through.
const probeLifetime = 5 * time.Second

// Ready returns nil where Redis takes writes. A PING is not enough to know: a replica after a failover, a server whose
// memory is full or whose disk is, all answer it, and half of the visits fail.
//
// key is written and deleted: one in the caller's own key space, since an access control list may allow nothing else. The
// error says what is the matter and what to do, and is safe to log: of Redis' answer it holds the first word.
func Ready(ctx context.Context, client redis.UniversalClient, key string) error {
	var hello *redis.Cmd
	var write *redis.StatusCmd
	_, _ = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		hello = p.Do(ctx, "HELLO")
		write = p.Set(ctx, key, "", probeLifetime)
		p.Del(ctx, key)
		return nil
	})
	if problem := wrongServer(hello); problem != nil {
		return problem
	}
	// A server before version 6 has no HELLO. Its answer to that doesn't matter; that it takes the write does.
	if err := write.Err(); err != nil {
		return explain(ctx, err)
	}
	return nil
}

// RunsScripts returns nil where Redis lets the client run scripts, which need a right of their own. Its errors are as [Ready]'s.
func RunsScripts(ctx context.Context, client redis.UniversalClient, key string) error {
	err := client.Eval(ctx, "return 1", []string{key}).Err()
	if refusal, ok := errors.AsType[redis.Error](err); ok && strings.HasPrefix(refusal.Error(), "NOPERM") {
		return errors.New("its access control list doesn't let the user of REDIS_URL run scripts (NOPERM); it needs +@scripting")
	}
	if err != nil {
		return explain(ctx, err)
	}
	return nil
}

// wrongServer tells by the answer to HELLO what kind of server this is. A writable replica and a cluster of one node take
// the write, and lose it or refuse the next.
func wrongServer(hello *redis.Cmd) error {
	answer, _ := hello.Val().(map[any]any)
	if list, ok := hello.Val().([]any); ok { // as RESP2 has it
		answer = map[any]any{}
		for pair := range slices.Chunk(list, 2) {
			answer[fmt.Sprint(pair[0])] = pair[len(pair)-1]
		}
	}
	switch {
	case answer["mode"] == "cluster":
		return errors.New(isCluster)
	case answer["mode"] == "sentinel":
		return errors.New("it is a Sentinel, which keeps no data; REDIS_URL should name the primary, or a name that follows it")
	case answer["role"] == "replica" || answer["role"] == "slave":
		return errors.New(isReplica)
	}
	return nil
}

const (
	isCluster = "it is a node of a Redis Cluster, whose keys are spread over several servers; REDIS_URL should name a server " +
		"that holds all keys (in Azure Managed Redis: the clustering policies Enterprise or non-clustered)"
	isReplica = "it is a replica, whose data are another server's; REDIS_URL should name the primary, or a name that follows it after a failover"
)

// explain says of a command's error what to do about it.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal, ok := errors.AsType[redis.Error](err)
	if !ok {
		if kind := outbound.KindOf(err); kind != "" {
			return fmt.Errorf("it can't be reached: %s", kind)
		}
		return errors.New("it can't be reached")
	}
	word, _, _ := strings.Cut(refusal.Error(), " ")
	if known, ok := refusals[word]; ok {
		return errors.New(known)
	}
	if !plainWord(word) {
		word = "an error"
	}
	return fmt.Errorf("it answers a write with %s", word)
}

// refusals are Redis' own error codes, and what they mean for whoever runs it.
var refusals = map[string]string{
	"READONLY": isReplica,
	"MOVED":    isCluster, "ASK": isCluster, "CROSSSLOT": isCluster, "CLUSTERDOWN": isCluster, "TRYAGAIN": isCluster,
	"LOADING":    "it is still reading its data from disk (LOADING)",
	"OOM":        "its memory is full, and its maxmemory-policy keeps it from making room (OOM); volatile-ttl is the one to set",
	"MISCONF":    "it can't write to its disk and so takes no writes (MISCONF); its own log says why",
	"MASTERDOWN": "it has lost the servers that it replicates with (MASTERDOWN)",
	"NOREPLICAS": "it has lost the servers that it replicates with (NOREPLICAS)",
	"NOAUTH":     "it refuses the user or password in REDIS_URL (NOAUTH)",
	"WRONGPASS":  "it refuses the user or password in REDIS_URL (WRONGPASS)",
	"NOPERM":     `its access control list doesn't let the user of REDIS_URL write (NOPERM); its keys begin with "obo:"`,
}

// plainWord reports whether text is one of Redis' error codes, which are in upper case.
func plainWord(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
