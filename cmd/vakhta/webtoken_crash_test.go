package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vakhta/persistence/pgtest"
)

// at is a world whose server is a process of its own.
func at(p *process, database, key string) *world {
	address := strings.TrimPrefix(p.url, "http://")
	return &world{t: p.t, dir: p.t.TempDir(), base: database, key: key, door: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
		DisableKeepAlives: true,
	}}}
}

func TestAKillBetweenTheCountAndTheEvaluationGivesNoAttemptBackOnSQLite(t *testing.T) {
	killBetween(t, "sqlite:"+filepath.Join(t.TempDir(), "vakhta.db"))
}

func TestAKillBetweenTheCountAndTheEvaluationGivesNoAttemptBackOnPostgreSQL(t *testing.T) {
	killBetween(t, pgtest.New(t))
}

// killBetween kills the server while PINs are tried in parallel, again and again, until some were counted whose evaluation
// nobody has got: what was counted stays counted.
func killBetween(t *testing.T, database string) {
	const fewest, most = 5, 100
	flags := append(withKey(t), "--database-url", database, "--dev-phone")
	p := newProcess(t, append(append(flags, thrifty...), tireless...)...)
	made(t, database, flags[1])
	p.start()
	w := at(p, database, flags[1])
	importMany(w, most)
	kills, lost := 0, 0
	for ; kills < most && (kills < fewest || lost == 0); kills++ {
		h := connected(w, fmt.Sprint("holder", kills), "correct horse", 10*time.Millisecond)
		answered := h.tryUntilKilled(p)
		p.start()
		h.x = w.connect(h.sid)
		left := int(h.say("webTokenChallenge", map[string]any{"tokenId": h.token.Token}).number("result.attemptsLeft"))
		if answered > 5-left {
			t.Errorf("%d PINs were evaluated, and %d attempts are left", answered, left)
		}
		lost += 5 - left - answered
		h.x.drop()
	}
	if lost == 0 {
		t.Errorf("in %d kills no PIN was counted whose evaluation nobody got: nothing was tested", kills)
	}
	t.Logf("%d kills, %d PINs counted and not evaluated", kills, lost)
}

// tryUntilKilled tries PINs on several connections, kills the server meanwhile, and counts the answers.
func (h *holder) tryUntilKilled(p *process) int {
	var answered atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		x, own := h.connect(h.sid), h.token.copied()
		say := func(name string, params map[string]any) frame {
			f, _ := x.call(h.t.Context(), name, params, nil)
			if f.text("result.e") != "" {
				answered.Add(1)
			}
			return f
		}
		all.Go(func() {
			for range 10 {
				own.open(say, wrongPIN)
			}
			x.drop()
		})
	}
	time.Sleep(rand.N(25 * time.Millisecond))
	p.kill()
	all.Wait()
	h.x.drop()
	return int(answered.Load())
}
