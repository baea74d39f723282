// Package env reads the settings of a program and names all that is wrong with them at once.
//
// ENVIRONMENT picks the file: production.env, the tracked template, or development.env, the copy that a developer fills
// in and that git ignores. godotenv reads it. What stands in the real environment wins over the file, so that a container
// platform can set everything without one.
//
// A [Reader] collects problems instead of stopping at the first: whoever fills in fifteen values wants one list of what
// is missing, and not fifteen starts.
package env
