package wsapi

import (
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// routes are all the addresses of the server.
func (g *Gateway) routes() http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{"/api", "/api/{$}"} {
		mux.HandleFunc("GET "+path, g.v1)
		mux.HandleFunc("POST "+path, g.v1)
	}
	mux.HandleFunc("POST /api/check-login-password", g.checkLoginPassword)
	mux.HandleFunc("GET /api/docs", g.docs)
	mux.HandleFunc("GET /api/docs.css", g.docsStyle)
	mux.HandleFunc("GET /api/", g.notThisDoor)
	mux.HandleFunc("POST /api/", g.notThisDoor)
	mux.HandleFunc("GET /ws", g.socketOnly)
	mux.HandleFunc("GET /dev/phone", g.phonePage)
	mux.HandleFunc("GET /dev/phone/messages", g.phoneMessages)
	mux.HandleFunc("GET /dev/operators", g.demoOperators)
	mux.HandleFunc("GET /desk", g.deskPage)
	mux.HandleFunc("POST /desk/api/{command}", g.deskAPI)
	mux.HandleFunc("GET /{$}", g.home)
	mux.HandleFunc("GET /", g.file)
	g.health(mux)
	return secured(mux)
}

// AdminHandler serves what is for the engineer only: figures and profiles.
func (g *Gateway) AdminHandler(figures prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(figures, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	g.health(mux)
	return mux
}

// health: alive means that the process answers, ready that it can do its work.
func (g *Gateway) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plainly(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case g.isDraining():
			plainly(w, http.StatusServiceUnavailable, "the server is being stopped")
		case g.Ready == nil:
			plainly(w, http.StatusOK, "ok")
		default:
			if err := g.Ready(r.Context()); err != nil {
				g.Log.Warn("not ready", "error", err)
				plainly(w, http.StatusServiceUnavailable, "not ready: see the log")
				return
			}
			plainly(w, http.StatusOK, "ok")
		}
	})
}

func plainly(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}

// policy is what the terminal's pages may do: load from here, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
