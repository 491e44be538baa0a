package main

import (
	"flag"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

func readPolicy(t *testing.T, args ...string) session.Policy {
	t.Helper()
	var s settings
	if _, err := parse("serve", args, streams{err: io.Discard}, s.flags); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return s.Policy
}

// another is a value that the flag takes and that is not its default.
func another(t *testing.T, f *flag.Flag) string {
	t.Helper()
	for _, value := range []string{"7m13s", "7", "7m13s,13s", "login", "all", "true"} {
		if value != f.DefValue && f.Value.Set(value) == nil {
			return value
		}
	}
	t.Fatalf("no other value fits --%s", f.Name)
	return ""
}

func policyFlagSet() *flag.FlagSet {
	set, p := flag.NewFlagSet("", flag.ContinueOnError), session.DefaultPolicy()
	policyFlags(set, &p)
	return set
}

// changed are the fields in which a policy is not the default one.
func changed(p session.Policy) (names []string) {
	a, b := reflect.ValueOf(p), reflect.ValueOf(session.DefaultPolicy())
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, a.Type().Field(i).Name)
		}
	}
	return names
}

func TestEveryNumberOfThePolicyHasAFlagAndAVariable(t *testing.T) {
	reached := map[string]string{}
	policyFlagSet().VisitAll(func(f *flag.Flag) {
		value := another(t, f)
		byFlag := changed(readPolicy(t, "--"+f.Name, value))
		t.Run(f.Name, func(t *testing.T) {
			t.Setenv("VAKHTA_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")), value)
			if byVariable := changed(readPolicy(t)); !reflect.DeepEqual(byFlag, byVariable) || len(byFlag) != 1 {
				t.Errorf("the flag changes %v, the variable %v", byFlag, byVariable)
			}
		})
		for _, name := range byFlag {
			if other := reached[name]; other != "" {
				t.Errorf("--%s and --%s change %s", other, f.Name, name)
			}
			reached[name] = f.Name
		}
	})
	for _, field := range reflect.VisibleFields(reflect.TypeFor[session.Policy]()) {
		if reached[field.Name] == "" {
			t.Errorf("no flag reaches Policy.%s", field.Name)
		}
	}
}

func TestTheFlagWinsOverTheVariable(t *testing.T) {
	t.Setenv("VAKHTA_SESSION_LIFETIME", "3h")
	if got := readPolicy(t).SessionLifetime; got != 3*time.Hour {
		t.Errorf("the variable makes it %v", got)
	}
	if got := readPolicy(t, "--session-lifetime", "4h").SessionLifetime; got != 4*time.Hour {
		t.Errorf("the flag makes it %v", got)
	}
}

func TestWithoutFlagsThePolicyIsTheDefaultOne(t *testing.T) {
	if names := changed(readPolicy(t)); names != nil {
		t.Errorf("changed are %v", names)
	}
}

func TestEverySettingIsDescribed(t *testing.T) {
	var s settings
	set := flag.NewFlagSet("", flag.ContinueOnError)
	s.flags(set)
	set.VisitAll(func(f *flag.Flag) {
		if len(f.Usage) < 10 {
			t.Errorf("--%s says only %q", f.Name, f.Usage)
		}
	})
}
