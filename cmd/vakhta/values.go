package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// durations is a flag with a list: 15m,5m,1m.
type durations struct{ to *[]time.Duration }

func (d durations) String() string {
	if d.to == nil {
		return ""
	}
	all := make([]string, len(*d.to))
	for i, x := range *d.to {
		all[i] = x.String()
	}
	return strings.Join(all, ",")
}

func (d durations) Set(text string) error {
	var all []time.Duration
	for _, part := range split(text) {
		x, err := time.ParseDuration(part)
		if err != nil {
			return fmt.Errorf("%q is no list of durations like 15m,5m,1m", text)
		}
		all = append(all, x)
	}
	*d.to = all
	return nil
}

// prefixes is a flag with networks: 10.0.0.0/8,127.0.0.1.
type prefixes struct{ to *[]netip.Prefix }

func (p prefixes) String() string {
	if p.to == nil {
		return ""
	}
	return strings.Trim(fmt.Sprint(*p.to), "[]")
}

func (p prefixes) Set(text string) error {
	var all []netip.Prefix
	for _, part := range split(text) {
		x, err := netip.ParsePrefix(part)
		if address, one := netip.ParseAddr(part); one == nil {
			x, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no list of networks like 10.0.0.0/8,127.0.0.1", text)
		}
		all = append(all, x)
	}
	*p.to = all
	return nil
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// choice is a flag with two words, one for false and one for true.
type choice struct {
	to      *bool
	no, yes string
}

func (c choice) String() string {
	if c.to != nil && *c.to {
		return c.yes
	}
	return c.no
}

func (c choice) Set(text string) error {
	if text != c.no && text != c.yes {
		return fmt.Errorf("%q is neither %s nor %s", text, c.no, c.yes)
	}
	*c.to = text == c.yes
	return nil
}

// natural is a flag with a whole number above zero.
type natural struct{ to *uint32 }

func (n natural) String() string {
	if n.to == nil {
		return ""
	}
	return strconv.FormatUint(uint64(*n.to), 10)
}

func (n natural) Set(text string) error {
	x, err := strconv.ParseUint(text, 10, 32)
	if err != nil || x == 0 {
		return fmt.Errorf("%q is no whole number above zero", text)
	}
	*n.to = uint32(x)
	return nil
}
