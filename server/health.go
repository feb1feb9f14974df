package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"carnet/internal/webhook"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether requests can be served: the database answers, the change feed follows it, the
// schema is current. 503 names what is missing.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), 2*time.Second)
	defer done()
	checks := map[string]string{"database": "ok", "feed": "ok", "migrations": "ok"}
	status := http.StatusOK
	missing := func(what, why string) { checks[what], status = why, http.StatusServiceUnavailable }
	if err := s.cfg.DB.Pool.Ping(ctx); err != nil {
		missing("database", "does not answer")
	} else if n, err := s.cfg.Pending(ctx); err != nil || n > 0 {
		missing("migrations", "some have not run; run carnet migrate")
	}
	if !s.cfg.Feed.Ready() {
		missing("feed", "is not connected")
	}
	s.answer(w, status, checks)
}

// metrics are Prometheus's.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "carnet_http_request_seconds", Help: "Time to answer a request, by route and class of status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
	}
	gauge := func(name, help string, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("carnet_feed_ready", "1 while the change feed follows the database.", func() float64 {
			if s.cfg.Feed.Ready() {
				return 1
			}
			return 0
		}),
		gauge("carnet_feed_lag_seconds", "How far the change feed is behind, in seconds.", func() float64 { return s.cfg.Feed.Stats().LagSeconds }),
		gauge("carnet_feed_transactions", "Transactions applied since the start.", func() float64 { return float64(s.cfg.Feed.Stats().Transactions) }),
		gauge("carnet_feed_reconnects", "How often the change feed had to connect again.", func() float64 { return float64(s.cfg.Feed.Stats().Reconnects) }),
		gauge("carnet_sockets_open", "GraphQL sockets open.", func() float64 { n, _ := s.graphql.Open(); return float64(n) }),
		gauge("carnet_streams_open", "GraphQL event streams open.", func() float64 { _, n := s.graphql.Open(); return float64(n) }),
		gauge("carnet_segment_watches", "Rules that somebody follows.", func() float64 { n, _ := s.cfg.Watcher.Stats(); return float64(n) }),
		gauge("carnet_segment_indexes", "Sites whose contacts are indexed in memory.", func() float64 { n, _, _ := s.cfg.Indexes.Stats(); return float64(n) }),
		gauge("carnet_segment_index_contacts", "Contacts indexed in memory.", func() float64 { _, n, _ := s.cfg.Indexes.Stats(); return float64(n) }),
		gauge("carnet_segment_index_bytes", "About what the indexes take.", func() float64 { _, _, n := s.cfg.Indexes.Stats(); return float64(n) }),
		gauge("carnet_segment_members", "Contacts of followed rules.", func() float64 { _, n := s.cfg.Watcher.Stats(); return float64(n) }),
		gauge("carnet_pool_connections", "Connections of the native pool.", func() float64 { return float64(s.cfg.DB.Pool.Stat().TotalConns()) }),
		gauge("carnet_sql_connections", "Connections of the pool behind bun.", func() float64 { return float64(s.cfg.DB.Bun.Stats().OpenConnections) }),
		&webhookQueue{s.cfg.Webhooks},
	)
	return m
}

var (
	webhooksWaiting = prometheus.NewDesc("carnet_webhook_waiting", "Deliveries to webhooks that wait, of all processes.", nil, nil)
	webhooksOldest  = prometheus.NewDesc("carnet_webhook_oldest_seconds", "How long the oldest delivery that waits has waited; 0 when none does.", nil, nil)
	webhooksTries   = prometheus.NewDesc("carnet_webhook_tries_total", "Tries to deliver to webhooks, by what became of them: delivered, failed (given up), repeated.", []string{"result"}, nil)
)

// webhookQueue reads the metrics of webhooks: one question to the database for each reading. While it does not answer,
// what waits is not told.
type webhookQueue struct{ webhooks *webhook.Service }

func (q *webhookQueue) Describe(to chan<- *prometheus.Desc) {
	to <- webhooksWaiting
	to <- webhooksOldest
	to <- webhooksTries
}

func (q *webhookQueue) Collect(to chan<- prometheus.Metric) {
	tries := q.webhooks.Tries()
	for result, n := range map[string]int64{"delivered": tries.Delivered, "failed": tries.Failed, "repeated": tries.Repeated} {
		to <- prometheus.MustNewConstMetric(webhooksTries, prometheus.CounterValue, float64(n), result)
	}
	ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	waiting, err := q.webhooks.Waiting(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(webhooksWaiting, prometheus.GaugeValue, float64(waiting.Deliveries))
	to <- prometheus.MustNewConstMetric(webhooksOldest, prometheus.GaugeValue, waiting.Oldest.Seconds())
}

func (m *metrics) request(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	class := "0xx"
	if status >= 100 {
		class = string(rune('0'+status/100)) + "xx"
	}
	m.requests.WithLabelValues(strings.TrimSpace(route), class).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
