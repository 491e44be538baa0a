package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"vakhta/session"
)

// longestPhone is how many characters somebody may need for the fifteen digits of a phone and what he writes between them.
const longestPhone = 40

// phoneNumber brings a phone into the international format E.164 (M12), if it can receive SMS. It takes what people and
// their address books write: spaces, hyphens, dots and brackets anywhere, digits of any script, 00 for the +. It guesses
// no country: a phone is a key, and a number that is only nearly the right one is somebody else's.
func phoneNumber(text string) (string, error) {
	digits, international, ok := dialled(text)
	switch {
	case !ok:
		return "", refusePhone(session.BadPhone, "a phone has digits only, spaces and hyphens between them, and a + before them",
			"write it like "+examplePhone)
	case !international:
		return "", refusePhone(session.PhoneNeedsCountry, "the phone does not begin with + and the country code", writePhone(digits))
	}
	number, err := phonenumbers.Parse("+"+digits, "")
	switch {
	case err != nil && strings.HasPrefix(digits, "8"): // +8 903 …: there is no such country
		return "", refusePhone(session.PhoneNeedsCountry, "the phone does not begin with a country code", writePhone(digits))
	case err != nil || !phonenumbers.IsValidNumber(number):
		return "", refusePhone(session.BadPhone, "there is no such phone in the country of that code", writePhone(digits))
	case phonenumbers.GetRegionCodeForNumber(number) == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
		return "", refusePhone(session.PhoneNotMobile, "this is a number of no country: satellite and international networks do not do",
			"give a mobile phone of a country")
	}
	switch kind := phonenumbers.GetNumberType(number); kind {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return phonenumbers.Format(number, phonenumbers.E164), nil
	case phonenumbers.FIXED_LINE:
		return "", refusePhone(session.PhoneNotMobile, "this is a landline, which receives no SMS", "give a mobile phone")
	default: // premium, shared cost, toll-free, personal and pager numbers
		return "", refusePhone(session.PhoneNotMobile, "this is a service number, which receives no SMS", "give a mobile phone")
	}
}

const examplePhone = "+79031111111"

func refusePhone(reason session.Reason, message, next string) error {
	return &session.Refusal{Reason: reason, Message: message, Next: next}
}

// dialled are the digits of a phone as somebody wrote it, without the + or the 00 that made it international.
func dialled(text string) (digits string, international, ok bool) {
	if len(text) > longestPhone*4 || len([]rune(text)) > longestPhone {
		return "", false, false
	}
	var b strings.Builder
	for _, r := range text {
		digit, is := digitOf(r)
		switch {
		case is:
			b.WriteByte(digit)
		case r == '+' || r == '＋':
			if international || b.Len() > 0 {
				return "", false, false
			}
			international = true
		case !separates(r):
			return "", false, false
		}
	}
	digits = b.String()
	if rest, prefixed := strings.CutPrefix(digits, "00"); prefixed && !international {
		digits, international = rest, true
	}
	return digits, international, digits != ""
}

// digitOf reads a decimal digit of any script: in Unicode the ten of a script follow one another.
func digitOf(r rune) (digit byte, ok bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return '0' + byte((r-zero)%10), true // some scripts stand side by side, in tens
}

// separates tells what may stand between digits. Address books add marks of the writing direction, which nobody sees.
func separates(r rune) bool {
	return r == '(' || r == ')' || r == '.' || r == '\t' || r == '−' || r == '（' || r == '）' ||
		unicode.In(r, unicode.Zs, unicode.Pd) || unicode.In(r, unicode.Cf)
}

// habits are how people write a Russian phone without +7: after the 8 that is dialled inside the country, with both, or
// with neither.
var habits = []struct {
	begins string
	digits int
	is     string
}{{"8", 11, "+7"}, {"78", 12, "+7"}, {"9", 10, "+79"}}

// writePhone says how a phone is written, and which one may be meant.
func writePhone(digits string) string {
	const next = "begin with + and the country code, for example " + examplePhone
	meant := "+" + digits
	for _, h := range habits {
		if rest, has := strings.CutPrefix(digits, h.begins); has && len(digits) == h.digits && receivesSMS(h.is+rest) {
			meant = h.is + rest
		}
	}
	if !receivesSMS(meant) {
		return next
	}
	return next + "; perhaps you mean " + meant
}

func receivesSMS(phone string) bool {
	number, err := phonenumbers.Parse(phone, "")
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return false
	}
	kind := phonenumbers.GetNumberType(number)
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

// advice is an error with what to do about it, for the command line.
func advice(err error) string {
	if refusal := new(session.Refusal); errors.As(err, &refusal) {
		return refusal.Message + ": " + refusal.Next
	}
	return fmt.Sprint(err)
}
