package redisclient_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const probe = "obo:test:ready"

// TestFieldCase33ReadinessWrites: each of these servers answers PING, and none may be called ready.
func TestFieldCase33ReadinessWrites(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	host, port, err := net.SplitHostPort(primary.Addr)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		options []string
		prepare []string // a command
		want    string
	}{
		{"a replica", []string{"--replicaof", host, port}, nil, "replica"},
		{"a replica that takes writes and loses them", []string{"--replicaof", host, port, "--replica-read-only", "no"}, nil, "replica"},
		{"a primary that became a replica", nil, []string{"REPLICAOF", host, port}, "replica"},
		{"memory full, noeviction", []string{"--maxmemory", "1", "--maxmemory-policy", "noeviction"}, nil, "volatile-ttl"},
		{"a node of a cluster", []string{"--cluster-enabled", "yes"}, nil, "Redis Cluster"},
		{"replicas lost", []string{"--min-replicas-to-write", "1"}, nil, "NOREPLICAS"},
		{"a user who may read alone", nil, []string{"ACL", "SETUSER", "default", "-@all", "+@read", "+@connection"}, "NOPERM"},
		{"a user of other keys", nil, []string{"ACL", "SETUSER", "default", "resetkeys", "~other:*"}, "NOPERM"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := redistest.Start(t, test.options...).Client(t)
			if test.prepare != nil {
				command := make([]any, len(test.prepare))
				for i := range command {
					command[i] = test.prepare[i]
				}
				if err := client.Do(t.Context(), command...).Err(); err != nil {
					t.Fatal(err)
				}
			}
			if err := client.Ping(t.Context()).Err(); err != nil {
				t.Fatalf("it doesn't answer PING: %v", err)
			}
			if err := redisclient.Ready(t.Context(), client, probe); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestFieldCase33DiskFull: Redis takes no writes where its last snapshot failed.
func TestFieldCase33DiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := redistest.Start(t, "--save", "3600 1", "--dir", dir, "--dbfilename", "taken.rdb").Client(t)
	// A folder stands where the snapshot should go.
	if err := os.MkdirAll(filepath.Join(dir, "taken.rdb", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := client.BgSave(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := redisclient.Ready(t.Context(), client, probe)
		if err != nil {
			if !strings.Contains(err.Error(), "MISCONF") {
				t.Errorf("error is %v", err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a Redis that can't save is ready")
		}
	}
}

func TestFieldCase33Ready(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(t)
	if err := redisclient.Ready(t.Context(), client, probe); err != nil {
		t.Error(err)
	}
	if keys := redistest.Keys(t, client); len(keys) != 0 {
		t.Errorf("it leaves %v behind", keys)
	}
	t.Run("with no more rights than a store without indexes needs", func(t *testing.T) {
		if err := client.Do(t.Context(), "ACL", "SETUSER", "default", "resetkeys", "~obo:*", "-@all", "+@read", "+@write", "+@connection").Err(); err != nil {
			t.Fatal(err)
		}
		if err := redisclient.Ready(t.Context(), client, probe); err != nil {
			t.Error(err)
		}
	})
	t.Run("a caller that leaves", func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := redisclient.Ready(gone, client, probe); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		server.Kill()
		if err := redisclient.Ready(t.Context(), client, probe); err == nil || !strings.Contains(err.Error(), "can't be reached") {
			t.Errorf("error is %v", err)
		}
	})
}

// TestFieldCase33Answers: what no server here can be brought to say, said by one that says nothing else. HELLO is unknown
// to it, as to a Redis before version 6.
func TestFieldCase33Answers(t *testing.T) {
	t.Parallel()
	tests := []struct{ answer, want string }{
		{"-LOADING Redis is loading the dataset in memory", "LOADING"},
		{"-READONLY You can't write against a read only replica.", "replica"},
		{"-MOVED 3999 127.0.0.1:6381", "Redis Cluster"},
		{"-CLUSTERDOWN Hash slot not served", "Redis Cluster"},
		{"-MASTERDOWN Link with MASTER is down", "MASTERDOWN"},
		{"-WRONGPASS invalid username-password pair", "WRONGPASS"},
		{"-NOAUTH Authentication required.", "NOAUTH"},
		{"-BUSY Redis is busy running a script", "BUSY"},
		{"-ERR unknown command 'SET', with args beginning with: 'hunter2'", "answers a write with ERR"},
		{"-hunter2", "answers a write with an error"},
	}
	for _, test := range tests {
		t.Run(test.answer, func(t *testing.T) {
			t.Parallel()
			client, err := redisclient.New(secret.New("redis://"+answering(t, test.answer)), "")
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			err = redisclient.Ready(t.Context(), client, probe)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

// answering is a server that answers every command but HELLO with one line.
func answering(t *testing.T, line string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				for lines := bufio.NewScanner(connection); lines.Scan(); {
					answer := ""
					switch strings.ToUpper(lines.Text()) { // the commands' names are lines of their own
					case "HELLO":
						answer = "-ERR unknown command"
					case "SET", "DEL":
						answer = line
					default:
						continue
					}
					if _, err := connection.Write([]byte(answer + "\r\n")); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
