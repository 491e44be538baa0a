package wsapi

import (
	"strconv"
	"strings"
)

// wholeNumber reads an integer of at most 2^53, also when it is written with a point: 12, "12", 12.0.
func wholeNumber(text string) (int64, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > 1<<53 || n < -1<<53 {
		return 0, false
	}
	return n, true
}
