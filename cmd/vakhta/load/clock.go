package load

import (
	"context"
	"time"
)

// now is the run's clock: the one place that looks at it.
func now() time.Time { return time.Now() } //nolint:forbidigo // what is measured is real time

// sleep returns early when the context ends.
func sleep(ctx context.Context, span time.Duration) {
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
}
