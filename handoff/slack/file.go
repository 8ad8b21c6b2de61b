package slack

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// filesHost takes uploads beside api_url's own origin.
const filesHost = "files.slack.com"

// codeElsewhere: Slack named another address for the bytes than it may.
const codeElsewhere = "upload_elsewhere"

// File shows a file in a thread: an address for its bytes, the bytes, and only then
// the sharing. What fails before the last step nobody has seen; Slack drops it. See
// handoff.Desk.
func (d *Desk) File(ctx context.Context, at handoff.Spot, f handoff.File) (handoff.Spot, error) {
	if at.Channel == "" || at.Thread == "" || len(f.Data) == 0 {
		return handoff.Spot{}, &handoff.DeskError{Reason: "no_thread", Final: true}
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	name := f.Stem + "." + f.Ext
	var to *api.GetUploadURLExternalResponse
	err := d.call(ctx, "files.getUploadURLExternal", "", rankWords, func() (err error) {
		to, err = d.api.GetUploadURLExternalContext(ctx, api.GetUploadURLExternalParameters{FileName: name, FileSize: len(f.Data)})
		if err == nil && (to.FileID == "" || to.UploadURL == "") {
			err = errNoTS
		}
		return err
	})
	if err != nil {
		return handoff.Spot{}, surely(err)
	}
	if !d.takesBytes(to.UploadURL) {
		return handoff.Spot{}, &handoff.DeskError{Reason: codeElsewhere, Final: true}
	}
	if err := d.api.UploadToURL(ctx, api.UploadToURLParameters{UploadURL: to.UploadURL, Reader: bytes.NewReader(f.Data), Filename: name}); err != nil {
		return handoff.Spot{}, surely(trouble(err))
	}
	err = d.call(ctx, "files.completeUploadExternal", "", rankWords, func() error {
		done, err := d.api.CompleteUploadExternalContext(ctx, api.CompleteUploadExternalParameters{
			Files: []api.FileSummary{{ID: to.FileID, Title: name}}, Channel: at.Channel, ThreadTimestamp: at.Thread,
		})
		if err == nil && len(done.Files) == 0 {
			err = errNoTS
		}
		return err
	})
	if err != nil {
		return handoff.Spot{}, err
	}
	return handoff.Spot{File: to.FileID}, nil
}

// surely takes the doubt out of an error before anything was shared.
func surely(err error) error {
	if de, is := err.(*handoff.DeskError); is {
		sure := *de
		sure.Doubtful = false
		return &sure
	}
	return err
}

// takesBytes says whether an address is one that residents' pictures may go to.
func (d *Desk) takesBytes(raw string) bool {
	u, err := url.Parse(raw)
	own, ownErr := url.Parse(d.o.APIURL)
	if err != nil || ownErr != nil || u.User != nil {
		return false
	}
	return u.Scheme == "https" && u.Host == filesHost || u.Scheme == own.Scheme && strings.EqualFold(u.Host, own.Host)
}

// FindFile finds a file of ours in a thread by its name. See handoff.Desk.
func (d *Desk) FindFile(ctx context.Context, at handoff.Spot, stem string, since time.Time) (spot handoff.Spot, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err = d.search(ctx, handoff.Search{At: at, Since: since}, rankCard, func(m api.Message) bool {
		for _, f := range m.Files {
			if strings.HasPrefix(f.Name, stem+".") {
				spot.File = f.ID
			}
		}
		return spot.File != ""
	})
	return spot, err
}

// deleteFile deletes a file, wherever it is shown.
func (d *Desk) deleteFile(ctx context.Context, id string) error {
	return d.call(ctx, "files.delete", "", rankWords, func() error {
		err := d.api.DeleteFileContext(ctx, id)
		if c := codeOf(err); c == "file_not_found" || c == "file_deleted" {
			return nil
		}
		return err
	})
}
