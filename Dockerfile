# The terminal.
FROM node:20-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

# The server, with the terminal inside; static, so that it runs on anything.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . ./
COPY --from=frontend /src/frontend/dist/ frontend/dist/
ARG VERSION=dev
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" -o /out/vakhta ./cmd/vakhta \
    && mkdir /out/data

# What runs. A shell is there for the engineer: `docker compose exec vakhta sh`.
FROM debian:bookworm-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/vakhta /usr/local/bin/
# A number and not a name, so that Kubernetes can see that it is not root.
COPY --from=build --chown=10001:10001 /out/data /data
USER 10001:10001
WORKDIR /data
VOLUME /data
# Without further settings: an embedded database in the volume. The master key has no default: VAKHTA_MASTER_KEY_FILE.
ENV VAKHTA_LISTEN=0.0.0.0:8080 VAKHTA_DATABASE_URL=sqlite:/data/vakhta.db
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["vakhta", "health", "--url", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["vakhta"]
CMD ["serve"]
