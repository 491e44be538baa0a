package main

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pquerna/otp"

	"vakhta/persistence"
	"vakhta/session"
)

// operator carries out a command line on operators, with a password on standard input.
func (d *desk) operator(input string, args ...string) (code int, said string) {
	d.t.Helper()
	var out bytes.Buffer
	args = append(append([]string{"operator"}, args...), "--database-url", "sqlite:"+d.file("v.db"))
	if args[1] == "add" || args[1] == "reset" {
		args = append(args, thrifty...)
	}
	code = run(d.t.Context(), args, streams{in: strings.NewReader(input), out: &out, err: &out})
	if strings.Contains(out.String(), "horse") {
		d.t.Errorf("the password is shown: %s", out.String())
	}
	return code, out.String()
}

const horse = "correct horse battery\n"

func TestAnOperatorIsAddedAndHisAuthenticatorIsShownOnce(t *testing.T) {
	d := newDesk(t)
	code, said := d.operator(horse, "add", "anna", "--name", "Анна Смирнова")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	says(t, said, "operator anna (Анна Смирнова) may log in at /desk", "not shown again", "otpauth://totp/Vakhta:anna?")
	key, err := otp.NewKeyFromURL(said[strings.Index(said, "otpauth://"):strings.Index(said, "\n  secret")])
	if err != nil || key.Issuer() != "Vakhta" || key.AccountName() != "anna" || key.Period() != 30 || key.Digits() != otp.DigitsSix ||
		key.Algorithm() != otp.AlgorithmSHA1 || len(key.Secret()) != 32 {
		t.Errorf("the authenticator: %v, %v", key, err)
	}
	says(t, said, "secret "+key.Secret())

	code, said = d.operator(horse, "add", "ANNA", "--name", "Another")
	if code != 1 || !strings.Contains(said, "operator reset") {
		t.Errorf("a second of this login name: exit %d: %s", code, said)
	}
	code, said = d.operator("", "list")
	if code != 0 || strings.Contains(said, key.Secret()) {
		t.Errorf("exit %d: %s", code, said)
	}
	says(t, said, "anna", "Анна Смирнова", "0")
}

func TestAnOperatorIsDisabledEnabledAndReset(t *testing.T) {
	d := newDesk(t)
	_, first := d.operator(horse, "add", "boris", "--name", "Борис")
	for _, step := range []struct {
		args  []string
		input string
		says  string
	}{
		{[]string{"disable", "Boris"}, "", "operator boris is disabled"},
		{[]string{"list"}, "", "disabled"},
		{[]string{"enable", "boris"}, "", "operator boris may log in"},
		{[]string{"reset", "boris"}, horse, "new password and a new authenticator"},
	} {
		code, said := d.operator(step.input, step.args...)
		if code != 0 {
			t.Errorf("%v: exit %d: %s", step.args, code, said)
		}
		says(t, said, step.says)
		if said == first {
			t.Error("the authenticator is the old one")
		}
	}
	if _, said := d.operator("", "list"); strings.Contains(said, "disabled") {
		t.Errorf("he is not enabled: %s", said)
	}
}

func TestACommandOnOperatorsThatMakesNoSenseIsAnsweredWithWhatToDo(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		args   []string
		input  string
		status int
		says   []string
	}{
		{[]string{""}, "", 2, []string{"operator add LOGIN", "reset LOGIN"}},
		{[]string{"dance"}, "", 2, []string{"operator add LOGIN"}},
		{[]string{"add"}, "", 2, []string{"takes 1 arguments, not 0"}},
		{[]string{"list", "all"}, "", 2, []string{"takes 0 arguments, not 1"}},
		{[]string{"add", "anna"}, horse, 1, []string{"name is empty", "--name"}},
		{[]string{"add", " ", "--name", "A"}, horse, 1, []string{"login name is empty"}},
		{[]string{"add", "an\u200bna", "--name", "A"}, horse, 1, []string{"nobody sees"}},
		{[]string{"add", "anna", "--name", strings.Repeat("A", 101)}, horse, 1, []string{"longer than 100"}},
		{[]string{"add", "anna", "--name", "A"}, "", 1, []string{"at least 12 characters", "standard input"}},
		{[]string{"add", "anna", "--name", "A"}, "коротко\n", 1, []string{"at least 12 characters"}}, // 7 letters, 14 bytes
		{[]string{"disable", "nobody"}, "", 1, []string{"no such operator", "operator add"}},
		{[]string{"enable", "nobody"}, "", 1, []string{"no such operator"}},
		{[]string{"reset", "nobody"}, horse, 1, []string{"no such operator"}},
	} {
		code, said := d.operator(c.input, c.args...)
		if code != c.status {
			t.Errorf("%q: exit %d: %s", c.args, code, said)
		}
		says(t, said, c.says...)
	}
	if _, said := d.operator("", "list"); strings.Contains(said, "anna") {
		t.Errorf("one was added nevertheless: %s", said)
	}
}

func TestTheDemoOperatorsAreMadeOnceAndShowTheirCodes(t *testing.T) {
	d := newDesk(t)
	settings := databaseSettings{URL: "sqlite:" + d.file("v.db"), MasterKeyFile: d.file("v.db.key")}
	keys, err := persistence.LoadKeyring(settings.MasterKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := settings.open(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	policy := session.DefaultPolicy()
	policy.PasswordMemory, policy.PasswordPasses = 8, 1
	for range 2 {
		if err := addDemoOperators(t.Context(), journal, policy); err != nil {
			t.Fatal(err)
		}
	}
	all, err := journal.Operators(t.Context())
	if err != nil || len(all) != 2 || all[0].Login != "anna" || all[1].Login != "boris" {
		t.Errorf("%+v %v", all, err)
	}
	for range 2 { // a start without --demo keeps those out whose secrets everybody knows, but nobody else
		var said bytes.Buffer
		if err := disableDemoOperators(t.Context(), journal, slog.New(slog.NewTextHandler(&said, nil))); err != nil {
			t.Fatal(err)
		}
		all, err := journal.Operators(t.Context())
		if err != nil || !all[0].Disabled || !all[1].Disabled {
			t.Errorf("%+v %v", all, err)
		}
	}
	if _, err := journal.ResetOperator(t.Context(), all[1].ID, aHash, []byte("a secret of his own")); err != nil {
		t.Fatal(err)
	}
	if err := addDemoOperators(t.Context(), journal, policy); err != nil {
		t.Fatal(err)
	}
	if all, err = journal.Operators(t.Context()); err != nil || all[0].Disabled || !all[1].Disabled {
		t.Errorf("%+v %v", all, err)
	}
	db := openDatabase(t, settings.URL)
	for kind, want := range map[string]int64{"operator.add": 2, "operator.disable": 2, "operator.enable": 1} {
		for _, kind := range []string{kind, kind + session.ActDone} {
			var n int64
			if scan(t, db, []any{&n}, `SELECT count(*) FROM audit WHERE data LIKE '{"account":"%' AND type = '`+kind+`'`); n != want {
				t.Errorf("%s stands in the audit %d times, not %d", kind, n, want)
			}
		}
	}
	if err := addAccount(t.Context(), journal, persistence.NewOperator{Login: "ANNA", Name: "A", Hash: aHash}); !errors.Is(err, persistence.ErrOperatorExists) {
		t.Errorf("a second anna: %v", err)
	}
	var last string
	if scan(t, db, []any{&last}, `SELECT type FROM audit ORDER BY seq DESC LIMIT 1`); last != "operator.add"+session.ActRefused {
		t.Errorf("it ends as %s", last)
	}
	shown, err := demoAuthenticator(clock())
	if err != nil || len(shown) != 2 || len(shown[0].Code) != 6 || shown[0].Code == shown[1].Code {
		t.Errorf("%+v %v", shown, err)
	}
	for _, x := range demoOperators {
		if secret, err := decodeSecret(x.secret); err != nil || len(secret) != 20 || utf8.RuneCountInString(x.password) < 12 {
			t.Errorf("%s: %d bytes, %v", x.login, len(secret), err)
		}
	}
}

func TestAPictureIsDrawnInBlocksWithAWhiteMargin(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 2, 2))
	picture.SetGray(0, 0, color.Gray{Y: 0xff})
	picture.SetGray(1, 1, color.Gray{Y: 0xff})
	margin := strings.Repeat("█", 10)
	want := []string{margin, margin, "████▀▄████", margin, margin}
	got := strings.NewReplacer("\x1b[38;5;231;48;5;16m", "", "\x1b[0m", "").Replace(blocks(picture))
	if got != strings.Join(want, "\n")+"\n" {
		t.Errorf("drawn is\n%s", got)
	}
}
