//go:build !race

package azurenames

// raceDetector says whether the race detector is on.
const raceDetector = false
