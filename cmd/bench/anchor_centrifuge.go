package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/centrifugal/centrifuge"
)

// newCentrifuge is centrifuge with its default settings doing its plain job: a client is subscribed to a channel of its
// own by the server; an order comes as an RPC, one row is committed, the channel gets the row as one publication, and the
// RPC gets its answer.
func newCentrifuge(ctx context.Context, o anchorOptions) (anchor, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return anchor{}, err
	}
	p := &plainJob{node: node, row: []byte(o.sample.Rows.Received)}
	if o.store != "" {
		if p.commits, err = plainCommits(ctx, o); err != nil {
			return anchor{}, err
		}
	}
	node.OnConnecting(func(ctx context.Context, _ centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		who, _ := centrifuge.GetCredentials(ctx)
		return centrifuge.ConnectReply{Subscriptions: map[string]centrifuge.SubscribeOptions{"#" + who.UserID: {}}}, nil
	})
	node.OnConnect(func(c *centrifuge.Client) {
		c.OnRPC(func(_ centrifuge.RPCEvent, done centrifuge.RPCCallback) {
			go func() { done(p.order(c)) }() // a handler must not wait
		})
	})
	if err := node.Run(); err != nil {
		return anchor{}, err
	}
	ws := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{})
	serve := func(w http.ResponseWriter, r *http.Request) {
		who := &centrifuge.Credentials{UserID: r.URL.Query().Get("SID")}
		ws.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), who)))
	}
	return anchor{http.HandlerFunc(serve), p.close}, nil
}

type plainJob struct {
	node    *centrifuge.Node
	row     []byte
	commits *groupCommit // nil: it takes no orders
	lastID  atomic.Int64
}

func plainCommits(ctx context.Context, o anchorOptions) (*groupCommit, error) {
	s, err := storeOf(o.store)
	if err != nil {
		return nil, err
	}
	to, err := s.plain(ctx, o.database, o.sample.Rows.Received)
	if err != nil {
		return nil, err
	}
	return newGroupCommit(to, s.writers()), nil
}

func (p *plainJob) order(c *centrifuge.Client) (centrifuge.RPCReply, error) {
	client, err := strconv.ParseInt(c.UserID(), 10, 64)
	if err != nil || p.commits == nil {
		return centrifuge.RPCReply{}, centrifuge.ErrorNotAvailable
	}
	id := p.lastID.Add(1)
	if err := p.commits.write(&change{client: client, order: id}); err != nil {
		fmt.Fprintln(os.Stderr, "an order was not served:", err)
		return centrifuge.RPCReply{}, centrifuge.ErrorInternal
	}
	if _, err := p.node.Publish("#"+c.UserID(), p.row); err != nil {
		return centrifuge.RPCReply{}, centrifuge.ErrorInternal
	}
	return centrifuge.RPCReply{Data: append(strconv.AppendInt([]byte(`{"order_id":`), id, 10), '}')}, nil
}

// close does not shut the node down: that takes a second for every few thousand clients, and nobody looks any more.
func (p *plainJob) close() error {
	if p.commits == nil {
		return nil
	}
	return p.commits.close()
}
