#!/usr/bin/env bash
# Builds the images, runs both set-ups of the README with Docker Compose, signs in through the published ports, and checks
# what README and docker-compose.yml promise. Takes everything down again. The checks themselves are the tests of this folder.
#
#   deploy/check.sh                with the base images that Dockerfile and docker-compose.yml name
#   deploy/check.sh --stand-ins    where no registry of images can be reached: with stand-ins for the base images, made of
#                                  this machine's Go, busybox, Redis and HAProxy
#
# It needs Go and Docker Compose; where no Docker engine runs it starts one of its own (as root), which is gone afterwards.
# On Debian, apt-get install docker.io docker-compose, and for the stand-ins busybox-static redis-server haproxy; with
# CI=true the script does so itself, and builds Compose v2 where it is missing.
#
# COMPOSE names the Compose commands to check with, separated by commas; each goes through all of it. Unset, it is what is
# there of docker-compose and docker compose.
set -euo pipefail
cd "$(dirname "$0")/.."

stand_ins=
case "${1-}" in
'') ;;
--stand-ins) stand_ins=yes ;;
*) echo "usage: deploy/check.sh [--stand-ins]" >&2; exit 2 ;;
esac

say() { printf '\n==> %s\n' "$*"; }
fail() { printf '\ndeploy/check.sh: %s\n' "$*" >&2; exit 1; }

work=$(mktemp -d)
engine=

clean_up() {
	status=$?
	trap - EXIT
	if [ -n "$engine" ]; then
		kill "$engine" 2>/dev/null || true
		wait "$engine" 2>/dev/null || true
		# The engine leaves the mounts of its last containers behind when it was stopped in the middle of something.
		awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount 2>/dev/null || true
	fi
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

install_what_is_missing() {
	local package missing=()
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
	done
	[ ${#missing[@]} -eq 0 ] && return
	say "installing ${missing[*]}"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > "$work/apt.log" 2>&1 ||
		{ tail -n 20 "$work/apt.log"; fail "apt-get could not install ${missing[*]}"; }
}

# Debian 12 has no package of Compose v2; the Go module proxy has its source. `go install` refuses modules with an exclude
# directive, so it is built from a module of its own.
build_compose_v2() {
	say "building Compose v2"
	mkdir "$work/compose"
	(
		cd "$work/compose"
		go mod init compose
		go get github.com/docker/compose/v2/cmd@v2.40.3
		go build -ldflags '-s -w -X github.com/docker/compose/v2/internal.Version=v2.40.3' -o docker-compose-v2 github.com/docker/compose/v2/cmd
	) > "$work/compose.log" 2>&1 || { tail -n 20 "$work/compose.log"; fail "Compose v2 could not be built"; }
}

start_engine() {
	if docker info > "$work/info" 2>&1; then
		return
	fi
	command -v dockerd > /dev/null || fail "no Docker engine answers, and there is no dockerd to start one"
	[ "$(id -u)" = 0 ] || fail "no Docker engine answers; start one, or run this as root so that it can"
	say "starting a Docker engine"
	export DOCKER_HOST=unix://$work/docker.sock
	dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" > "$work/dockerd.log" 2>&1 &
	engine=$!
	for _ in $(seq 60); do
		docker info > "$work/info" 2>&1 && return
		kill -0 "$engine" 2>/dev/null || break
		sleep 0.5
	done
	tail -n 20 "$work/dockerd.log"
	fail "dockerd did not start; the lines above are the end of its log"
}

# copy_program ROOT PROGRAM… copies programs with the libraries that they are linked against.
copy_program() {
	local root=$1 file
	shift
	for program in "$@"; do
		install -D "$(command -v "$program")" "$root/usr/local/bin/$program"
		for file in $(ldd "$(command -v "$program")" | grep -o '/[^ ]*'); do
			[ -e "$root$file" ] || install -D "$file" "$root$file"
		done
	done
}

# The stand-ins hold no more than the build and the containers need of the images that they stand in for.
make_stand_ins() {
	say "making stand-ins for the base images"
	local root=$work/root
	mkdir -p "$root"/{go,base,redis,haproxy}

	mkdir -p "$root"/go/{bin,tmp,go,root,src} "$root"/go/etc/ssl/certs "$root"/go/usr/local
	install -D "$(command -v busybox)" "$root/go/bin/busybox"
	for name in sh mkdir cp ls; do ln -s busybox "$root/go/bin/$name"; done
	cp -L /etc/ssl/certs/ca-certificates.crt "$root/go/etc/ssl/certs/"
	tar -C "$(go env GOROOT)" --exclude=./test --exclude=./doc --exclude=./api --transform 's,^\.,usr/local/go,' -cf "$work/go.tar" .
	tar -C "$root/go" -rf "$work/go.tar" .
	docker import -c 'ENV PATH=/usr/local/go/bin:/bin GOPATH=/go GOTOOLCHAIN=local' "$work/go.tar" stand-in/golang:latest > /dev/null
	rm "$work/go.tar"

	mkdir -p "$root"/base/{tmp,home/nonroot,etc/ssl/certs}
	cp -L /etc/ssl/certs/ca-certificates.crt "$root/base/etc/ssl/certs/"
	printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' > "$root/base/etc/passwd"
	tar -C "$root/base" -c . | docker import -c 'USER 65532' -c 'WORKDIR /home/nonroot' - stand-in/static:latest > /dev/null

	mkdir -p "$root"/redis/{data,tmp}
	copy_program "$root/redis" redis-server redis-cli
	tar -C "$root/redis" -c . | docker import -c 'ENV PATH=/usr/local/bin' -c 'WORKDIR /data' - stand-in/redis:latest > /dev/null

	mkdir -p "$root"/haproxy/{tmp,var/lib/haproxy}
	copy_program "$root/haproxy" haproxy
	tar -C "$root/haproxy" -c . | docker import -c 'ENV PATH=/usr/local/bin' -c 'USER 99:99' \
		-c 'CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]' - stand-in/haproxy:latest > /dev/null

	export CHECK_BUILD_ARGS="GO_IMAGE=stand-in/golang BASE_IMAGE=stand-in/static"
	export REDIS_IMAGE=stand-in/redis BALANCER_IMAGE=stand-in/haproxy
	rm -rf "$root"
}

if [ "${CI-}" = true ] && [ -n "$stand_ins" ]; then
	install_what_is_missing docker.io docker-compose ca-certificates busybox-static redis-server haproxy
fi
command -v docker > /dev/null || fail "there is no docker command; on Debian: apt-get install docker.io docker-compose"

if [ -z "${COMPOSE-}" ]; then
	COMPOSE=
	command -v docker-compose > /dev/null && COMPOSE=docker-compose
	if docker compose version > /dev/null 2>&1; then
		COMPOSE=${COMPOSE:+$COMPOSE,}"docker compose"
	elif [ "${CI-}" = true ]; then
		build_compose_v2
		COMPOSE=${COMPOSE:+$COMPOSE,}$work/compose/docker-compose-v2
	fi
	[ -n "$COMPOSE" ] || fail "there is no Docker Compose; on Debian: apt-get install docker-compose"
fi

start_engine
[ -z "$stand_ins" ] || make_stand_ins
say "checking with $COMPOSE"
# -count=1: a result of before is no result, the images may be others.
CHECK_COMPOSE=$COMPOSE go test -v -count=1 -timeout 40m ./deploy
say "all is as README and docker-compose.yml promise"
