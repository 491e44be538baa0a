package wsapi

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// command is one entry of the catalogue. The doors only unwrap and wrap.
type command struct {
	name    string
	aliases []string
	doc     string
	needs   need
	params  reflect.Type
	fields  []field // of params
	signed  bool    // the WEB-token may sign it: then it comes as signedParams
	reply   reflect.Type
	run     func(ctx context.Context, c *Caller, params json.RawMessage) (any, error)
}

// need says what a command asks of who calls it.
type need int

const (
	needLogin    need = 1 << iota // somebody who is logged in
	needPost                      // it changes something: with a cookie only by POST from our own pages
	needSocket                    // a WebSocket: it is a channel
	needOwnPage                   // never from a page of another site, cookie or not
	needOperator                  // an operator who is logged in at the desk
	quietly                       // a page may ask it by itself: the operator's login may become idle nevertheless
)

func (c *command) has(n need) bool { return c.needs&n != 0 }

// catalogue finds commands by name, in whatever case a client writes it.
type catalogue struct {
	all    []*command
	byName map[string]*command
}

func (cat *catalogue) find(name string) (*command, error) {
	if c, ok := cat.byName[strings.ToLower(name)]; ok {
		return c, nil
	}
	if slices.Contains(notHere, strings.ToLower(name)) {
		return nil, door(notServed, "%s is not served here yet", "see /api/docs for what is", name)
	}
	return nil, door(unknownCommand, "there is no command %.64q", "see /api/docs for those that are", name)
}

// notHere are channels that published clients ask for, and that get a polite answer.
var notHere = []string{"orderbook", "portfolio"}

func (cat *catalogue) add(c *command) {
	cat.all = append(cat.all, c)
	for _, name := range append([]string{c.name}, c.aliases...) {
		key := strings.ToLower(name)
		if _, taken := cat.byName[key]; taken {
			panic("wsapi: two commands are called " + name)
		}
		cat.byName[key] = c
	}
}

// declare enters a command: its names (the first is the real one), what it needs, one line about it, and the function
// whose types are its parameters and its reply.
func declare[P, R any](cat *catalogue, names string, needs need, doc string, f func(context.Context, *Caller, P) (R, error)) *command {
	all := strings.Fields(names)
	c := &command{
		name: all[0], aliases: all[1:], needs: needs, doc: doc,
		params: reflect.TypeFor[P](), fields: fieldsOf(reflect.TypeFor[P]()), reply: reflect.TypeFor[R](),
	}
	c.run = func(ctx context.Context, caller *Caller, raw json.RawMessage) (any, error) {
		var p P
		if err := decodeParams(raw, c.fields, reflect.ValueOf(&p).Elem()); err != nil {
			return nil, err
		}
		return f(ctx, caller, p)
	}
	cat.add(c)
	return c
}

// nothing is the parameters, or the reply, of a command that has none.
type nothing struct{}

// newCatalogue declares all commands. The gateway may be nil for those who only read the declarations.
func newCatalogue(g *Gateway) *catalogue {
	cat := &catalogue{byName: map[string]*command{}}
	g.declareLogin(cat)
	g.declareSecurity(cat)
	g.declareToken(cat)
	g.declareCabinet(cat)
	g.declareOrders(cat)
	g.declareMarket(cat)
	g.declareChannels(cat)
	return cat
}
