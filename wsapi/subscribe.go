package wsapi

import (
	"context"
	"strings"

	"vakhta/session"
)

type (
	tickers  []string
	channels []string

	subscribed struct {
		Seq int64 `json:"seq" doc:"The number that the first frame is true at."`
	}
	quoted struct {
		Tickers []string `json:"tickers"`
	}
	eventsFrom struct {
		Since int64 `json:"since" doc:"The last event that the terminal has."`
	}
)

func (g *Gateway) declareChannels(cat *catalogue) {
	declare(cat, "quotes", needSocket, "prices of these tickers, as frames q; replaces the former list", g.quotes)
	declare(cat, "sessions session", needSocket, "security sessions: all of them now and at each change", g.sessions)
	declare(cat, "orders", needSocket, "orders: all of them now, then the rows that change", g.orders)
	declare(cat, "markets", needSocket, "markets; none is listed yet", g.markets)
	declare(cat, "events", needSocket|needLogin, "numbered events after since, then live; or resync when there are too many", g.events)
	declare(cat, "unsubscribe", needSocket, "leaves these channels", g.unsubscribe)
}

func (g *Gateway) quotes(_ context.Context, c *Caller, list tickers) (quoted, error) {
	known, err := g.market.watch(c.terminal, list)
	if err != nil {
		return quoted{}, err
	}
	return quoted{Tickers: known}, nil
}

func (g *Gateway) markets(_ context.Context, c *Caller, _ nothing) (subscribed, error) {
	now := g.Now()
	type board struct {
		T string     `json:"t"`
		M []struct{} `json:"m"`
	}
	c.terminal.say(writeFrame("markets", board{T: now.UTC().Format("2006-01-02 15:04:05"), M: []struct{}{}}, now, 0))
	return subscribed{}, nil
}

// sessions shows nobody's sessions to nobody: an empty list, and the real one once somebody logs in here.
func (g *Gateway) sessions(ctx context.Context, c *Caller, _ nothing) (subscribed, error) {
	t := c.terminal
	t.mu.Lock()
	t.feed.sessions = &sessionsChannel{}
	t.mu.Unlock()
	if c.who == nil {
		t.say(writeFrame("sessions", []sessionRow{}, g.Now(), 0))
		return subscribed{}, nil
	}
	err := t.takeSessions(ctx, c)
	return subscribed{c.seq}, err
}

func (t *terminal) takeSessions(ctx context.Context, c *Caller) error {
	picture, err := ask[session.Sessions](ctx, c, session.ReadSessions{})
	t.await(c.seq)
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.feed.sessions
	switch {
	case f == nil:
	case err != nil:
		t.feed.sessions = nil
	default:
		f.take(picture, *c.who, c.seq)
		t.showChanges()
	}
	return err
}

func (g *Gateway) orders(ctx context.Context, c *Caller, _ nothing) (subscribed, error) {
	t := c.terminal
	t.mu.Lock()
	t.feed.orders = &ordersChannel{}
	t.mu.Unlock()
	if c.who == nil {
		t.say(writeFrame("orders", []orderRow{}, g.Now(), 0))
		return subscribed{}, nil
	}
	err := t.takeOrders(ctx, c)
	return subscribed{c.seq}, err
}

func (t *terminal) takeOrders(ctx context.Context, c *Caller) error {
	picture, err := ask[session.Orders](ctx, c, session.ReadOrders{})
	t.await(c.seq)
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.feed.orders
	switch {
	case f == nil:
	case err != nil:
		t.feed.orders = nil
	default:
		f.take(picture, c.who.Profile, c.seq)
		t.showChanges()
	}
	return err
}

// readSessions and readOrders take a picture anew that events could not move on.
func (t *terminal) readSessions(ctx context.Context, c *Caller) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if err := t.takeSessions(ctx, c); err != nil {
		t.end(byeUnavailable)
	}
}

func (t *terminal) readOrders(ctx context.Context, c *Caller) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if err := t.takeOrders(ctx, c); err != nil {
		t.end(byeUnavailable)
	}
}

func (g *Gateway) unsubscribe(_ context.Context, c *Caller, from channels) (nothing, error) {
	t := c.terminal
	for _, name := range from {
		t.mu.Lock()
		switch strings.ToLower(name) {
		case "sessions", "session":
			t.feed.sessions = nil
		case "orders":
			t.feed.orders = nil
		case "events":
			t.feed.live = false
		}
		t.mu.Unlock()
		if strings.EqualFold(name, "quotes") {
			g.market.forget(t)
		}
	}
	return nothing{}, nil
}
