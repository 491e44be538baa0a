package wsapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"vakhta/session"
)

// shownToken is what the desk's card of the client tells of his WEB-token.
func (o *office) shownToken(sid string) map[string]any {
	o.t.Helper()
	got := o.ask(sid, "deskClient", `{"client":"100001"}`)
	if got.json["code"] != "100001" {
		o.t.Fatalf("no card: %s", got.body)
	}
	token, _ := got.json["token"].(map[string]any)
	return token
}

func TestAnOperatorSeesAClientsWebTokenAndDisconnectsIt(t *testing.T) {
	const revoking = `{"client":"100001","reason":"the telephone was stolen"}`
	disconnecting := `{"client":"100001","docId":193,"data":{"safetyTypeId":7},"reason":"the telephone was stolen"}`
	for _, c := range []struct{ command, params, noted, told, ended string }{
		{
			"deskRevokeToken", revoking, "desk.revoke_token desk.revoke_token.done",
			"operator.acted token.revoked session.closed", "closed_by_operator",
		},
		{
			"deskSubmit", disconnecting, "desk.submit desk.submit.done",
			"document.drafted document.signed token.revoked session.closed document.accepted", "disconnected",
		},
	} {
		t.Run(c.command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t)
				anna := o.onDuty("anna")
				if token := o.shownToken(anna); token != nil {
					t.Errorf("a client without a WEB-token has %v", token)
				}
				d := o.device(doors[0], o.ready("demo")).register().open()
				d.challenged()
				d.must("webTokenEvaluate", d.active(2))
				fingerprint := o.core.state(1).Tokens.Active.Fingerprint
				token := o.shownToken(anna)
				if token["tokenId"] != float64(d.token) || token["fingerprint"] != fingerprint || token["attemptsLeft"] != 4.0 || token["ended"] != "" {
					t.Errorf("the card shows %v", token)
				}
				o.staff.noted()
				version := o.core.version(1)
				if got := o.ask(anna, c.command, c.params); got.json["error"] != nil {
					t.Fatalf("%s", got.body)
				}
				if noted := strings.Join(o.staff.noted(), " "); noted != c.noted {
					t.Errorf("noted is %q", noted)
				}
				if told := strings.Join(o.core.last(1, version), " "); told != c.told {
					t.Errorf("told is %q", told)
				}
				if end := o.core.state(1).Tokens.Last.End; string(end) != c.ended {
					t.Errorf("it ended as %q", end)
				}
				if token := o.shownToken(anna); token["tokenId"] != 0.0 || token["endedTokenId"] != float64(d.token) || token["ended"] != "revoked" {
					t.Errorf("the card shows %v", token)
				}
				if got := d.ask("webTokenChallenge", fields{"tokenId": d.token}); got["reason"] != "web_token_revoked" {
					t.Errorf("its device is told %v", got)
				}
			})
		})
	}
}

func TestAnOperatorStopsARegistrationAndConnectsNoWebToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		o.ask(anna, "deskVerify", callerSays)
		d := o.device(doors[0], o.ready("demo"))
		d.begin()
		d.must("webTokenEvaluate", d.pending(1))
		proposal := d.order().with(fields{"client": "100001", "reason": "he asked", "safetyTypeId": nil})
		if got := o.ask(anna, "deskSubmit", proposal.text()); got.json["reason"] != "bad_document" {
			t.Errorf("connected by an operator: %s", got.body)
		}
		for _, n := range o.staff.notes {
			if text := fmt.Sprint(n.Data); strings.Contains(text, base64url(d.challenge)) || strings.Contains(text, base64url(d.s.public)) {
				t.Errorf("the audit has %s", text)
			}
		}
		version := o.core.version(1)
		if got := o.ask(anna, "deskRevokeToken", `{"client":"100001","reason":"he asked"}`); got.json["success"] != true {
			t.Errorf("%s", got.body)
		}
		if told := o.core.last(1, version); !slices.Equal(told, []string{"operator.acted", "token.revoked"}) {
			t.Errorf("told is %q", told)
		}
		if got := d.ask("submitCps", d.order()); got["reason"] != string(session.NoToken) {
			t.Errorf("the order: %v", got)
		}
	})
}
