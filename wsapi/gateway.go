package wsapi

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vakhta/session"
)

// Config is what the gateway needs of its neighbours. Fields without a remark must be set.
type Config struct {
	// Ask puts a command to the client's actor. Its errors: *session.Refusal, session.ErrUnknownClient,
	// session.ErrUnavailable, those of the context.
	Ask func(ctx context.Context, client session.ClientID, c session.Command) (session.Answer, error)

	// Attach connects a terminal under a login. Every event of the client after seq is pushed in order and without
	// gaps; push never blocks and returns false when the terminal does not read. leave is called once, at the end of the
	// connection; announced: it said that it leaves.
	Attach func(ctx context.Context, client session.ClientID, login session.LoginID,
		push func([]session.Numbered) bool, goodbye func(session.Goodbye)) (seq int64, leave func(announced bool), err error)

	// Credential finds a client by login name; session.ErrUnknownClient if there is none.
	Credential func(ctx context.Context, loginName string) (session.Credential, error)

	// LoginKey is the same for all spellings of a login name that Credential takes for one.
	LoginKey func(loginName string) string

	// OPRF evaluates a PIN of a WEB-token, after the client's actor has counted it.
	OPRF session.OPRF

	// PhoneNumber brings a phone into E.164, or refuses it with a *session.Refusal.
	PhoneNumber func(text string) (string, error)

	Desk Desk // of the operators; without an Account there is none

	Policy      session.Policy
	Instruments func() []session.Instrument
	Quote       func(ticker string, at time.Time) (session.Quote, bool)

	Delivered func(ctx context.Context) ([]session.Delivered, error) // of the development phone; nil: there is none
	Ready     func(ctx context.Context) error                        // nil: always
	Files     fs.FS                                                  // the terminal, as built; nil: none

	PublicURL      string         // as clients see the server; empty: as they ask for it
	TrustedProxies []netip.Prefix // whose X-Forwarded-… headers are believed

	Log     *slog.Logger          // nil: the default one
	Metrics prometheus.Registerer // nil: not measured
	Version string
	Now     func() time.Time // nil: the clock
}

// Gateway serves terminals, robots and browsers.
type Gateway struct {
	Config
	commands  *catalogue
	desk      *desk
	meters    *meters
	passwords *passwords
	paces     forgetful[pace] // of messages of WEB-tokens, by login
	market    *market
	protect   *http.CrossOriginProtection
	public    *url.URL
	handler   http.Handler
	docsPage  func() ([]byte, error)

	mu        sync.Mutex
	terminals map[int64]*terminal
	number    int64         // of the last terminal
	calls     int           // HTTP commands in flight
	draining  bool          //
	stopped   chan struct{} // closed by Drain
	idle      chan struct{} // closed when the last one is gone; nil: nobody waits
	sweeping  bool
}

// New makes a gateway that is ready to serve.
func New(cfg Config) *Gateway {
	if cfg.Now == nil {
		cfg.Now = time.Now //nolint:forbidigo // the one place where the gateway takes its clock from
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	g := &Gateway{
		Config: cfg, terminals: map[int64]*terminal{}, meters: newMeters(cfg.Metrics),
		stopped: make(chan struct{}), protect: http.NewCrossOriginProtection(),
	}
	// Numbers of terminals are not used again after a restart: a late beacon must not end somebody else's connection.
	g.number = cfg.Now().UnixMilli() << 10
	if u, err := url.Parse(cfg.PublicURL); err == nil && u.Host != "" {
		g.public = u
		_ = g.protect.AddTrustedOrigin(u.Scheme + "://" + u.Host) // only ever fails for what is no URL
	}
	g.passwords = newPasswords(g)
	g.market = newMarket(g)
	g.commands = newCatalogue(g)
	g.desk = newDesk(g)
	g.docsPage = sync.OnceValues(g.renderDocs)
	g.handler = g.routes()
	return g
}

// Handler serves everything that the public may see.
func (g *Gateway) Handler() http.Handler { return g.handler }

// commandTimeout is how long a command may take: several commits, even of a slow database.
const commandTimeout = 15 * time.Second

// carryOut runs a command for whichever door, and makes an answer of whatever comes of it.
func (g *Gateway) carryOut(ctx context.Context, cmd *command, c *Caller, params []byte) (result any, err error) {
	began := g.Now()
	defer func() {
		if fault := recover(); fault != nil {
			g.Log.Error("a command has failed", "command", cmd.name, "fault", fault, "stack", string(debug.Stack()))
			result, err = nil, errors.New("panic")
		}
		g.meters.command(cmd.name, err, g.Now().Sub(began))
	}()
	if err := c.may(cmd); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	result, err = cmd.run(ctx, c, params)
	if err != nil && !isAnswer(err) && ctx.Err() == nil {
		g.Log.Warn("a command was not answered", "command", cmd.name, "error", err)
	}
	return result, err
}

// isGone tells whether an error means that a login is not, or no longer, known.
func isGone(err error) bool {
	var refusal *session.Refusal
	return errors.As(err, &refusal) && refusal.Reason == session.UnknownLogin || errors.Is(err, session.ErrUnknownClient)
}
