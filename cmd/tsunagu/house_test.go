package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house is who may import whom, as CONTRIBUTING.md shows it. A package that is
// not named may import nothing of ours.
var house = map[string][]string{
	"triage":                       {},
	"triage/llm":                   {"triage"},
	"directory":                    {},
	"handoff":                      {},
	"handoff/slack":                {"handoff"},
	"handoff/slack/slacktest":      {},
	"bot":                          {"triage", "directory", "handoff"},
	"bot/line":                     {"bot"},
	"bot/linetest":                 {},
	"bot/sqlitestore":              {"bot"},
	"bot/redisstore":               {"bot"},
	"bot/storetest":                {"bot"},
	"bot/transcript":               {"bot", "handoff"},
	"config":                       {"triage", "directory", "handoff", "bot"},
	"cmd/tsunagu":                  {"*"},
	"cmd/load":                     {"bot", "bot/sqlitestore", "bot/redisstore", "bot/storetest"},
	"cmd/tsunagu/demo":             {"bot/linetest", "handoff/slack/slacktest"},
	"cmd/tsunagu/demo/browsertest": {},
}

func TestPackagesImportOnlyWhatTheHouseAllows(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "tsunagu/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	n := 0
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		n++
		name := strings.TrimPrefix(p.ImportPath, "tsunagu/")
		allowed, ok := house[name]
		if !ok {
			t.Errorf("%s has no place in the house; add it to the table and to CONTRIBUTING.md", name)
		}
		if slices.Contains(allowed, "*") {
			continue
		}
		for _, imp := range p.Imports {
			if own, ok := strings.CutPrefix(imp, "tsunagu/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s must not import %s", name, own)
			}
		}
	}
	if n < 10 {
		t.Fatalf("only %d packages were looked at", n)
	}
}

// TestThePureMiddleHasNoClockAndNoNetwork keeps time and the world out of the
// packages that decide.
func TestThePureMiddleHasNoClockAndNoNetwork(t *testing.T) {
	for _, pkg := range []string{"triage", "directory", "handoff"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-json=Imports,GoFiles,Dir", "tsunagu/"+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Imports, GoFiles []string
			Dir              string
		}
		if err := json.Unmarshal(out, &p); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"net", "net/http", "os", "database/sql", "log", "log/slog"} {
			if slices.Contains(p.Imports, bad) {
				t.Errorf("%s imports %s", pkg, bad)
			}
		}
		out, _ = exec.CommandContext(t.Context(), "grep", "-n", "time.Now(", "-r", p.Dir, "--include=*.go", "--exclude=*_test.go", "--exclude-dir=slack", "--exclude-dir=llm").Output()
		if len(out) > 0 {
			t.Errorf("%s reads the clock:\n%s", pkg, out)
		}
	}
}
