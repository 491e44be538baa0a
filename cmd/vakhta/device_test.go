package main

import (
	"encoding/base64"

	"vakhta/cmd/vakhta/load"
	"vakhta/session"
)

// device is the load tester's device, and the conversation about it, step by step. A copy of the value is a copy of the
// browser's profile.
type device struct{ load.Device }

func newDevice() *device { return &device{*load.NewDevice()} }

// say sends a command for the device.
type say func(name string, params map[string]any) frame

func nonce(text string) session.Nonce {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return session.Nonce(raw)
}

func (v *device) blind(pin string) load.Blinded {
	b, err := v.Blind(pin)
	if err != nil {
		panic(err)
	}
	return b
}

// begin begins the registration and returns its challenge.
func (v *device) begin(say say) (session.Nonce, frame) {
	f := say("webTokenBegin", v.Begin())
	v.Client, v.Token = session.ClientID(f.number("result.clientId")), session.TokenID(f.number("result.tokenId"))
	v.Login = session.LoginID(f.number("result.loginId"))
	return nonce(f.text("result.challenge")), f
}

// protect sets the PIN, and returns the content of the order that connects the token.
func (v *device) protect(say say, challenge session.Nonce, pin string) map[string]any {
	b := v.blind(pin)
	order, err := v.Protect(challenge, b, say("webTokenEvaluate", v.EvaluateFirst(challenge, b)).text("result.e"))
	if err != nil {
		panic(err)
	}
	return order
}

// open opens a security session by a PIN. The frame is the reply to the last message that was sent; right tells of the PIN.
func (v *device) open(say say, pin string) (f frame, right bool) {
	f = say("webTokenChallenge", map[string]any{"tokenId": v.Token})
	if f.text("result.challenge") == "" {
		return f, false
	}
	v.Login = session.LoginID(f.number("result.loginId"))
	challenge, b := nonce(f.text("result.challenge")), v.blind(pin)
	f = say("webTokenEvaluate", v.Evaluate(challenge, b))
	e := f.text("result.e")
	v.Evaluated(f.text("result.matched"), e)
	if e == "" {
		return f, false
	}
	right, err := v.Unlock(b, e)
	if err != nil {
		panic(err)
	}
	if !right {
		return f, false
	}
	f = say("openSecuritySession", v.Opening(challenge))
	if f.text("result.success") == "true" {
		v.Opened()
	}
	return f, true
}

func (v *device) copied() *device { return &device{*v.Copied()} }
