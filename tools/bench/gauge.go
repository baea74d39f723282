package main

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
)

// reading is what a process says of itself. The first three count from its start.
type reading struct {
	CPU        float64 `json:"cpu"`        // seconds of user and system time, as the system counts them
	Allocs     uint64  `json:"allocs"`     // objects
	AllocBytes uint64  `json:"allocBytes"` // bytes
	Heap       uint64  `json:"heap"`       // bytes of objects that are there now
	Resident   uint64  `json:"resident"`   // bytes of memory that the system has given; 0 where there is no /proc
	Goroutines uint64  `json:"goroutines"`
	Files      int     `json:"files"` // open files, connections among them; 0 where there is no /proc
}

// gauge is the address at which a process can be asked about itself. The tiers' own programs have no such thing.
func gauge() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /reading", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("gc") {
			runtime.GC()
			runtime.GC() // what a finalizer or a pool held goes with the second
		}
		_ = json.NewEncoder(w).Encode(read())
	})
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.Handle("GET /debug/pprof/allocs", pprof.Handler("allocs"))
	mux.Handle("GET /debug/pprof/heap", pprof.Handler("heap"))
	mux.Handle("GET /debug/pprof/goroutine", pprof.Handler("goroutine"))
	return mux
}

func read() reading {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	found := reading{
		CPU:    cpuSeconds(),
		Allocs: samples[0].Value.Uint64(), AllocBytes: samples[1].Value.Uint64(),
		Heap: samples[2].Value.Uint64(), Goroutines: samples[3].Value.Uint64(),
	}
	// statm: sizes in pages; the second is what is resident.
	if content, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(content)); len(fields) > 1 {
			pages, _ := strconv.ParseUint(fields[1], 10, 64)
			found.Resident = pages * uint64(os.Getpagesize())
		}
	}
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		found.Files = len(files)
	}
	return found
}
