package wsapi

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vakhta/session"
)

// meters is what the gateway measures.
type meters struct {
	connections prometheus.Gauge
	commands    *prometheus.CounterVec
	latency     *prometheus.HistogramVec
	protocol    prometheus.Counter
	closes      *prometheus.CounterVec
	logins      prometheus.Gauge
}

func newMeters(to prometheus.Registerer) *meters {
	m := &meters{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "vakhta_terminals", Help: "Terminals that are connected.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vakhta_commands_total", Help: "Commands by name and outcome: ok, or the reason why not.",
		}, []string{"command", "outcome"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vakhta_command_seconds", Help: "From the start of a command to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}, []string{"command"}),
		protocol: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vakhta_protocol_errors_total", Help: "Frames that could not be understood.",
		}),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vakhta_terminal_closes_total", Help: "Connections that the server ended, by close code; 4001 are the slow ones.",
		}, []string{"code"}),
		logins: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "vakhta_password_checks", Help: "Passwords that are being compared or wait for it.",
		}),
	}
	if to != nil {
		to.MustRegister(m.connections, m.commands, m.latency, m.protocol, m.closes, m.logins)
	}
	return m
}

func (m *meters) command(name string, err error, took time.Duration) {
	m.commands.WithLabelValues(name, outcome(err)).Inc()
	m.latency.WithLabelValues(name).Observe(took.Seconds())
}

func outcome(err error) string {
	var refusal *session.Refusal
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refusal):
		return string(refusal.Reason)
	default:
		return string(explain(err, time.Time{}).Reason)
	}
}
