package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// call has the demo client on the phone: he says who he is.
func (d *atDesk) call() frame {
	d.t.Helper()
	return d.demand("deskVerify", said("100001", "Демидов Пётр Ильич", "100001", "ромашка"))
}

func said(client, name, code, voice string) map[string]any {
	return map[string]any{"client": client, "name": name, "code": code, "voicePassword": voice}
}

// addPhone proposes another contact phone, which passcodes go to.
func addPhone(number string) map[string]any {
	return map[string]any{
		"client": "100001", "docId": 210, "data": map[string]any{"action": "add", "phone": number, "primary": true}, "reason": "the client has lost his phone",
	}
}

func about(id string) map[string]any { return map[string]any{"client": "100001", "id": id} }

func (w *world) card(d *atDesk) frame {
	w.t.Helper()
	return d.demand("deskClient", map[string]any{"client": "100001"})
}

// M11 from start to end.
func TestTwoOperatorsChangeThePhoneOfAClientWhoHasProvedHimself(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna, boris := w.operator("anna"), w.operator("boris")
		x := w.sockets(1)[0]
		ask(t, x, "getSecuritySessionCode", nil)
		w.nextText()

		found := anna.demand("deskFind", map[string]any{"query": "демидов петр"})
		if found.text("clients.0.code") != "100001" || found.text("clients.0.phone") != "+7903•••1111" || found.text("clients.1.code") != "" {
			t.Errorf("found: %s", found.raw)
		}
		anna.refused("not_identified", "deskSubmit", addPhone("+79035555555"))
		if f := anna.call(); f.text("success") != "true" || f.text("until") == "" {
			t.Errorf("the call: %s", f.raw)
		}
		boris.refused("not_identified", "deskSubmit", addPhone("+79035555555")) // he has not spoken with him
		anna.refused("phone_needs_country", "deskSubmit", addPhone("89035555555"))
		anna.refused("phone_not_mobile", "deskSubmit", addPhone("+74951234567"))
		proposed := anna.demand("deskSubmit", addPhone("+7 903 555-55-55"))
		id := proposed.text("document.id")
		if proposed.text("document.status") != "drafted" || strings.Contains(proposed.raw, "5555555") {
			t.Errorf("proposed: %s", proposed.raw)
		}
		if phone := w.card(anna).text("phones.0.phone"); phone != "+7903•••1111" {
			t.Errorf("it has taken effect already: %s", phone)
		}

		anna.refused("self_confirmation", "deskConfirm", about(id))
		time.Sleep(time.Minute)
		again := w.operator("anna") // in another browser she is the same
		again.refused("self_confirmation", "deskConfirm", about(id))
		if f := boris.demand("deskPending", nil); f.text("pending.0.document.id") != id || f.text("pending.0.own") != "false" ||
			f.text("pending.0.client") != "100001" || f.text("pending.0.document.operator") != "Анна Смирнова" {
			t.Errorf("what waits: %s", f.raw)
		}
		if f := again.demand("deskPending", nil); f.text("pending.0.own") != "true" {
			t.Errorf("her own: %s", f.raw)
		}
		if f := boris.demand("deskConfirm", about(id)); f.text("document.status") != "accepted" || f.text("document.confirmedBy") != "Борис Орлов" {
			t.Errorf("confirmed: %s", f.raw)
		}
		if f := boris.demand("deskConfirm", about(id)); f.text("document.status") != "accepted" {
			t.Errorf("confirmed again, for the reply may have been lost: %s", f.raw)
		}

		card := w.card(boris)
		if card.text("phones.0.phone") != "+7903•••5555" || card.text("documents.0.id") != id || card.text("drafts.0.id") != "" {
			t.Errorf("the card: %s", card.raw)
		}
		if old := w.nextText(); !strings.Contains(old, "5555") {
			t.Errorf("the old number is told: %s", old)
		}
		time.Sleep(time.Minute)
		ask(t, x, "getSecuritySessionCode", nil)
		w.nextText()
		if to := w.lastReceiver(); to != "+79035555555" {
			t.Errorf("the passcode goes to %s", to)
		}
		x.drop()
	})
}

// lastReceiver is the phone that the newest text has come to.
func (w *world) lastReceiver() string {
	w.t.Helper()
	all, _ := w.get("/dev/phone/messages").data.([]any)
	return frame{data: all[len(all)-1]}.text("to")
}

func TestWhatACallerSaysIsComparedWithoutSayingWhatIsWrong(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna := w.operator("anna")
		for _, right := range [][]string{
			{"Демидов Пётр Ильич", "100001", "ромашка"}, {"  ДЕМИДОВ  петр ильич ", " 100001 ", " РомашкА! "},
		} {
			if f := anna.demand("deskVerify", said("100001", right[0], right[1], right[2])); f.text("success") != "true" {
				t.Errorf("%q: %s", right, f.raw)
			}
		}
		if f := anna.demand("deskVerify", said("100002", "ооо второй клиент", "100002", "василёк")); f.text("success") != "true" {
			t.Errorf("a company: %s", f.raw)
		}
		var answers []string
		for _, wrong := range [][]string{
			{"Демидов Пётр", "100001", "ромашка"}, {"Демидов Пётр Ильич", "100002", "ромашка"}, {"Демидов Пётр Ильич", "100001", "сирень"},
		} {
			f := anna.demand("deskVerify", said("100001", wrong[0], wrong[1], wrong[2]))
			answers = append(answers, strings.ReplaceAll(f.raw, fmt.Sprintf(`"attemptsLeft":%d`, 2-len(answers)), ""))
			if f.text("success") != "false" {
				t.Errorf("%q: %s", wrong, f.raw)
			}
		}
		if answers[0] != answers[1] || answers[1] != answers[2] {
			t.Errorf("the answers tell what was wrong: %q", answers)
		}
		if f := anna.ask("deskVerify", said("100001", "Демидов Пётр Ильич", "100001", "ромашка")); f.text("reason") != "voice_blocked" {
			t.Errorf("the right one after three wrong ones: %s", f.raw)
		}
		if card := w.card(anna); card.text("means.2.status") != "blocked" || card.text("means.2.attemptsLeft") != "0" || strings.Contains(card.raw, "argon2") {
			t.Errorf("the card: %s", card.raw)
		}

		// Two operators restore it.
		restore := map[string]any{"client": "100001", "docId": 365, "data": map[string]any{"safetyTypeId": 6}, "reason": "he has shown his passport"}
		id := anna.demand("deskSubmit", restore).text("document.id")
		w.operator("boris").demand("deskConfirm", about(id))
		if f := anna.call(); f.text("success") != "true" {
			t.Errorf("after it was restored: %s", f.raw)
		}
	})
}

func TestTwoHundredParallelWrongVoicePasswordsCompareThree(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna := w.operator("anna")
		var mu sync.Mutex
		var done sync.WaitGroup
		came := map[string]int{}
		for i := range 200 {
			done.Go(func() {
				f := anna.ask("deskVerify", said("100001", "Демидов Пётр Ильич", "100001", fmt.Sprint("wrong", i)))
				mu.Lock()
				came[f.name+" "+f.text("reason")]++
				mu.Unlock()
			})
		}
		done.Wait()
		if came["200 "] != 3 || came["200 voice_blocked"]+came["429 busy"] != 197 {
			t.Errorf("%v", came)
		}
	})
}

func TestAProposalThatNobodyConfirmsInTimeIsConfirmedByNobody(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		anna := w.operator("anna")
		anna.call()
		id := anna.demand("deskSubmit", addPhone("+79035555555")).text("document.id")
		time.Sleep(30*time.Minute + time.Second)
		boris := w.operator("boris")
		boris.refused("document_expired", "deskConfirm", about(id))
		boris.refused("unknown_document", "deskDecline", about(id))
		if f := boris.demand("deskPending", nil); f.text("pending.0.document.id") != "" {
			t.Errorf("it waits still: %s", f.raw)
		}
		if card := w.card(boris); card.text("documents.0.end") != "expired" || card.text("phones.0.phone") != "+7903•••1111" {
			t.Errorf("the card: %s", card.raw)
		}
		anna = w.operator("anna")
		anna.refused("not_identified", "deskSubmit", addPhone("+79035555555")) // the call is long over
	})
}

func TestAnOperatorDeclinesAndWithdraws(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		anna, boris := w.operator("anna"), w.operator("boris")
		anna.call()
		for end, d := range map[string]*atDesk{"declined": boris, "withdrawn": anna} {
			id := anna.demand("deskSubmit", addPhone("+79035555555")).text("document.id")
			decline := map[string]any{"client": "100001", "id": id, "reason": " "}
			d.refused("reason_missing", "deskDecline", decline)
			decline["reason"] = "the voice was not his"
			if f := d.demand("deskDecline", decline); f.text("document.status") != "cancelled" || f.text("document.end") != end {
				t.Errorf("%s: %s", end, f.raw)
			}
			boris.refused("unknown_document", "deskConfirm", about(id))
		}
	})
}

func TestWhatProtectsTakesEffectAtOnceAndIsToldTheClient(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		x := w.sockets(1)[0]
		ask(t, x, "events", nil)
		ask(t, x, "getSecuritySessionCode", nil)
		enter(t, x, codeIn(w.nextText()))
		anna := w.operator("anna")
		closing := map[string]any{"client": "100001"}
		anna.refused("bad_params", "deskCloseSessions", closing)
		closing["reason"] = "he says that it is not he"
		if f := anna.demand("deskCloseSessions", closing); f.text("closed") != "1" {
			t.Errorf("closed: %s", f.raw)
		}
		order := map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1}
		if f := ask(t, x, "putTradeOrder", order); f.text("reason") != "no_security_session" {
			t.Errorf("an order afterwards: %s", f.raw)
		}
		off := map[string]any{"client": "100001", "docId": 193, "data": map[string]any{"safetyTypeId": 3}, "reason": "the phone was stolen"}
		if f := anna.demand("deskSubmit", off); f.text("document.status") != "accepted" {
			t.Errorf("disconnected: %s", f.raw)
		}
		if f := ask(t, x, "getSecuritySessionCode", nil); f.text("reason") != "sms_disconnected" {
			t.Errorf("SMS afterwards: %s", f.raw)
		}
		card := w.card(anna)
		if card.text("means.0.status") != "disconnected" || card.text("logins.0.session.id") != "" || card.text("documents.0.status") != "accepted" {
			t.Errorf("the card: %s", card.raw)
		}

		// What it takes away comes back by two.
		anna.call()
		on := map[string]any{"client": "100001", "docId": 365, "data": map[string]any{"safetyTypeId": 3}, "reason": "he has it back"}
		id := anna.demand("deskSubmit", on).text("document.id")
		w.operator("boris").demand("deskConfirm", about(id))
		time.Sleep(time.Minute)
		if f := ask(t, x, "getSecuritySessionCode", nil); f.text("result.isSent") != "true" {
			t.Errorf("SMS when it is restored: %s", f.raw)
		}
		x.drop()
	})
}

func TestAClientIsFoundByWhatPeopleSayOfHim(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna := w.operator("anna")
		for query, want := range map[string]string{
			"100001": "100001", "10000": "100001 100002", "демидов": "100001", "ДЕМИДОВ ПЕТР": "100001", "ильич пётр": "100001", "мид": "100001",
			"demo": "100001", "DEMO": "100001", "Второй": "100002", "ооо \"второй клиент\"": "100002", "+79032222222": "100002",
			"8 (903) 222-22-22": "100002", "9032222222": "100002", "222": "", "nobody": "", "%%%": "", "___": "", "демидов второй": "",
		} {
			f := anna.demand("deskFind", map[string]any{"query": query})
			var got []string
			for i := range 3 {
				got = append(got, f.text(fmt.Sprintf("clients.%d.code", i)))
			}
			if strings.TrimSpace(strings.Join(got, " ")) != want || f.text("more") != "false" {
				t.Errorf("%q: %s", query, f.raw)
			}
		}
		for _, query := range []string{"", "1", "10", " 10 ", strings.Repeat("x", 101), "a\x00bc"} {
			anna.refused("bad_params", "deskFind", map[string]any{"query": query})
		}
		anna.refused("unknown_client", "deskClient", map[string]any{"client": "100003"})
		anna.refused("unknown_client", "deskClient", map[string]any{"client": "demo"})
	})
}

func TestWhatOperatorsDoStandsInTheAudit(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna := w.operator("anna")
		anna.refused("not_identified", "deskSubmit", addPhone("+79035555555"))
		anna.call()
		id := anna.demand("deskSubmit", addPhone("+79035555555")).text("document.id")
		anna.refused("self_confirmation", "deskConfirm", about(id))
		again := w.operator("anna")
		again.refused("self_confirmation", "deskConfirm", about(id))
		time.Sleep(31 * time.Minute)
		boris := w.operator("boris")
		boris.refused("document_expired", "deskConfirm", about(id))
		w.atDesk().try("boris", "wrong", "000000")
		if code, out := w.run("operator", "disable", "anna"); code != 0 {
			t.Fatal(out)
		}

		got := w.audit()
		want := []string{
			" operator.add anna", " operator.add.done anna", " operator.add boris", " operator.add.done boris", // the demo's
			"anna operator.login", "anna desk.submit 210 +7903•••5555", "anna desk.submit.refused not_identified", "anna desk.verify",
			"anna desk.verify.done true", "anna desk.submit 210 the client has lost his phone", "anna desk.submit.done drafted",
			"anna desk.confirm " + id, "anna desk.confirm.refused self_confirmation", "anna operator.login", "anna desk.confirm " + id,
			"anna desk.confirm.refused self_confirmation", "boris operator.login", "boris desk.confirm " + id,
			"boris desk.confirm.refused document_expired", "boris operator.login.refused", " operator.disable anna", " operator.disable.done anna",
		}
		if len(got) != len(want) {
			t.Fatalf("%d rows, and not %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		for i, row := range want {
			for word := range strings.FieldsSeq(row) {
				if !strings.Contains(got[i], word) {
					t.Errorf("row %d is %s, and not %s", i+1, got[i], row)
				}
			}
		}
		for _, secret := range []string{"ромашка", passwordOf("anna"), "5555555", "wrong"} {
			if strings.Contains(strings.Join(got, "\n"), secret) {
				t.Errorf("the audit has %s", secret)
			}
		}
	})
}

func TestTheCommandLineShowsWhatIsWrongWithAClient(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		show := func() string {
			code, out := w.run("clients", "show", "100001")
			if code != 0 {
				t.Fatal(out)
			}
			return out
		}
		says(t, show(), "phone     +7903•••1111, primary", "SMS       0 wrong in a row\n", "voice     0 of 3 tries used")
		anna, boris := w.operator("anna"), w.operator("boris")
		anna.call()
		anna.demand("deskSubmit", map[string]any{"client": "100001", "docId": 193, "data": map[string]any{"safetyTypeId": 3}, "reason": "he asked"})
		added := anna.demand("deskSubmit", addPhone("+79035555555")).text("document.id")
		says(t, show(), "disconnected: no password is sent", "order "+added+"  of kind 210 waits until", "operator Анна Смирнова (the client has lost his phone)")
		boris.demand("deskConfirm", about(added))
		for range 3 {
			anna.demand("deskVerify", said("100001", "Демидов Пётр Ильич", "100001", "сирень"))
		}
		out := show()
		says(t, out, "phone     +7903•••5555, primary", "phone     +7903•••1111", "in quarantine until", "voice     3 wrong in a row, blocked")
		for _, gone := range []string{"order ", "5555555", "1111111"} {
			if strings.Contains(out, gone) {
				t.Errorf("%q is shown: %s", gone, out)
			}
		}
	})
}

// audit is what stands there: operator, type and data of each row.
func (w *world) audit() (all []string) {
	w.t.Helper()
	rows, err := openDatabase(w.t, w.base).QueryContext(context.Background(), `SELECT coalesce(operator, ''), type, data FROM audit ORDER BY seq`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var operator, kind, data string
		if err := rows.Scan(&operator, &kind, &data); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, operator+" "+kind+" "+data)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return all
}
