package wsapi

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vakhta/session"
)

type (
	deskFindParams struct {
		Query string `json:"query" need:"yes" doc:"At least three characters of the client code, the name, the login name or the phone."`
	}
	foundClient struct {
		Code  string `json:"code"`
		Kind  string `json:"kind" doc:"person or company"`
		Name  string `json:"name"`
		Login string `json:"login"`
		Phone string `json:"phone" doc:"Masked; empty: none."`
	}
	deskFound struct {
		Clients []foundClient `json:"clients"`
		More    bool          `json:"more" doc:"There are more: look for something more particular."`
	}
	deskClientParams struct {
		Client string `json:"client" need:"yes" doc:"The client code."`
	}
	deskSession struct {
		ID        session.SessionID `json:"id"`
		Means     session.Means     `json:"safety_type_id"`
		OpenedAt  instant           `json:"openedAt"`
		ExpiresAt instant           `json:"expiresAt"`
	}
	deskLoginRow struct {
		ID       session.LoginID `json:"id"`
		Label    string          `json:"label" doc:"What the device calls itself."`
		Address  string          `json:"address"`
		Opened   instant         `json:"opened"`
		LastSeen instant         `json:"lastSeen"`
		Attended bool            `json:"attended" doc:"A terminal is connected."`
		Session  *deskSession    `json:"session" doc:"That is open."`
	}
	// deskMeans is a means of authentication with its counter.
	deskMeans struct {
		Means        session.Means `json:"safety_type_id" doc:"3 SMS, 4 login and password, 6 voice password."`
		Status       meansState    `json:"status" doc:"ready, none, blocked or disconnected."`
		AttemptsLeft int           `json:"attemptsLeft"`
		BlockedUntil instant       `json:"blockedUntil" null:"yes" doc:"Null and blocked: until it is restored."`
	}
	// deskToken is the client's WEB-token, or the last one that he had.
	deskToken struct {
		ID          session.TokenID `json:"tokenId" doc:"0: none is connected."`
		Fingerprint string          `json:"fingerprint" doc:"As the order and the SMS had it."`
		Left        int             `json:"attemptsLeft"`
		EndedToken  session.TokenID `json:"endedTokenId" doc:"The last one that has ended; 0: none has."`
		Ended       tokenEnded      `json:"ended" doc:"Why it has: locked, cloned, revoked, replaced."`
	}
	deskCard struct {
		Code          string         `json:"code"`
		Kind          string         `json:"kind" doc:"person or company"`
		Name          string         `json:"name"`
		Login         string         `json:"login"`
		Language      string         `json:"language"`
		Email         string         `json:"email"`
		Phones        []phoneRow     `json:"phones" doc:"The one that passwords go to first."`
		Quarantine    instant        `json:"quarantineUntil" null:"yes"`
		Means         []deskMeans    `json:"means"`
		Token         *deskToken     `json:"token,omitempty" doc:"Without it he has no WEB-token and had none."`
		VerifiedUntil instant        `json:"verifiedUntil" null:"yes" doc:"The operator has the client on the phone until then; null: not known to be him."`
		Logins        []deskLoginRow `json:"logins"`
		Drafts        []documentRow  `json:"drafts" doc:"Non-trading orders that wait, of the client or of operators."`
		Documents     []documentRow  `json:"documents" doc:"The newest first."`
		Events        []historyRow   `json:"events" doc:"What concerns security, the newest first."`
		ServerTime    instant        `json:"serverTime"`
	}
	deskVerifyParams struct {
		Client string `json:"client" need:"yes" doc:"The client code of who was found."`
		Name   string `json:"name" need:"yes" doc:"As the caller says it: the full name or the company's."`
		Code   string `json:"code" need:"yes" doc:"As the caller says it: the client code."`
		Voice  string `json:"voicePassword" also:"voice_password" need:"yes" doc:"As the caller says it."`
	}
	deskVerified struct {
		Success bool    `json:"success"`
		Left    int     `json:"attemptsLeft"`
		Until   instant `json:"until" null:"yes" doc:"The operator may act for the client until then."`
	}
)

// meansState is how a means of authentication stands.
type meansState string

const (
	isReady        meansState = "ready"
	isMissing      meansState = "none" // the client does not have it
	isBlocked      meansState = "blocked"
	isDisconnected meansState = "disconnected"
)

func (g *Gateway) declareDeskClients(cat *catalogue) {
	declare(cat, "deskFind", needOperator, "finds clients by code, name, login name or phone", g.deskFind)
	declare(cat, "deskClient", needOperator, "shows a client: phones, means, sessions, orders, events", g.deskClient)
	declare(cat, "deskVerify", needOperator, "checks what a caller says: name, client code and voice password", g.deskVerify)
}

const (
	shortestQuery = 3
	longestQuery  = 100
	foundMost     = 20
)

func (g *Gateway) deskFind(ctx context.Context, c *Caller, p deskFindParams) (deskFound, error) {
	query := strings.TrimSpace(p.Query)
	switch n := utf8.RuneCountInString(query); {
	case n < shortestQuery:
		return deskFound{}, door(badParams, "query has less than %d characters", "give more of the code, the name, the login name or the phone", shortestQuery)
	case n > longestQuery || !utf8.ValidString(query) || strings.ContainsFunc(query, unicode.IsControl):
		return deskFound{}, door(badParams, "query is longer than %d characters, or has some that nobody sees", "correct it", longestQuery)
	}
	return audited(ctx, c, act{name: "desk.find", data: words("query", masked(query))}, func() (deskFound, map[string]string, error) {
		all, err := g.desk.FindClients(ctx, query, foundMost+1)
		if err != nil {
			return deskFound{}, nil, unreachable(err)
		}
		found := deskFound{Clients: []foundClient{}, More: len(all) > foundMost}
		for _, x := range all[:min(len(all), foundMost)] {
			found.Clients = append(found.Clients, foundRow(x.Profile, x.Phone))
		}
		return found, words("found", len(found.Clients)), nil
	})
}

// masked is what the audit keeps of a query: of what may be a phone the last four digits, wherever in the text it stands.
func masked(query string) string {
	return phoneLike.ReplaceAllStringFunc(query, func(phone string) string {
		hidden := -digitsShown
		for _, r := range phone {
			if unicode.IsDigit(r) {
				hidden++
			}
		}
		return strings.Map(func(r rune) rune {
			if hidden > 0 && unicode.IsDigit(r) {
				hidden--
				return '•'
			}
			return r
		}, phone)
	})
}

// phoneLike are seven digits and more, of any script, with whatever is neither letter nor digit between them.
var phoneLike = regexp.MustCompile(`\p{Nd}(?:[^\p{L}\p{N}]*\p{Nd}){6,}`)

const digitsShown = 4

func foundRow(p session.Profile, phone string) foundClient {
	return foundClient{p.Code, p.Kind, p.Name, p.Login, session.MaskPhone(phone)}
}

// onDesk finds the client that a command is about.
func (g *Gateway) onDesk(ctx context.Context, code string) (session.Profile, error) {
	code = strings.TrimSpace(code)
	p, err := g.desk.FindClient(ctx, code)
	switch {
	case unknown(err) || err == nil && p.Code != code: // a login name is no code
		return session.Profile{}, door(unknownClient, "there is no client %.32q", "look for him with deskFind", code)
	case err != nil:
		return session.Profile{}, unreachable(err)
	}
	return p, nil
}

func (g *Gateway) deskClient(ctx context.Context, c *Caller, p deskClientParams) (deskCard, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return deskCard{}, err
	}
	return audited(ctx, c, act{name: "desk.client", client: who.Client}, func() (deskCard, map[string]string, error) {
		card, err := g.card(ctx, c, who)
		return card, nil, err
	})
}

func (g *Gateway) card(ctx context.Context, c *Caller, who session.Profile) (deskCard, error) {
	s, err1 := askFor[session.Card](ctx, c, who.Client, session.ReadCard{By: c.operator.Officer()})
	documents, err2 := askFor[session.Documents](ctx, c, who.Client, session.ReadDocuments{})
	history, err3 := askFor[session.History](ctx, c, who.Client, session.ReadHistory{})
	voice, err4 := g.desk.VoiceHash(ctx, who.Client)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return deskCard{}, unreachable(err)
	}
	now, p := g.Now(), s.Profile
	return deskCard{
		Code: p.Code, Kind: p.Kind, Name: p.Name, Login: p.Login, Language: p.Language, Email: p.Email,
		Phones: phoneRows(s.Phones), Quarantine: quarantine(s.Quarantine, now), Means: g.deskMeans(s, voice != ""), Token: deskTokenOf(s.Token),
		VerifiedUntil: instant(s.VerifiedUntil), Logins: deskLogins(s.Logins), Drafts: documentRows(s.Drafts),
		Documents: documentRows(first(documents.Documents, shownOnCard)),
		Events:    historyRows(first(history.Events, shownOnCard), p), ServerTime: instant(now),
	}, nil
}

// shownOnCard are the newest documents and events.
const shownOnCard = 20

func first[E any](all []E, most int) []E { return all[:min(len(all), most)] }

func deskLogins(logins []session.Login) []deskLoginRow {
	rows := make([]deskLoginRow, len(logins))
	for i, l := range logins {
		rows[i] = deskLoginRow{ID: l.ID, Label: l.Label, Address: l.Address, Opened: instant(l.Opened), LastSeen: instant(l.LastSeen), Attended: l.Attended}
		if x := l.Session; x != nil {
			rows[i].Session = &deskSession{x.ID, x.Means, instant(x.OpenedAt), instant(x.ExpiresAt)}
		}
	}
	return rows
}

// deskMeans counts what is left of each means by the same policy as the core.
func (g *Gateway) deskMeans(s session.Card, voice bool) []deskMeans {
	sms := countedMeans(session.SMS, s.SMS.Failures, g.Policy.SMSBlockEvery, s.SMS.BlockedUntil, g.Now())
	switch {
	case s.SMS.Disconnected:
		sms = deskMeans{Means: session.SMS, Status: isDisconnected}
	case len(s.Phones) == 0:
		sms = deskMeans{Means: session.SMS, Status: isMissing}
	case s.SMS.Locked:
		sms = deskMeans{Means: session.SMS, Status: isBlocked}
	}
	spoken := deskMeans{Means: session.VoicePassword, Status: isReady, AttemptsLeft: s.VoiceLeft}
	switch {
	case !voice:
		spoken.Status, spoken.AttemptsLeft = isMissing, 0
	case s.VoiceLeft == 0:
		spoken.Status = isBlocked
	}
	return []deskMeans{sms, countedMeans(session.LoginPassword, s.Password.Tries, g.Policy.PasswordTries, s.Password.BlockedUntil, g.Now()), spoken}
}

func deskTokenOf(t session.TokenStanding) *deskToken {
	if t.ID == 0 && t.Last.ID == 0 {
		return nil
	}
	return &deskToken{t.ID, t.Fingerprint, t.Left, t.Last.ID, endedOf(t.Last)}
}

// countedMeans is a means that so many failures in a row block for a while.
func countedMeans(means session.Means, failures, every int, until, now time.Time) deskMeans {
	if until.After(now) {
		return deskMeans{Means: means, Status: isBlocked, BlockedUntil: instant(until)}
	}
	every = max(1, every)
	return deskMeans{Means: means, Status: isReady, AttemptsLeft: every - failures%every}
}

// deskVerify compares what the caller says with what is known. Which of the three was wrong is never told, and the
// operator is shown none of them. The try is counted first, as every slow secret's.
func (g *Gateway) deskVerify(ctx context.Context, c *Caller, p deskVerifyParams) (deskVerified, error) {
	if len(p.Voice) > longestSecret || len(p.Name) > longestSecret {
		return deskVerified{}, door(badParams, "name or voicePassword is longer than %d bytes", "correct it", longestSecret)
	}
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return deskVerified{}, err
	}
	return audited(ctx, c, act{name: "desk.verify", client: who.Client}, func() (deskVerified, map[string]string, error) {
		var checked session.VoiceChecked
		err := g.desk.calls.inLine(ctx, "voice of "+who.Code, c.address, func() (err error) {
			// A try that was counted is settled even when the operator does not wait for it.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
			defer cancel()
			checked, err = g.checkVoice(ctx, c, who, p)
			return err
		})
		said := deskVerified{checked.OK, checked.Left, instant(checked.Until)}
		return said, words("success", checked.OK, "attemptsLeft", checked.Left), err
	})
}

// checkVoice is asked in line.
func (g *Gateway) checkVoice(ctx context.Context, c *Caller, who session.Profile, p deskVerifyParams) (session.VoiceChecked, error) {
	if hash, err := g.desk.VoiceHash(ctx, who.Client); err != nil {
		return session.VoiceChecked{}, unreachable(err)
	} else if hash == "" {
		return session.VoiceChecked{}, door(noVoice, "the client has no voice password", "ask him to come to the office with his papers")
	}
	by := c.operator.Officer()
	if _, err := askFor[session.Done](ctx, c, who.Client, session.AttemptVoice{By: by}); err != nil {
		return session.VoiceChecked{}, err
	}
	// Only now: it may have been changed before the try was counted.
	hash, err := g.desk.VoiceHash(ctx, who.Client)
	if err != nil {
		return session.VoiceChecked{}, unreachable(err)
	}
	right, err := g.desk.calls.compare(ctx, g.desk.NameKey(p.Voice), hash)
	if err != nil {
		return session.VoiceChecked{}, err
	}
	named := g.desk.NameKey(p.Name) == g.desk.NameKey(who.Name)
	coded := strings.TrimSpace(p.Code) == who.Code
	return askFor[session.VoiceChecked](ctx, c, who.Client, session.SettleVoice{By: by, OK: right && named && coded})
}
