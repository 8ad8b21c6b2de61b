package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"tsunagu/handoff/slack/slacktest"
)

const parts = "these tests need Debian's prometheus and its promtool (make parts): "

func TestAlertsRingWhenTheyShould(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml", "alerts_days_test.yaml"}} {
		cmd := exec.CommandContext(t.Context(), "promtool", args...)
		cmd.Dir = "ops"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf(parts+"%v\n%s", err, out)
		}
	}
}

// board is what Grafana needs of a dashboard, as far as it is looked at here.
type board struct {
	Title, UID    string
	SchemaVersion int
	Panels        []struct {
		ID          int
		Title, Type string
		GridPos     struct{ X, Y, W, H int }
		FieldConfig struct {
			Defaults struct {
				NoValue    string
				Thresholds struct{ Steps []any }
			}
			Overrides []struct {
				Matcher    struct{ ID, Options string }
				Properties []struct{ ID string }
			}
		}
		Targets []struct {
			RefID, Expr, LegendFormat string
			Instant                   bool
		}
	}
}

func readBoard(t *testing.T) (b board) {
	t.Helper()
	raw, err := os.ReadFile("ops/dashboard.json")
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheDashboardsPanelsHaveTheirPlaces(t *testing.T) {
	b := readBoard(t)
	if b.Title == "" || b.UID == "" || b.SchemaVersion < 36 || len(b.Panels) == 0 {
		t.Fatalf("no dashboard: %+v", b)
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range b.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" || (len(p.Targets) == 0) != (p.Type == "row") {
			t.Errorf("panel %d (%s) has no number of its own, no title or nothing to show", p.ID, p.Title)
		}
		ids[p.ID] = true
		refs := map[string]bool{}
		for _, x := range p.Targets {
			if refs[x.RefID] || x.RefID == "" || x.Expr == "" {
				t.Errorf("%s: a query without a letter of its own", p.Title)
			}
			refs[x.RefID] = true
		}
		if p.GridPos.X < 0 || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W < 1 || p.GridPos.H < 1 {
			t.Errorf("%s lies outside: %+v", p.Title, p.GridPos)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies on %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// TestTheBigNumbersAreOfNow: what was true hours ago would stand there in green, and
// a number without bounds of its own gets Grafana's, red above 80.
func TestTheBigNumbersAreOfNow(t *testing.T) {
	for _, p := range readBoard(t).Panels {
		for _, x := range p.Targets {
			if x.Instant != (p.Type == "stat") {
				t.Errorf("%s %s: a big number is asked for this moment, a line for a time", p.Title, x.RefID)
			}
		}
		if d := p.FieldConfig.Defaults; p.Type == "stat" && (len(d.Thresholds.Steps) == 0 || d.NoValue == "") {
			t.Errorf("%s has no bounds, or no word for when there is no number", p.Title)
		}
	}
}

// TestTheLinesLeaveNothingOutAndAreNamed: every value of a label that a panel tells
// apart is in one of its lines, under a name that staff can read.
func TestTheLinesLeaveNothingOutAndAreNamed(t *testing.T) {
	chosen := regexp.MustCompile(`(kind|outcome|what)(=~?)"([^"]*)"`)
	split := regexp.MustCompile(`by \((kind|outcome|what)\) `)
	metric := regexp.MustCompile(`tsunagu_([a-z_]+?)(?:_bucket)?[{\[]`)
	for _, p := range readBoard(t).Panels {
		if p.Type != "timeseries" {
			continue
		}
		named, lines := map[string]bool{}, map[string]string{} // by label, the values as one pattern
		for _, o := range p.FieldConfig.Overrides {
			if o.Matcher.ID == "byName" && len(o.Properties) > 0 && o.Properties[0].ID == "displayName" {
				named[o.Matcher.Options] = true
			}
		}
		labels := map[string][]string{}
		for _, x := range p.Targets {
			if m := metric.FindStringSubmatch(x.Expr); m != nil {
				labels = allowed[m[1]]
			}
			for _, m := range chosen.FindAllStringSubmatch(x.Expr, -1) {
				lines[m[1]] += "|" + m[3]
			}
			if m := split.FindStringSubmatch(x.Expr); m != nil && x.LegendFormat == "{{"+m[1]+"}}" {
				for _, v := range labels[m[1]] {
					if !named[v] {
						t.Errorf("%s shows %q without a name", p.Title, v)
					}
				}
			}
		}
		for label, pattern := range lines {
			for _, v := range labels[label] {
				if v != "done" && !regexp.MustCompile("^(?:"+pattern[1:]+")$").MatchString(v) {
					t.Errorf("%s has no line for %s=%q", p.Title, label, v)
				}
			}
		}
	}
}

// prom is a real Prometheus that scrapes the serve every second.
type prom struct {
	w    *world
	addr string
}

func (w *world) prometheus() *prom {
	w.t.Helper()
	p := &prom{w, freeAddress(w.t)}
	rules, err := filepath.Abs("ops/alerts.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.dir, "prometheus.yml")
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs:\n  - job_name: tsunagu\n    static_configs: [{targets: [%q]}]\n", rules, w.addr)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file="+file, "--web.listen-address="+p.addr, "--storage.tsdb.path="+filepath.Join(w.dir, "tsdb"), "--log.level=error")
	if err := cmd.Start(); err != nil {
		w.t.Fatal(parts, err)
	}
	w.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	w.eventually("Prometheus sees the serve", func() bool { return len(p.query(`up{job="tsunagu"} == 1`)) == 1 })
	return p
}

// query asks for the numbers of an expression; none while Prometheus is not there.
func (p *prom) query(expr string) (values []string) {
	p.w.t.Helper()
	var got struct {
		Error string
		Data  struct {
			Result []struct{ Value [2]any }
		}
	}
	p.get("/api/v1/query?query="+url.QueryEscape(expr), &got)
	if got.Error != "" {
		p.w.t.Fatalf("%s: %s", expr, got.Error)
	}
	for _, r := range got.Data.Result {
		values = append(values, fmt.Sprint(r.Value[1]))
	}
	return values
}

func (p *prom) get(path string, to any) {
	p.w.t.Helper()
	res, err := http.Get("http://" + p.addr + path)
	if err != nil {
		return
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil || json.Unmarshal(raw, to) != nil && res.StatusCode == http.StatusOK {
		p.w.t.Fatalf("%s: %v %s", path, err, raw)
	}
}

// numbers expects at least one number, and none that is not one.
func (p *prom) numbers(what, expr string) {
	p.w.t.Helper()
	var got []string
	p.w.eventually("a number for "+what, func() bool {
		got = p.query(expr)
		return len(got) > 0 && !strings.Contains(strings.Join(got, " "), "NaN")
	})
	p.w.t.Logf("%s: %s", what, strings.Join(got, " "))
}

func TestEveryPanelAndAlertHasNumbersInARealPrometheus(t *testing.T) {
	w, m := newWorld(t, "2026-11-24T10:00:00+09:00", "hokuto"), newMind(t)
	w.more("llm: {base_url: " + m.url + ", model: small}")
	m.will(answers("?", 0))
	tn := w.towns["hokuto"]
	tn.line.SetMonthlyLimit(200, 40)
	w.start()
	p := w.prometheus()

	// A little of everything.
	for range 3 {
		r := tn.line.Resident("")
		w.exchange(r, vague, danger)
		card := w.card(tn, w.consentAgain(r))
		w.claims(tn, shiftUser, card)
		w.say(r, "つづきのことばです")
	}
	w.eventually("the words are in the thread", func() bool { return w.value(`slack_delay_seconds_count{what="words"}`) >= 3 })

	for _, panel := range readBoard(t).Panels {
		for _, x := range panel.Targets {
			p.numbers(panel.Title+" "+x.RefID, x.Expr)
		}
	}

	raw, err := os.ReadFile("ops/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	bound := regexp.MustCompile(`^(.+) (==|<|>) (-?[0-9.]+)$`)
	for _, rule := range file.Groups[0].Rules {
		parts := bound.FindStringSubmatch(rule.Expr)
		if parts == nil {
			t.Fatalf("%s is not an expression and a bound", rule.Alert)
		}
		p.numbers(rule.Alert, parts[1])
		if n := p.query(rule.Expr); len(n) > 0 && rule.Alert != "TsunaguNoAnswers" { // it waits for three days
			t.Errorf("%s would ring on a quiet day: %v", rule.Alert, n)
		}
		if s := rule.Labels["severity"]; s != "page" && s != "ticket" || rule.Annotations["summary"] == "" || rule.Annotations["action"] == "" {
			t.Errorf("%s does not say whom it calls and what to do", rule.Alert)
		}
	}

	// One that rings: Slack refuses for good.
	w.expected = append(w.expected, "Slack refused")
	mend := tn.slack.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Refuse, Error: "token_revoked"})
	w.consentAgain(tn.line.Resident(""))
	began := time.Now()
	w.eventually("the alert", func() bool { return len(p.query(`ALERTS{alertname="TsunaguSlackRefuses",alertstate="firing"}`)) > 0 })
	t.Logf("it rang after %v", time.Since(began).Round(time.Second))
	mend()
}
