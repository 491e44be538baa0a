package main

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"vakhta/session"
)

func TestAMobilePhoneOfAnyCountryBecomesE164(t *testing.T) {
	for text, want := range map[string]string{
		// Twenty-five countries, and one that has no number to tell its mobiles by.
		"+79031111111": "", "+375291234567": "", "+77011234567": "", "+998901234567": "", "+37494123456": "", "+995555123456": "",
		"+996700123456": "", "+380501234567": "", "+37120123456": "", "+3725123456": "", "+4915112345678": "", "+33612345678": "",
		"+393123456789": "", "+34612345678": "", "+48512345678": "", "+447400123456": "", "+905301234567": "", "+972502345678": "",
		"+971501234567": "", "+8613812345678": "", "+919876543210": "", "+819012345678": "", "+5511987654321": "", "+61412345678": "",
		"+2348021234567": "", "+12125551234": "",
		// What stands between the digits, and before them.
		"+7 903 111-11-11": "+79031111111", "+7 (903) 111.11.11": "+79031111111", "  +7\u00a0903\u00a0111\u00a011\u00a011 ": "+79031111111",
		"+7\u202f903\u2009111\u201111\u201311": "+79031111111", "+ 7 9 0 3 1 1 1 1 1 1 1": "+79031111111", "(+7) 903 1111111": "+79031111111",
		"\u202a+7 903 111 11 11\u202c": "+79031111111", "+44 (0) 7400 123456": "+447400123456", "+7 8 903 111 11 11": "+79031111111", "+7\t9031111111": "+79031111111",
		"0079031111111": "+79031111111", "00 49 151 12345678": "+4915112345678",
		// Digits of other scripts, mixed too.
		"＋７（９０３）１１１－１１－１１": "+79031111111", "+٧٩٠٣١١١١١١١": "+79031111111", "+۷۹۰۳۱۱۱۱۱۱۱": "+79031111111",
		"+७९०३१११११११": "+79031111111", "+7𝟗𝟘𝟑1111111": "+79031111111",
	} {
		if want == "" {
			want = text
		}
		if got, err := phoneNumber(text); got != want || err != nil {
			t.Errorf("%q is %q, %v, and not %q", text, got, err, want)
		}
	}
}

func TestAPhoneThatDoesNotDoIsRefusedWithWhatToDo(t *testing.T) {
	const country, bad, fixed = session.PhoneNeedsCountry, session.BadPhone, session.PhoneNotMobile
	const russian = "perhaps you mean +79031111111"
	for text, want := range map[string]struct {
		reason session.Reason
		next   string
	}{
		"89031111111": {country, russian}, "8 (903) 111-11-11": {country, russian}, "８９０３１１１１１１１": {country, russian},
		"9031111111": {country, russian}, "79031111111": {country, russian}, "+89031111111": {country, russian},
		"7 8 903 1111111": {country, russian}, "+9031111111": {bad, russian},
		"84912345678": {country, "perhaps you mean +84912345678"}, "4915112345678": {country, "perhaps you mean +4915112345678"},
		"07400123456": {country, examplePhone}, "84951234567": {country, examplePhone}, "8 10 49 151 12345678": {country, examplePhone},
		"0": {country, examplePhone}, "112": {country, examplePhone}, "00": {bad, ""}, "000079031111111": {bad, ""},

		"+7903111111": {bad, examplePhone}, "+790311111111": {bad, examplePhone}, "+71234567890": {bad, examplePhone},
		"+999999999": {bad, examplePhone}, "+0": {bad, examplePhone}, "+7": {bad, examplePhone}, "+112": {bad, examplePhone},
		"+7112": {bad, examplePhone}, "+440000000000": {bad, examplePhone}, "+1 555 0100": {bad, examplePhone},
		"+49 151": {bad, examplePhone}, "+7 903 111 11 11 12": {bad, examplePhone},

		"+74951234567": {fixed, "mobile"}, "+78123456789": {fixed, "mobile"}, "+442071838750": {fixed, "mobile"}, "+4930123456": {fixed, "mobile"},
		"+33142278186": {fixed, "mobile"}, "+390612345678": {fixed, "mobile"}, "+78001234567": {fixed, "mobile"}, "+18005551234": {fixed, "mobile"},
		"+78091234567": {fixed, "mobile"}, "+19005551234": {fixed, "mobile"}, "+449098790000": {fixed, "mobile"}, "+499001234567": {fixed, "mobile"},
		"+33891123456": {fixed, "mobile"}, "+447012345678": {fixed, "mobile"}, "+80012345678": {fixed, "mobile"}, "+881612345678": {fixed, "country"},

		"": {bad, ""}, " ": {bad, ""}, "+": {bad, ""}, "()": {bad, ""}, "none": {bad, ""}, "+7-903-CALL-NOW": {bad, ""},
		"tel:+79031111111": {bad, ""}, "+79031111111;ext=1": {bad, ""}, "+79031111111 доб. 5": {bad, ""}, "+79031111111x5": {bad, ""},
		"+79031111111,+79032222222": {bad, ""}, "++79031111111": {bad, ""}, "+7+9031111111": {bad, ""}, "79031111111+": {bad, ""},
		"+79031111111'; DROP TABLE client": {bad, ""}, "+79031111111\r\nBcc: all": {bad, ""}, "+79031111111\x00": {bad, ""},
		"<b>+79031111111</b>": {bad, ""}, "+7903111111\xff": {bad, ""}, "+7⑨031111111": {bad, ""}, "+7903111111Ⅷ": {bad, ""},
		"+" + strings.Repeat("7", 1000): {bad, ""}, "+79031111111" + strings.Repeat(" ", 100): {bad, ""}, strings.Repeat("+", 1<<20): {bad, ""},
	} {
		got, err := phoneNumber(text)
		var refusal *session.Refusal
		if got != "" || !errors.As(err, &refusal) || refusal.Reason != want.reason {
			t.Errorf("%.60q is %q, %v, and not %s", text, got, err, want.reason)
			continue
		}
		if refusal.Message == "" || refusal.Next == "" || !strings.Contains(refusal.Next, want.next) || len(refusal.Message+refusal.Next) > 300 {
			t.Errorf("%.60q: %s: %s", text, refusal.Message, refusal.Next)
		}
	}
}

// Whatever is typed comes to an end, and what is taken is taken as it is from then on.
func TestWhateverIsTypedIsTakenOnceAndForAllOrRefused(t *testing.T) {
	character := rapid.SampledFrom([]rune("0123456789789+ -().８９٠٣\u00a0\u202a8+7a\x00"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(character, 0, 20, -1).Draw(t, "phone")
		got, err := phoneNumber(text)
		if err != nil {
			return
		}
		again, err := phoneNumber(got)
		if again != got || err != nil || got[0] != '+' || len(got) > 16 || utf8.RuneCountInString(got) != len(got) {
			t.Errorf("%q is %q, and that is %q, %v", text, got, again, err)
		}
	})
}
