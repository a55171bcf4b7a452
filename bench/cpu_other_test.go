//go:build !unix

package bench_test

import "time"

// processorTime is not measured here.
func processorTime() time.Duration { return 0 }
