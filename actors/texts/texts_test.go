package texts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"vakhta/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outbox is one in memory. It fails the test if a text is claimed or settled in a way that a row cannot be.
type outbox struct {
	*testing.T
	mu     sync.Mutex
	rows   []*outboxRow
	broken error
}

type outboxRow struct {
	session.Text
	status string // pending → sending → sent | failed | unknown
}

func (o *outbox) put(t session.Text) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, &outboxRow{t, "pending"})
}

func (o *outbox) statuses() string {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []string
	for _, r := range o.rows {
		all = append(all, r.status)
	}
	return strings.Join(all, " ")
}

func (o *outbox) ClaimTexts(_ context.Context, limit, perPhonePerDay int, now time.Time) (claimed, refused []session.Text, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	phones := map[string]int{}
	for _, r := range o.rows {
		if r.status == "sent" || r.status == "sending" {
			phones[r.To]++
		}
		if r.status != "pending" || len(claimed)+len(refused) == limit || o.broken != nil {
			continue
		}
		if r.Purpose != "" && phones[r.To] >= perPhonePerDay || !r.ExpiresAt.After(now) {
			r.status = "failed"
			refused = append(refused, r.Text)
			continue
		}
		r.status = "sending"
		phones[r.To]++
		claimed = append(claimed, r.Text)
	}
	return claimed, refused, o.broken
}

func (o *outbox) SettleText(ctx context.Context, t session.Text, sent bool, _ time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		if r.Client == t.Client && r.Seq == t.Seq {
			if r.status != "sending" || ctx.Err() != nil {
				o.Errorf("a text that is %s is settled: %v", r.status, ctx.Err())
			}
			r.status = map[bool]string{true: "sent", false: "failed"}[sent]
		}
	}
	return nil
}

func (o *outbox) AbandonTexts(context.Context) (abandoned []session.Text, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		if r.status == "sending" && o.broken == nil {
			r.status = "unknown"
			abandoned = append(abandoned, r.Text)
		}
	}
	return abandoned, o.broken
}

// phone is where texts arrive, and the actors that hear of those that do not.
type phone struct {
	mu     sync.Mutex
	got    []string
	told   []string
	fails  error
	takes  time.Duration
	askErr error
}

func (p *phone) send(ctx context.Context, t session.Text) error {
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails == nil {
		p.got = append(p.got, t.Body)
	}
	return p.fails
}

func (p *phone) ask(_ context.Context, client session.ClientID, c session.Command) (session.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := c.(session.ReportTextFailed)
	p.told = append(p.told, fmt.Sprintf("%d:%d %s", client, failed.Number, failed.Reason))
	return session.Answer{}, p.askErr
}

func (p *phone) has(t *testing.T, got, told []string) {
	t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.got, got) || !slices.Equal(p.told, told) {
		t.Errorf("the phone got %q, the actors were told %q", p.got, p.told)
	}
}

func inWorld(t *testing.T, test func(o *outbox, p *phone, start func() *Drainer)) {
	synctest.Test(t, func(t *testing.T) {
		o, p := &outbox{T: t}, &phone{}
		test(o, p, func() *Drainer {
			return Start(Config{
				Outbox: o, Send: p.send, Ask: p.ask, Policy: session.DefaultPolicy(), Now: time.Now,
				Log: slog.New(slog.DiscardHandler),
			})
		})
	})
}

func text(seq int64, to string) session.Text {
	now := time.Now()
	return session.Text{
		Client: 1, Seq: seq, To: to, Body: fmt.Sprint("code ", seq), At: now, ExpiresAt: now.Add(5 * time.Minute),
		Login: 7, Purpose: session.OpenSession, Number: int(seq),
	}
}

func notice(seq int64, to string) session.Text {
	now := time.Now()
	return session.Text{Client: 1, Seq: seq, To: to, Body: fmt.Sprint("notice ", seq), At: now, ExpiresAt: now.Add(24 * time.Hour)}
}

func TestATextIsSentOnceHoweverOftenTheDrainerIsPoked(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		d := start()
		p.takes = time.Second
		o.put(text(1, "+79031111111"))
		for range 100 {
			d.Poke()
		}
		o.put(text(2, "+79031111111"))
		d.Poke()
		time.Sleep(2 * time.Second)
		p.has(o.T, []string{"code 1", "code 2"}, nil)
		o.put(text(3, "+79031111111")) // whose poke was lost
		time.Sleep(6 * time.Second)
		p.has(o.T, []string{"code 1", "code 2", "code 3"}, nil)
		d.Stop()
	})
}

func TestTheClientIsToldOfATextThatWasNotSent(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		d := start()
		defer d.Stop()
		p.fails = errors.New("the operator refuses")
		o.put(text(1, "+79031111111"))
		d.Poke()
		p.has(o.T, nil, []string{"1:1 not_delivered"})
		p.fails = nil
		p.takes = time.Hour
		o.put(text(2, "+79031111111"))
		d.Poke()
		time.Sleep(time.Minute)
		p.has(o.T, nil, []string{"1:1 not_delivered", "1:2 not_delivered"})
		if got := o.statuses(); got != "failed failed" {
			o.Error(got)
		}
	})
}

// Nobody waits for a notice: there is nothing to enter.
func TestNobodyIsToldOfANoticeThatWasNotSent(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		p.fails = errors.New("the operator refuses")
		o.put(notice(1, "+79031111111"))
		o.put(notice(2, "+79031111111"))
		o.put(notice(3, "+79031111111"))
		o.rows[1].status, o.rows[2].ExpiresAt = "sending", time.Now()
		d := start()
		defer d.Stop()
		p.has(o.T, nil, nil)
		if got := o.statuses(); got != "failed unknown failed" {
			o.Error(got)
		}
	})
}

func TestTheClientIsToldOfATextThatIsOneTooManyOrTooLate(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		for seq := range int64(11) {
			o.put(text(seq+1, "+79031111111"))
		}
		late := text(12, "+79032222222")
		late.ExpiresAt = late.At
		o.put(late)
		d := start()
		defer d.Stop()
		synctest.Wait()
		if len(p.got) != 10 {
			o.Errorf("%d texts were sent", len(p.got))
		}
		p.has(o.T, p.got, []string{"1:11 phone_limit", "1:12 not_delivered"})
	})
}

func TestWhatWasBeingSentWhenTheLastServerEndedIsNeverSentAgain(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		o.put(text(1, "+79031111111"))
		o.put(text(2, "+79031111111"))
		o.rows[0].status = "sending"
		o.broken = errors.New("the journal is away")
		d := start()
		defer d.Stop()
		p.has(o.T, nil, nil) // nothing new either, before the old is looked for
		o.mu.Lock()
		o.broken = nil
		o.mu.Unlock()
		time.Sleep(6 * time.Second)
		p.has(o.T, []string{"code 2"}, []string{"1:1 not_delivered"})
		if got := o.statuses(); got != "unknown sent" {
			o.Error(got)
		}
	})
}

func TestStopSettlesWhatIsBeingSent(t *testing.T) {
	inWorld(t, func(o *outbox, p *phone, start func() *Drainer) {
		d := start()
		p.takes = time.Second
		o.put(text(1, "+79031111111"))
		d.Poke()
		synctest.Wait()
		begun := time.Now()
		d.Stop()
		if took := time.Since(begun); took != time.Second {
			o.Errorf("stopped after %v", took)
		}
		if got := o.statuses(); got != "sent" {
			o.Error(got)
		}
		d.Poke() // comes late
	})
}

func TestAPasscodeIsWordedInItsOwnersLanguage(t *testing.T) {
	code := session.SendText{Code: "042817", Number: 2}
	for language, want := range map[string]string{
		"ru": "Код №2: 042817 — открытие сессии безопасности. Никому его не сообщайте.",
		"en": "Code No. 2: 042817 opens your security session. Tell it to nobody.",
	} {
		if got := Compose(session.Profile{Language: language}, code); got != want {
			t.Error(got)
		}
	}
}

// orders are those that a client may sign, with the number that each is about.
func orders() []session.SendText {
	var all []session.SendText
	for _, about := range []session.Content{
		session.PhoneChange{Action: session.AddPhone, Number: "+79032222222"},
		session.PhoneChange{Action: session.AddPhone, Number: "+79032222222", Primary: true},
		session.PhoneChange{Action: session.ReplacePhone, Phone: 1, Number: "+79032222222"},
		session.PhoneChange{Action: session.PrimaryPhone, Phone: 2},
		session.PhoneChange{Action: session.RemovePhone, Phone: 2},
	} {
		all = append(all, session.SendText{About: about, Phone: "+7903•••2222"})
	}
	return append(all, session.SendText{About: session.Disconnect{Means: session.SMS}}, session.SendText{About: session.Disconnect{Means: session.WebToken}},
		session.SendText{About: session.ConnectToken{Token: 7, Fingerprint: "7F3A-91C2"}})
}

func TestAPasscodeThatSignsNamesWhatIsSigned(t *testing.T) {
	want := map[string][]string{
		"ru": {
			"Новый контактный телефон +7903•••2222. Код №2: 042817. Никому его не сообщайте.",
			"Пароли по SMS — на телефон +7903•••2222. Код №2: 042817. Никому его не сообщайте.",
			"Смена телефона на +7903•••2222. Код №2: 042817. Никому его не сообщайте.",
			"Пароли по SMS — на телефон +7903•••2222. Код №2: 042817. Никому его не сообщайте.",
			"Удаление контактного телефона +7903•••2222. Код №2: 042817. Никому его не сообщайте.",
			"Отключение SMS-паролей. Код №2: 042817. Никому его не сообщайте.",
			"Отключение WEB-токена. Код №2: 042817. Никому его не сообщайте.",
			"Подключение WEB-токена 7F3A-91C2. Код №2: 042817. Никому его не сообщайте.",
		},
		"en": {
			"New contact phone +7903•••2222. Code No. 2: 042817. Tell it to nobody.",
			"Passwords by SMS to the phone +7903•••2222. Code No. 2: 042817. Tell it to nobody.",
			"Change of phone to +7903•••2222. Code No. 2: 042817. Tell it to nobody.",
			"Passwords by SMS to the phone +7903•••2222. Code No. 2: 042817. Tell it to nobody.",
			"Removal of the contact phone +7903•••2222. Code No. 2: 042817. Tell it to nobody.",
			"Disconnecting passwords by SMS. Code No. 2: 042817. Tell it to nobody.",
			"Disconnecting the WEB-token. Code No. 2: 042817. Tell it to nobody.",
			"Connecting the WEB-token 7F3A-91C2. Code No. 2: 042817. Tell it to nobody.",
		},
	}
	for language, sentences := range want {
		for i, text := range orders() {
			text.Code, text.Number = "042817", 2
			if got := Compose(session.Profile{Language: language}, text); got != sentences[i] {
				t.Error(got)
			}
		}
	}
}

func TestANoticeSaysWhatHasHappenedAndWhatToDo(t *testing.T) {
	want := map[string][]string{
		"ru": {
			"Добавлен контактный телефон +7903•••2222.",
			"Пароли по SMS теперь приходят на телефон +7903•••2222.",
			"Контактный телефон заменён на +7903•••2222.",
			"Пароли по SMS теперь приходят на телефон +7903•••2222.",
			"Контактный телефон +7903•••2222 удалён.",
		},
		"en": {
			"The contact phone +7903•••2222 was added.",
			"Passwords by SMS now go to the phone +7903•••2222.",
			"Your contact phone was replaced by +7903•••2222.",
			"Passwords by SMS now go to the phone +7903•••2222.",
			"The contact phone +7903•••2222 was removed.",
		},
	}
	ends := map[string]map[bool]string{
		"ru": {
			false: " Если это сделали не вы, немедленно позвоните брокеру.",
			true:  " Это сделал оператор брокера по телефонному обращению. Если обращались не вы, немедленно позвоните брокеру.",
		},
		"en": {
			false: " If it was not you, call the broker at once.",
			true:  " The broker's operator did it after a call. If you did not call, call the broker at once.",
		},
	}
	for language, sentences := range want {
		for i, sentence := range sentences {
			for operator, end := range ends[language] {
				text := orders()[i]
				text.Operator = operator
				if got := Compose(session.Profile{Language: language}, text); got != sentence+end {
					t.Error(got)
				}
			}
		}
	}
}

func TestTheEndOfAWebTokenIsToldByText(t *testing.T) {
	for _, x := range []struct {
		language string
		ended    session.TokenStatus
		want     string
	}{
		{"ru", session.TokenIsLocked, "WEB-токен отключён: слишком много неверных ПИН-кодов. Если это сделали не вы, немедленно позвоните брокеру."},
		{"ru", session.TokenIsCloned, "WEB-токен отключён: замечена его копия. Если это сделали не вы, немедленно позвоните брокеру."},
		{"en", session.TokenIsLocked, "Your WEB-token is disconnected: too many wrong PINs. If it was not you, call the broker at once."},
		{"en", session.TokenIsCloned, "Your WEB-token is disconnected: a copy of it was noticed. If it was not you, call the broker at once."},
	} {
		if got := Compose(session.Profile{Language: x.language}, session.SendText{Token: x.ended}); got != x.want {
			t.Error(got)
		}
	}
}
