//go:build !race

package readme

// raceDetector says whether the race detector is on.
const raceDetector = false
