// Package deploy has no code of its own: it checks Dockerfile and docker-compose.yml with a real Docker engine.
//
// check.sh runs its tests. It finds or starts an engine, and says to the tests in CHECK_COMPOSE which Compose commands
// there are; without that variable they skip.
package deploy
