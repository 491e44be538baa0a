package wsapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

// refusedToken is one way in which a WEB-token is refused.
type refusedToken struct {
	reason session.Reason
	code   float64
	ask    func(d *device) map[string]any
}

func change(how func(*session.State)) func(*device) {
	return func(d *device) { d.h.core.change(d.client, how) }
}

var refusedTokens = map[string]refusedToken{
	"begun without a session": {session.NoSession, 12, func(d *device) map[string]any {
		d.must("closeSecuritySession", fields{"all": true})
		return d.ask("webTokenBegin", d.keys())
	}},
	"begun in a session of the token": {session.NeedSMSSession, 12, func(d *device) map[string]any {
		return d.register().open().ask("webTokenBegin", d.keys())
	}},
	"begun after a change of the phone": {session.PhoneQuarantine, 12, func(d *device) map[string]any {
		change(func(s *session.State) { s.Quarantine.Until = time.Now().Add(time.Hour) })(d)
		return d.ask("webTokenBegin", d.keys())
	}},
	"begun with one key twice": {session.BadToken, 5, func(d *device) map[string]any {
		return d.ask("webTokenBegin", d.keys().with(fields{"dPub": d.s.public}))
	}},
	"begun with what is no key": {session.BadToken, 5, func(d *device) map[string]any {
		return d.ask("webTokenBegin", d.keys().with(fields{"dPub": session.PublicKey("\x04" + strings.Repeat("x", 64))}))
	}},
	"begun for the fourth time today": {session.TooManyTokens, 2, func(d *device) map[string]any {
		for range 3 {
			d.begin()
		}
		return d.ask("webTokenBegin", d.keys())
	}},
	"evaluated for another challenge": {session.ChallengeOver, 14, func(d *device) map[string]any {
		d.begin()
		d.challenge = session.Nonce(blinded(9))
		return d.ask("webTokenEvaluate", d.pending(1))
	}},
	"evaluated without a PIN": {session.BadToken, 5, func(d *device) map[string]any {
		d.begin()
		return d.ask("webTokenEvaluate", d.pending(0))
	}},
	"evaluated by another device": {session.BadSignature, 14, func(d *device) map[string]any {
		d.begin()
		d.d = newKey()
		return d.ask("webTokenEvaluate", d.pending(1))
	}},
	"evaluated without the master key": {session.ServerKeyMissing, 1, func(d *device) map[string]any {
		d.begin()
		d.h.core.oprf.gone = true
		return d.ask("webTokenEvaluate", d.pending(1))
	}},
	"the fourth PIN of a registration": {session.NoTokenTries, 2, func(d *device) map[string]any {
		d.begin()
		for pin := range 3 {
			d.must("webTokenEvaluate", d.pending(pin+1))
		}
		return d.ask("webTokenEvaluate", d.pending(4))
	}},
	"ordered without a PIN": {session.BadToken, 5, func(d *device) map[string]any {
		d.begin()
		return d.ask("submitCps", d.order())
	}},
	"ordered with other keys": {session.BadToken, 5, func(d *device) map[string]any {
		d.begin()
		d.must("webTokenEvaluate", d.pending(1))
		d.r = newKey()
		return d.ask("submitCps", d.order())
	}},
	"ordered with another signature": {session.BadSignature, 14, func(d *device) map[string]any {
		d.begin()
		d.must("webTokenEvaluate", d.pending(1))
		return d.ask("submitCps", forged(d.order()))
	}},
	"ordered to be signed by itself": {session.NeedSMSSession, 12, func(d *device) map[string]any {
		d.begin()
		d.must("webTokenEvaluate", d.pending(1))
		return d.ask("submitCps", d.order().with(fields{"safetyTypeId": 7}))
	}},
	"ordered when nothing was begun": {session.NoToken, 12, func(d *device) map[string]any {
		return d.ask("submitCps", d.order())
	}},
	"no token at all": {session.NoToken, 12, func(d *device) map[string]any {
		return d.ask("webTokenChallenge", fields{"tokenId": 7})
	}},
	"one flood of challenges": {session.TooEarly, 2, func(d *device) map[string]any {
		d.register()
		for range 3 {
			d.challenged()
		}
		return d.ask("webTokenChallenge", fields{"tokenId": d.token})
	}},
	"opened without a PIN": {session.ChallengeOver, 14, func(d *device) map[string]any {
		d.register().challenged()
		return d.ask("openSecuritySession", d.opening())
	}},
	"opened too late": {session.ChallengeOver, 14, func(d *device) map[string]any {
		d.register().challenged()
		d.must("webTokenEvaluate", d.active(1))
		d.wait(time.Minute)
		return d.ask("openSecuritySession", d.opening())
	}},
	"opened by another key": {session.BadSignature, 14, func(d *device) map[string]any {
		d.register().challenged()
		d.must("webTokenEvaluate", d.active(1))
		d.s = newKey()
		return d.ask("openSecuritySession", d.opening())
	}},
	"opened with the old ratchet key": {session.BadToken, 5, func(d *device) map[string]any {
		d.register().challenged()
		d.must("webTokenEvaluate", d.active(1))
		return d.ask("openSecuritySession", d.opening().with(fields{"rNextPub": d.r.public}))
	}},
	"two PINs for one challenge": {session.ChallengeOver, 14, func(d *device) map[string]any {
		d.register().challenged()
		d.must("webTokenEvaluate", d.active(1))
		return d.ask("webTokenEvaluate", d.active(2))
	}},
	"the sixth PIN": {session.NoTokenTries, 2, func(d *device) map[string]any {
		d.register()
		for pin := range 5 {
			d.challenged()
			d.must("webTokenEvaluate", d.active(pin+1))
		}
		d.challenged()
		return d.ask("webTokenEvaluate", d.active(6))
	}},
	"a PIN after the lock": {session.TokenLocked, 12, func(d *device) map[string]any {
		d.register()
		for pin := range 5 {
			d.challenged()
			d.must("webTokenEvaluate", d.active(pin+1))
		}
		d.wait(time.Minute)
		return d.ask("webTokenChallenge", fields{"tokenId": d.token})
	}},
	"the 31st PIN of a day": {session.TokenDayLimit, 2, func(d *device) map[string]any {
		d.register().challenged()
		change(func(s *session.State) {
			t := *s.Tokens.Active
			t.Evaluated = slices.Repeat([]time.Time{session.Instant(time.Now())}, 30)
			s.Tokens.Active = &t
		})(d)
		return d.ask("webTokenEvaluate", d.active(1))
	}},
	"disconnected by the client": {session.TokenGone, 12, func(d *device) map[string]any {
		d.register()
		if got := d.must("webTokenRevoke", fields{"tokenId": d.token}); got["success"] != true {
			return got
		}
		return d.ask("webTokenChallenge", fields{"tokenId": d.token})
	}},
	"disconnected without a session": {session.NoSession, 12, func(d *device) map[string]any {
		d.register().must("closeSecuritySession", fields{"all": true})
		return d.ask("webTokenRevoke", fields{"tokenId": d.token})
	}},
	"replaced by a newer one": {session.TokenElsewhere, 12, func(d *device) map[string]any {
		old := d.register().token
		d.s, d.d, d.r = newKey(), newKey(), newKey()
		d.register()
		return d.ask("webTokenChallenge", fields{"tokenId": old})
	}},
	"an order that is not signed": {session.NeedTokenSignature, 12, func(d *device) map[string]any {
		return d.register().open().say("putTradeOrder", buying)
	}},
	"a non-trading order that is not signed": {session.NeedTokenSignature, 12, func(d *device) map[string]any {
		document, _ := d.register().open().say("submitCps", byToken)["document"].(map[string]any)
		return d.ask("signCps", fields{"id": document["id"], "validationKey": "123456"})
	}},
	"an order that is signed under another id": {session.BadSignature, 14, func(d *device) map[string]any {
		return d.register().open().ask("putTradeOrder", d.signed("78", buying).with(fields{"user_order_id": 77}))
	}},
	"a signed order in a session by SMS": {session.BadSignature, 14, func(d *device) map[string]any {
		return d.register().ask("putTradeOrder", d.signed("77", buying).with(fields{"user_order_id": 77}))
	}},
	"a trading order beyond the scope": {session.OutOfScope, 12, func(d *device) map[string]any {
		d.h.core.policy.WebTokenTrades = false
		return d.register().open().ask("putTradeOrder", d.signed("77", buying).with(fields{"user_order_id": 77}))
	}},
}

// forged is order 190 where one key has signed for two.
func forged(order fields) fields {
	var data fields
	text, _ := order["data"].(json.RawMessage)
	if err := json.Unmarshal(text, &data); err != nil {
		panic(err)
	}
	data["sigD"] = data["sigS"]
	return order.with(fields{"data": json.RawMessage(data.text())})
}

const (
	buying  = `{"instr_name":"SBER","action_id":1,"order_type_id":2,"qty":10,"limit_price":300.12,"user_order_id":77}`
	byToken = `{"docId":210,"data":{"action":"add","phone":"` + newPhone + `"},"safetyTypeId":7}`
)

func TestEachRefusalOfAWebTokenHasItsReason(t *testing.T) {
	for name, c := range refusedTokens {
		t.Run(name, func(t *testing.T) {
			eachDoor(t, func(t *testing.T, d *device) {
				got := c.ask(d)
				if got["reason"] != string(c.reason) || got["code"] != c.code || got["error"] != got["errMsg"] || got["next"] == nil || got["next"] == "" {
					t.Errorf("want %s %v, got %v", c.reason, c.code, got)
				}
				switch c.reason {
				case session.TooManyTokens, session.TokenDayLimit, session.PhoneQuarantine, session.TooEarly:
					if got["until"] == nil || got["retryAfter"] == nil {
						t.Errorf("nobody is told until when: %v", got)
					}
				default:
				}
			})
		})
	}
}
