package wsapi

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
)

// home is the terminal's page, and its socket when it asks for one.
func (g *Gateway) home(w http.ResponseWriter, r *http.Request) {
	if isUpgrade(r) {
		g.upgrade(w, r)
		return
	}
	g.page(w, r, "index.html")
}

func (g *Gateway) socketOnly(w http.ResponseWriter, r *http.Request) {
	if !isUpgrade(r) {
		plainly(w, http.StatusUpgradeRequired, "this address speaks WebSocket: see /api/docs")
		return
	}
	g.upgrade(w, r)
}

// page serves one of the built pages; they are looked at anew each time, for they name the files of this build.
func (g *Gateway) page(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "no-cache")
	if !g.has(name) {
		plainly(w, http.StatusNotFound, "the terminal is not built: run «make run»")
		return
	}
	http.ServeFileFS(w, r, g.Files, name)
}

func (g *Gateway) has(name string) bool {
	if g.Files == nil {
		return false
	}
	info, err := fs.Stat(g.Files, name)
	return err == nil && info.Mode().IsRegular()
}

// file serves the files beside the pages. Those under assets have their content's hash in their name.
func (g *Gateway) file(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case strings.HasSuffix(name, ".html") || strings.HasPrefix(path.Base(name), ".") || !g.has(name):
		plainly(w, http.StatusNotFound, "there is nothing here: the terminal is at /, the API at /api/docs")
		return
	case strings.HasPrefix(name, "assets/"):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	default:
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.ServeFileFS(w, r, g.Files, name) //nolint:gosec // an fs.FS knows no way out of itself, and has looked at the name
}

// delivered is a text on the development phone.
type delivered struct {
	To   string  `json:"to"`
	Text string  `json:"text"`
	At   instant `json:"at"`
}

// hasPhone keeps a page of another site, which has its name point here, from reading the texts.
func (g *Gateway) hasPhone(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, notLiteral := netip.ParseAddr(strings.Trim(host, "[]"))
	ours := notLiteral == nil || host == "localhost" || g.public != nil && strings.EqualFold(r.Host, g.public.Host)
	return g.Delivered != nil && ours
}

func (g *Gateway) phonePage(w http.ResponseWriter, r *http.Request) {
	if !g.hasPhone(r) {
		http.NotFound(w, r)
		return
	}
	g.page(w, r, "phone.html")
}

func (g *Gateway) phoneMessages(w http.ResponseWriter, r *http.Request) {
	if !g.hasPhone(r) {
		http.NotFound(w, r)
		return
	}
	all, err := g.Delivered(r.Context())
	if err != nil {
		g.Log.Warn("the development phone cannot be read", "error", err)
		plainly(w, http.StatusServiceUnavailable, "the development phone cannot be read now: try again")
		return
	}
	shown := make([]delivered, len(all))
	for i, d := range all {
		shown[i] = delivered{d.To, d.Text, instant(d.At)}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(shown); err != nil && !errors.Is(err, r.Context().Err()) {
		g.Log.Debug("the development phone was not read to its end", "error", err)
	}
}
