//go:build race

package e2e

// raceDetector says whether the race detector is on.
const raceDetector = true
