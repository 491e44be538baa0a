package session

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestADecimalIsReadExactly(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.00": "0", "1": "1", "-1": "-1", "300.12": "300.12", "-0.5": "-0.5", "10.0": "10", ".5": "0.5",
		"0.00000001": "0.00000001", "-0.00000001": "-0.00000001", "1.10000000000": "1.1", "007": "7",
		"1e3": "1000", "1E+3": "1000", "12e-1": "1.2", "1.5e-7": "0.00000015", "0e9": "0", "100e-10": "0.00000001",
		"92233720368.54775807": "92233720368.54775807", "-92233720368.54775807": "-92233720368.54775807",
	} {
		d, err := ParseDecimal(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		same(t, text, d.String(), want)
	}
}

func TestADecimalThatCannotBeExactIsRefused(t *testing.T) {
	for text, why := range map[string]string{
		"": "not a number", "-": "not a number", ".": "not a number", "1.": "not a number", "+1": "not a number",
		"--1": "not a number", "1 ": "not a number", "1_000": "not a number", "0x10": "not a number", "1,5": "not a number",
		"NaN": "not a number", "Infinity": "not a number", "1e": "not a number", "e1": "not a number", "1e1.5": "not a number",
		"1e999": "not a number", "١": "not a number", "1.2.3": "not a number", "1e1e1": "not a number",
		strings.Repeat("1", 65):       "not a number",
		"0.000000001":                 "more than 8 digits",
		"1e-9":                        "more than 8 digits",
		"1.123456789":                 "more than 8 digits",
		"92233720368.54775808":        "too large",
		"-92233720368.54775808":       "too large",
		"184467440737.09551616":       "too large",
		"100000000000":                "too large",
		"1e100":                       "too large",
		strings.Repeat("9", 64):       "too large",
		"1" + strings.Repeat("0", 40): "too large",
	} {
		if d, err := ParseDecimal(text); err == nil || !strings.Contains(err.Error(), why) || len(err.Error()) > 100 {
			t.Errorf("%q: %v, %v, and not %q", text, d, err, why)
		}
	}
}

func TestADecimalIsAMultipleOfItsStep(t *testing.T) {
	for _, x := range []struct {
		d, step Decimal
		want    bool
	}{
		{300 * One, One / 100, true}, {300*One + 1, One / 100, false}, {0, One, true}, {-One, One / 2, true}, {One, 0, false}, {One, -One, false},
	} {
		same(t, x.d.String()+" of "+x.step.String(), x.d.MultipleOf(x.step), x.want)
	}
	same(t, "Float", (One + One/4).Float(), 1.25)
	same(t, "the smallest", Decimal(math.MinInt64).String(), "-92233720368.54775808")
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$`)

// FuzzParseDecimal compares with math/big: what is read is exact, and what is refused cannot be held.
func FuzzParseDecimal(f *testing.F) {
	for _, text := range []string{
		"0", "-1", "300.12", "1e3", "0.00000001", "0.000000001", "92233720368.54775807", "92233720368.54775808", "1e-9",
		"100e-10", "-0.5E+2", "1_0", "0x1p4", "1/2", ".5", "5.", "inf", "00", "\n1", "١",
	} {
		f.Add(text)
	}
	unit := new(big.Rat).SetInt64(int64(One))
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			if !jsonNumber.MatchString(text) {
				return
			}
			exact, _ := new(big.Rat).SetString(text)
			if exact.Mul(exact, unit); exact.IsInt() && exact.Num().IsInt64() && exact.Num().Int64() != math.MinInt64 {
				t.Fatalf("%q is %v × 1e-8, and was refused: %v", text, exact, err)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok || exact.Mul(exact, unit).Cmp(new(big.Rat).SetInt64(int64(d))) != 0 {
			t.Fatalf("%q was read as %v", text, d)
		}
		again, err := ParseDecimal(d.String())
		if err != nil || again != d {
			t.Fatalf("%q became %v and then %v, %v", text, d, again, err)
		}
		if !jsonNumber.MatchString(d.String()) {
			t.Fatalf("%v is no JSON number", d)
		}
		if x, err := strconv.ParseFloat(d.String(), 64); err != nil || math.Abs(x-d.Float()) > 1e-15*math.Abs(x) {
			t.Fatalf("%v is %v as a float, %v", d, d.Float(), err)
		}
	})
}
