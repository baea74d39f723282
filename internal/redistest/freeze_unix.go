//go:build unix

package redistest

import "syscall"

// Freeze makes the server hang, connections open, until [Server.Thaw].
func (s *Server) Freeze() { _ = s.command.Process.Signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (s *Server) Thaw() { _ = s.command.Process.Signal(syscall.SIGCONT) }
