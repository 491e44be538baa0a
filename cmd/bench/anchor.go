package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// anchors are servers to compare the product with. Each is this program, started again with the hidden first argument
// «anchor»; its memory and CPU time are its own. It serves /ws?SID=N, where N is the number of the client, from 0.
var anchors = map[string]func(context.Context, anchorOptions) (anchor, error){
	"coder": newCoder, "lean": newLean, "orders": newOrders, "centrifuge": newCentrifuge,
}

// anchor is a server's WebSocket, and how to end what is behind it.
type anchor struct {
	ws    http.Handler
	close func() error
}

type anchorOptions struct {
	store    string // sqlite or postgres
	database string // its URL
	sample   *sample
}

// runAnchor serves until it is told to stop.
func runAnchor(ctx context.Context, args []string, say io.Writer) error {
	if len(args) == 0 || anchors[args[0]] == nil {
		return fmt.Errorf("there is no anchor %q", args)
	}
	var o anchorOptions
	f := flag.NewFlagSet("anchor", flag.ContinueOnError)
	f.StringVar(&o.store, "store", "", "sqlite or postgres")
	f.StringVar(&o.database, "database", "", "`URL`")
	file := f.String("sample", "", "`FILE` with the product's rows and frames")
	err := f.Parse(args[1:])
	if err == nil {
		o.sample, err = readSample(*file)
	}
	if err != nil {
		return err
	}
	a, err := anchors[args[0]](ctx, o)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, a.close())
	}
	mux := http.NewServeMux()
	mux.Handle("/ws", a.ws)
	mux.Handle("/metrics", promhttp.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	_, _ = fmt.Fprintf(say, "listening on http://%s\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, a.close())
	}
	return a.close()
}

// startAnchor starts this program as an anchor.
func (b *bench) startAnchor(ctx context.Context, kind string, args ...string) (*server, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s, err := launch(ctx, program, append([]string{"anchor", kind, "-sample", b.sampleFile}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("the anchor %s: %w", kind, err)
	}
	s.admin = s.url
	return s, nil
}
