package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"tsunagu/triage"
)

// TestDiffHidesNoDanger: whoever publishes must see every danger that the new
// rules would not see, however much else moves.
func TestDiffHidesNoDanger(t *testing.T) {
	var moves []triage.Move
	for i := range 130 {
		m := triage.Move{Message: triage.Labelled{Text: fmt.Sprint("文", i)}, From: triage.Reading{Field: "child", Crisis: triage.None}, To: triage.Reading{Field: "poverty", Crisis: triage.None}}
		if i >= 70 {
			m.From.Crisis = triage.Suicide
		}
		moves = append(moves, m)
	}
	var out bytes.Buffer
	printMoved(&out, moves)
	if n := strings.Count(out.String(), "例文（危険に気づかなくなる） child・危険 suicide → poverty："); n != 60 || !strings.HasPrefix(out.String(), "例文（危険に気づかなくなる）") {
		t.Errorf("%d of 60 dangers are shown:\n%s", n, out.String())
	}
	if !strings.HasSuffix(out.String(), "… ほかに 70\n") {
		t.Errorf("what is left out is not counted:\n%s", out.String())
	}
}

// TestDiffThatIsStoppedSaysNothing: a comparison that was cut off is no finding.
func TestDiffThatIsStoppedSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := run(ctx, streams{in: strings.NewReader(""), out: &out, err: &errs}, []string{"diff", "--city", "hokuto", "--against", "hokuto"})
	if code != 1 || out.Len() > 0 {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	code = run(t.Context(), streams{in: strings.NewReader(""), out: &out, err: &errs}, []string{"diff", "--city", "hokuto"})
	if code != 2 || !strings.Contains(errs.String(), "--against（もとの版）がありません") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
