package session

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Decimal is an exact amount of money or securities: an int64 count of 1e-8. Its range is ±92 billion.
type Decimal int64

const (
	decimalPlaces = 8
	// One is the Decimal 1.
	One Decimal = 100_000_000
)

var errDecimal = errors.New("not a number")

// ParseDecimal reads a plain or scientific JSON number, as in 300.12, -1 or 1e3. More than eight digits behind the
// point, or a number beyond the range, is an error: nothing is rounded.
func ParseDecimal(text string) (Decimal, error) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.ParseInt(text[i+1:], 10, 8)
		if err != nil {
			return 0, fmt.Errorf("%q is %w", short(text), errDecimal)
		}
		mantissa, exponent = text[:i], int(n)
	}
	negative := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimPrefix(mantissa, "-")
	whole, fraction, point := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if whole == "" && fraction == "" || point && fraction == "" || len(digits) > 64 || strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("%q is %w", short(text), errDecimal)
	}
	scale := decimalPlaces + exponent - len(fraction) // the value is digits × 10^scale × 1e-8
	for ; scale < 0 && strings.HasSuffix(digits, "0"); scale++ {
		digits = digits[:len(digits)-1]
	}
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return 0, nil
	case scale < 0:
		return 0, fmt.Errorf("%s has more than %d digits behind the point", short(text), decimalPlaces)
	case len(digits)+scale > 19:
		return 0, fmt.Errorf("%s is too large", short(text))
	}
	n, err := strconv.ParseUint(digits+strings.Repeat("0", scale), 10, 64)
	if err != nil || n > math.MaxInt64 {
		return 0, fmt.Errorf("%s is too large", short(text))
	}
	if negative {
		return -Decimal(n), nil
	}
	return Decimal(n), nil
}

func short(text string) string {
	if len(text) > 32 {
		return text[:32] + "…"
	}
	return text
}

// String is the shortest exact form, which is also a JSON number: 300.12, 10, -0.5.
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends the String of d.
func (d Decimal) Append(b []byte) []byte {
	n := uint64(d)
	if d < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendUint(b, n/uint64(One), 10)
	if f := n % uint64(One); f != 0 {
		b = append(b, '.')
		for div := uint64(One) / 10; f != 0; div /= 10 {
			b = append(b, byte('0'+f/div))
			f %= div
		}
	}
	return b
}

// MultipleOf tells whether d is a whole number of steps.
func (d Decimal) MultipleOf(step Decimal) bool { return step > 0 && d%step == 0 }

// Float is for plots and derived figures, where exactness does not matter.
func (d Decimal) Float() float64 { return float64(d) / float64(One) }
