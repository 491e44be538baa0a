package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheReadmeListsEveryFlagWithItsDefault: when it fails, put the table that it prints between the two marks.
func TestTheReadmeListsEveryFlagWithItsDefault(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "<!-- flags -->\n")
	got, _, _ := strings.Cut(after, "<!-- end of flags -->")
	if want := flagTable(); got != want {
		t.Errorf("the table of flags in README.md is stale; it should be:\n%s", want)
	}
}

func flagTable() string {
	var s settings
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	s.flags(f)
	var table strings.Builder
	table.WriteString("| flag | default | what it is |\n|---|---|---|\n")
	f.VisitAll(func(x *flag.Flag) {
		kind, does := flag.UnquoteUsage(x)
		if kind != "" && kind == strings.ToUpper(kind) {
			kind = " " + kind
		} else {
			kind = ""
		}
		value := x.DefValue
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&table, "| `--%s%s` | %s | %s |\n", x.Name, kind, value, does)
	})
	return table.String()
}
