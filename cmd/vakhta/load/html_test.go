package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// With «-artifacts -outputdir DIR» the pages stay, to be looked at.
func rendered(t *testing.T, name string, r *Result) string {
	t.Helper()
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".html"), page.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func TestTheReportSaysAtOnceWhetherAnythingWasLost(t *testing.T) {
	if page := rendered(t, "good", soaked()); !strings.Contains(page, `class="verdict good"`) || !strings.Contains(page, "<h2>Nothing lost</h2>") {
		t.Error("it does not say that nothing was")
	}
	r := soaked()
	r.Orders.Lost, r.Orders.Doubled = 3, 1
	r.Failures = []string{"3 orders were acknowledged, and the server's list does not have them", "1 orders are twice in the server's list"}
	if page := rendered(t, "bad", r); !strings.Contains(page, `class="verdict bad"`) || !strings.Contains(page, "<li>3 orders were acknowledged") {
		t.Error("it does not say what was")
	}
	r = soaked()
	r.Orders.Verified = false
	if page := rendered(t, "open", r); !strings.Contains(page, `class="verdict open"`) || !strings.Contains(page, "--verify") || strings.Contains(page, "<dt>lost</dt>") {
		t.Error("a run that was not compared pretends that it was")
	}
}

func TestTheReportNeedsNothingButItself(t *testing.T) {
	page := rendered(t, "good", soaked())
	for _, wrong := range []string{"<script", " src=", "@import", "url(", " style=", "<link rel=\"stylesheet\"", " onload", "ZgotmplZ"} {
		if strings.Contains(page, wrong) {
			t.Errorf("it has %q", wrong)
		}
	}
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(strings.NewReplacer("&#43;", "+", "&#39;", "'").Replace(page), "style-src 'sha256-"+hash+"'") {
		t.Error("its policy forbids its own style")
	}
	if len(page) > 1<<20 {
		t.Errorf("it has %d bytes: too much to be sent by mail", len(page))
	}
}

func TestATextOfTheServerStaysATextInTheReport(t *testing.T) {
	const evil = `</pre></title></style><script>alert(1)</script><img src=x onerror="alert(2)">`
	r := soaked()
	r.Scenario, r.Text, r.Server.URL, r.Server.Version, r.Server.Store = evil, "terminals 1\n"+evil, evil, evil, evil
	r.Server.Own = false
	r.Steps[0].Line, r.Steps[0].Latency.Kind, r.Latency[0].Kind = evil, evil, evil
	r.Errors[0].What, r.Failures = evil, []string{evil}
	page := rendered(t, "evil", r)
	for _, wrong := range []string{"<script", "<img", `onerror="`} {
		if strings.Contains(page, wrong) {
			t.Errorf("it has %q", wrong)
		}
	}
}

func TestEachPlotHasItsFiguresInATable(t *testing.T) {
	page := rendered(t, "good", soaked())
	figures := regexp.MustCompile(`(?s)<figcaption><h2>([^<]+)</h2>.*?</figure>`).FindAllStringSubmatch(page, -1)
	if len(figures) != 9 {
		t.Errorf("there are %d figures", len(figures))
	}
	for _, f := range figures {
		if !strings.Contains(f[0], "<table") || !strings.Contains(f[0], `<th scope="row">`) {
			t.Errorf("%s has none", f[1])
		}
	}
}

func TestTheReportOfARunThatMeasuredNothingCanBeRead(t *testing.T) {
	page := rendered(t, "nothing", &Result{Scenario: "ramp", Failures: []string{"no server at http://127.0.0.1:1: start it"}})
	for _, wrong := range []string{"NaN", "Inf", "<figure class=\"card\">"} {
		if strings.Contains(page, wrong) {
			t.Errorf("it has %q", wrong)
		}
	}
	r := soaked() // of a server that runs elsewhere
	for i := range r.Timeline {
		r.Timeline[i].MemoryMiB, r.Timeline[i].CPU = 0, 0
	}
	if page := rendered(t, "elsewhere", r); !strings.Contains(page, "was not seen") || strings.Contains(page, "Memory of the server") {
		t.Error("a memory that nobody has seen is plotted")
	}
}
