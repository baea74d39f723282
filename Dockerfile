# One image for each tier:
#
#   docker build --target webui .
#   docker build --target api .
#   docker build --target orders .
#   docker build --target devtenant .
#
# Both builders read it, BuildKit and the classic one of Docker 20.10: there is no RUN --mount here, which only BuildKit knows.

# The base images, each named once: tag for people, digest for the builder. To raise one, or to take it from a registry
# of your own: docker compose build --build-arg GO_IMAGE=… --build-arg BASE_IMAGE=…
ARG GO_IMAGE=golang:1.26.8-alpine@sha256:8ac98ca534ac3f51e1f420a1dd2c15e74c75cfa0f23f3ad27eb5d7236c349a0c
ARG BASE_IMAGE=gcr.io/distroless/static-debian13:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3

FROM ${GO_IMAGE} AS build
WORKDIR /src
# These two files change less often than the code: while they are the same, the modules' layer is used again.
COPY go.mod go.sum ./
RUN go mod download
# What may come in is listed in .dockerignore; development.env and its secrets may not.
COPY . .
# Without cgo the binaries are static: the base image has no C library. Two tags leave out what nothing here uses and what
# keeps the linker from dropping dead code: gin's MessagePack, gRPC's debug pages. The API is half the size for it.
RUN CGO_ENABLED=0 go build -trimpath -tags nomsgpack,grpcnotrace -ldflags "-s -w" -o /out/ ./webui ./api \
	./orders \
	./devtenant/cmd/devtenant
RUN mkdir /certificate

# What every tier stands on: certificate authorities, time zones, and a user who is not root. No shell.
FROM ${BASE_IMAGE} AS base
USER 65532:65532
# What an image says of itself (OCI Image Format Specification, "Annotations").
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.source=https://github.com/Azure-Samples/ms-identity-go-on-behalf-of \
	org.opencontainers.image.licenses=MIT \
	org.opencontainers.image.version=$VERSION \
	org.opencontainers.image.revision=$REVISION

FROM base AS devtenant
LABEL org.opencontainers.image.title="devtenant, for development only"
COPY --from=build /out/devtenant /devtenant
# A new volume takes over the owner of the folder that it is mounted on; without this one it would be root's, and
# devtenant could not write its certificate there.
COPY --from=build --chown=65532:65532 /certificate /certificate
ENV DEVTENANT_BROWSER_ADDR=:8002 DEVTENANT_BACK_ADDR=:8003 DEVTENANT_CERTIFICATE=/certificate/devtenant.pem
EXPOSE 8002 8003
HEALTHCHECK --interval=2s --timeout=4s --retries=10 CMD ["/devtenant", "-health"]
ENTRYPOINT ["/devtenant"]

FROM base AS api
LABEL org.opencontainers.image.title="API that calls Azure on behalf of its users"
COPY --from=build /out/api /api
ENV API_ADDR=:8001
EXPOSE 8001
HEALTHCHECK --interval=2s --timeout=4s --retries=10 CMD ["/api", "-health"]
ENTRYPOINT ["/api"]

FROM base AS orders
LABEL org.opencontainers.image.title="orders API, which the API calls on behalf of its users"
COPY --from=build /out/orders /orders
ENV ORDERS_ADDR=:8004
EXPOSE 8004
HEALTHCHECK --interval=2s --timeout=4s --retries=10 CMD ["/orders", "-health"]
ENTRYPOINT ["/orders"]

FROM base AS webui
LABEL org.opencontainers.image.title="Web UI that signs users in and calls the API"
COPY --from=build /out/webui /webui
ENV WEBUI_ADDR=:8000
EXPOSE 8000
HEALTHCHECK --interval=2s --timeout=4s --retries=10 CMD ["/webui", "-health"]
ENTRYPOINT ["/webui"]
