// Package composecheck holds docker-compose.yml and the Dockerfile to what an installation relies on, without Docker:
// the compose file is loaded by the library that Docker Compose itself uses. It is a module of its own, so that this
// library stays out of the product's go.mod.
package composecheck
