package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Password is that of every client of a load test. It is published: their databases have nobody else.
const Password = "load-test-only"

// arrive logs in, connects, opens a session and asks for events.
func (t *terminal) arrive(ctx context.Context) error {
	if err := t.logIn(ctx); err != nil {
		return err
	}
	t.connect()
	if err := t.wait(ctx, patience); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	began := now()
	if err := t.openBySMS(ctx); err != nil {
		return err
	}
	t.run.record.waited(openingSMS, now().Sub(began))
	if t.tokens {
		if err := t.openByToken(ctx); err != nil {
			return err
		}
	}
	if t.as != "" {
		t.ready.Store(true)
		t.disrupt() // and come back to misbehave
		return nil
	}
	t.resume()
	return t.wait(ctx, patience)
}

// logIn gets the client a SID. A server that is busy is asked again.
func (t *terminal) logIn(ctx context.Context) error {
	began := now()
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		sid, status, err := t.credential(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("log in: %w", err)
		case sid != "":
			t.sid = sid
			t.run.record.waited(loggingIn, now().Sub(began))
			return nil
		case status != http.StatusTooManyRequests || now().Sub(began) > patience:
			return fmt.Errorf("log in: the server answers %d %s", status, http.StatusText(status))
		}
		sleep(ctx, pause)
	}
}

func (t *terminal) credential(ctx context.Context) (sid string, status int, err error) {
	form := url.Values{"login": {t.login}, "password": {Password}, "label": {"vakhta load"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.run.URL+"/api/check-login-password", strings.NewReader(form))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := t.http.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return "", 0, err
	}
	var got struct{ SID, Reason string }
	_ = json.Unmarshal(text, &got) // what is no JSON has no SID
	if got.SID == "" && reply.StatusCode == http.StatusOK {
		return "", 0, fmt.Errorf("refused as %q: was the database prepared by «vakhta load prepare»?", got.Reason)
	}
	return got.SID, reply.StatusCode, nil
}

func (t *terminal) openBySMS(ctx context.Context) error {
	texted := t.run.phones.expect(ctx, t.phone)
	_, err := t.ask("getSecuritySessionCode", "{}")
	if no := (refused{}); errors.As(err, &no) && no.reason == "too_many_passcodes" {
		return fmt.Errorf("%w: each client may ask for a few in an hour: prepare another database, or start the server with --passcodes-per-hour 100", err)
	}
	if err != nil {
		return err
	}
	code, err := t.run.phones.wait(ctx, texted)
	if err != nil {
		return err
	}
	return opened(t.ask("checkSecuritySessionCode", `{"validationKey":"`+code+`"}`))
}

var errNotOpened = errors.New("no session was opened")

func opened(result json.RawMessage, err error) error {
	var got struct{ Success bool }
	if err == nil {
		err = json.Unmarshal(result, &got)
	}
	if err == nil && !got.Success {
		err = fmt.Errorf("%w: %.200s", errNotOpened, result)
	}
	return err
}
