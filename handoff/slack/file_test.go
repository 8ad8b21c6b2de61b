package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// album is a town whose app may write files, and a thread.
func album(t *testing.T) (*town, handoff.Spot) {
	t.Helper()
	tw := newTown(t, func(o *Options) { o.Files = true })
	tw.SetScopes(append(slacktest.DefaultScopes(), FileScope)...)
	at, err := tw.desk.Card(t.Context(), handoff.Spot{}, handoff.Card{Case: "k", Receipt: "みかん-4821", Title: "未対応"}, handoff.Outbox{ID: "k"})
	if err != nil {
		t.Fatal(err)
	}
	return tw, handoff.Spot{Channel: at.Channel, Thread: at.TS}
}

var picture = handoff.File{Stem: "みかん-4821-1", Ext: "jpg", Data: bytes.Repeat([]byte("a picture "), 1000)}

func TestAFileStandsInItsThreadUntilItIsDeleted(t *testing.T) {
	tw, at := album(t)
	spot, err := tw.desk.File(t.Context(), at, picture)
	if err != nil {
		t.Fatal(err)
	}
	thread := tw.Thread(at.Channel, at.Thread)
	last := thread[len(thread)-1]
	if len(last.Files) != 1 || last.Files[0].Name != "みかん-4821-1.jpg" || last.Files[0].ID != spot.File || !bytes.Equal(last.Files[0].Bytes, picture.Data) {
		t.Fatalf("%+v", last)
	}
	for stem, want := range map[string]string{"みかん-4821-1": spot.File, "みかん-4821": "", "みかん-4821-11": ""} {
		if got, err := tw.desk.FindFile(t.Context(), at, stem, time.Now()); err != nil || got.File != want {
			t.Errorf("%s: %v %v", stem, got, err)
		}
	}
	for range 2 { // gone is no error
		if err := tw.desk.Delete(t.Context(), spot); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.desk.Delete(t.Context(), handoff.Spot{File: "F0NEVER"}); err != nil {
		t.Error(err)
	}
	if len(tw.Files()) > 0 || len(tw.Thread(at.Channel, at.Thread)) != len(thread)-1 {
		t.Error("it still stands")
	}
	if got, err := tw.desk.FindFile(t.Context(), at, "みかん-4821-1", time.Now()); err != nil || got.File != "" {
		t.Errorf("found what was deleted: %v %v", got, err)
	}
}

// Only the last step can leave a doubt.
func TestAFileThatFailed(t *testing.T) {
	for _, x := range []struct {
		fault           slacktest.Fault
		final, doubtful bool
		shown           int
	}{
		{slacktest.Fault{Method: "files.getUploadURLExternal", Kind: slacktest.LostAnswer}, false, false, 0},
		{slacktest.Fault{Method: "files.getUploadURLExternal", Kind: slacktest.Refuse, Error: "file_uploads_disabled"}, true, false, 0},
		{slacktest.Fault{Method: "upload", Kind: slacktest.Away}, false, false, 0},
		{slacktest.Fault{Method: "upload", Kind: slacktest.ServerError}, false, false, 0},
		{slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.RateLimited}, false, false, 0},
		{slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.LostAnswer}, false, true, 1},
		{slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.EmptyAnswer}, false, true, 1},
		{slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.Refuse, Error: "thread_not_found"}, true, false, 0},
	} {
		t.Run(x.fault.Method+" "+x.fault.Kind.String(), func(t *testing.T) {
			tw, at := album(t)
			tw.Break(x.fault)
			_, err := tw.desk.File(t.Context(), at, picture)
			if de := deskError(t, err); de.Final != x.final || de.Doubtful != x.doubtful {
				t.Errorf("%+v", de)
			}
			tw.MendAll()
			got, err := tw.desk.FindFile(t.Context(), at, picture.Stem, time.Now())
			if err != nil || (got.File != "") != (x.shown > 0) {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

func TestBytesGoOnlyToSlack(t *testing.T) {
	tw, at := album(t)
	for to, ok := range map[string]bool{
		tw.APIURL() + "x": true, "https://files.slack.com/upload/v1/x": true, "http://files.slack.com/x": false, "https://files.slack.com.example.jp/x": false,
		"https://files.slack.com@example.jp/x": false, "https://example.jp/": false, "https://169.254.169.254/": false, ":": false, "https://other.slack.com/x": false,
	} {
		if got := tw.desk.takesBytes(to); got != ok {
			t.Errorf("%s: %v", to, got)
		}
	}
	// A Slack that names another place is not followed.
	real := tw.desk
	elsewhere := slacktest.Direct(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/files.getUploadURLExternal") {
			t.Errorf("%s was asked", r.URL)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "upload_url": "https://169.254.169.254/latest", "file_id": "F1"})
	}))
	o := real.o
	o.Client = &http.Client{Transport: elsewhere}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, err = d.File(context.Background(), at, picture)
	if de := deskError(t, err); !de.Final || de.Reason != codeElsewhere {
		t.Errorf("%+v", de)
	}
}

func TestTheScopeOfFilesIsMissedOnlyWhereTheyAreOn(t *testing.T) {
	for _, on := range []bool{false, true} {
		tw := newTown(t, func(o *Options) { o.Files = on })
		h, err := tw.desk.Check(t.Context())
		if err != nil || slices.Contains(h.Missing, FileScope) != on {
			t.Errorf("on %v: %v %v", on, h.Missing, err)
		}
		if !on {
			continue
		}
		at, err := tw.desk.Card(t.Context(), handoff.Spot{}, handoff.Card{Case: "k", Title: "未対応"}, handoff.Outbox{ID: "k"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tw.desk.File(t.Context(), handoff.Spot{Channel: at.Channel, Thread: at.TS}, picture)
		if de := deskError(t, err); !de.Final || de.Reason != "missing_scope" {
			t.Errorf("%+v", de)
		}
	}
}
