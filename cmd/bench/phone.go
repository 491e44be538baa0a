package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// phones are the development phones: what was sent to each of them last.
type phones map[string]string

var passcode = regexp.MustCompile(`\b\d{6}\b`)

// waitForCodes returns when each of the clients has been sent a new passcode.
func (s *server) waitForCodes(ctx context.Context, clients crowd) error {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		codes, err := s.phones(ctx)
		if err != nil {
			return err
		}
		missing := 0
		for _, c := range clients {
			if code := codes[c.phone]; code == "" || code == c.passcode {
				missing++
			}
		}
		if missing == 0 {
			for _, c := range clients {
				c.passcode = codes[c.phone]
			}
			return nil
		}
	}
	return fmt.Errorf("not all of %d passcodes were sent in %v", len(clients), patience)
}

func (s *server) phones(ctx context.Context) (phones, error) {
	page, err := get(ctx, s.url+"/dev/phone/messages")
	if err != nil {
		return nil, err
	}
	var messages []struct{ To, Text string }
	if err := json.Unmarshal(page, &messages); err != nil {
		return nil, fmt.Errorf("the development phone: %w", err)
	}
	all := phones{}
	for _, m := range messages {
		all[m.To] = passcode.FindString(m.Text)
	}
	return all, nil
}
