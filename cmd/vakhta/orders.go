package main

import (
	"context"
	"errors"

	"vakhta/persistence"
	"vakhta/session"
	"vakhta/wsapi"
)

// The engineer's commands on orders. They change nothing.
var orderCommands = map[string]subcommand{
	"verify": {arguments: 1, run: (*office).verifyOrders, asItIs: true},
}

// verifyOrders names each order whose signature by WEB-token does not fit.
func (o *office) verifyOrders(ctx context.Context, args []string) error {
	profile, err := o.journal.FindClient(ctx, args[0])
	if err != nil {
		return err
	}
	v, err := o.journal.Signatures(ctx, profile.Client, payloads)
	if err != nil {
		return err
	}
	o.printf("client %s: signatures by WEB-token that are good, of orders and of registrations: %d\n", profile.Code, v.Good)
	if v.Unsigned > 0 {
		o.printf("%d orders of WEB-token sessions are not signed: right only where --web-token-unsigned allowed it\n", v.Unsigned)
	}
	return o.wrong(v.Faults)
}

// payloads read what was signed as the doors have read it, and hold it against what the server has made of it.
var payloads = persistence.Payloads{
	Order: func(o session.Order) error {
		ticket, err := wsapi.OrderPayload(o.Signed.Payload)
		if err == nil && ticket != o.Ticket {
			err = errors.New("it asks for another order")
		}
		return err
	},
	Withdrawal: func(o session.Order) error {
		id, err := wsapi.CancelPayload(o.Withdrawn.Payload)
		if err == nil && id != o.ID {
			err = errors.New("it asks for the end of another order")
		}
		return err
	},
	Document: func(d session.Document) error {
		id, asked, err := wsapi.DocumentPayload(d.Signature.Payload, phoneNumber)
		if c, ok := d.Content.(session.PhoneChange); ok {
			c.Old = "" // the server has added it
			d.Content = c
		}
		if err == nil && (id != d.ID || asked != d.Content) {
			err = errors.New("it asks for something else")
		}
		return err
	},
}
