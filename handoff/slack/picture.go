package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// MaxLooks is how many pictures are in memory at once, to be looked at.
const MaxLooks = 2

// PictureScope is what the bot token needs besides, where staff may send pictures.
const PictureScope = "files:read"

const (
	actionFile    = "file"
	actionWithout = "without" // the picture goes, the text stays
	// codeNotGiven: Slack answered with something else than the file.
	codeNotGiven = "file_not_given"
)

// PictureTypes are what the form lets staff choose. What a picture is, its bytes say.
var PictureTypes = []string{"jpg", "jpeg", "png", "gif"}

var fileID = regexp.MustCompile(`^F[A-Z0-9]{2,40}$`)

// What staff read about a picture.
const (
	sayPictureOn    = "写真を 1 枚つけています。かえるときは、下でえらびなおします。"
	sayPictureMany  = "写真は 1 枚ずつ送ります。このメッセージには 2 つ以上あるので、つけていません。"
	sayPictureKind  = "写真でないファイルは送れません。つけていません。"
	sayPictureOut   = "Slack の外（Google ドライブなど）にある写真は送れません。つけていません。"
	sayPictureGone  = "その写真は、もう Slack にありません。えらびなおしてください。"
	sayPictureSlow  = "写真を確かめています。少し待って、もう一度「確認へ」を押してください。"
	sayPictureLater = "写真を取り出せませんでした。少し待って、もう一度「確認へ」を押してください。"
	sayPictureScope = "写真を読む権限（files:read）がありません。管理者に知らせてください。写真をつけなければ送れます。"
	sayPicture      = "写真 1 枚がいっしょに届きます。位置や機種の記録は抜きますが、写っているものは、そのまま見えます（顔、名前、住所、ほかの人）。"
	sayPictureHere  = "（ここには写真を出せませんでした。元の写真を確かめてから送ってください）"
)

// Fetch gets a picture that staff chose: what Slack says of it first, then its bytes
// from Slack's own address alone. See handoff.Desk.
func (d *Desk) Fetch(ctx context.Context, id string, max int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if !fileID.MatchString(id) {
		return nil, &handoff.DeskError{Reason: handoff.FileGone, Final: true}
	}
	var f *api.File
	err := d.call(ctx, "files.info", "", rankWords, func() (err error) {
		f, _, _, err = d.api.GetFileInfoContext(ctx, id, 0, 0)
		if c := codeOf(err); c == "file_not_found" || c == "file_deleted" {
			err = &handoff.DeskError{Reason: handoff.FileGone, Final: true}
		}
		return err
	})
	if err != nil {
		return nil, surely(err)
	}
	from := f.URLPrivateDownload
	if from == "" {
		from = f.URLPrivate
	}
	switch {
	case f.Mode == "tombstone" || f.Mode == "hidden_by_limit":
		return nil, &handoff.DeskError{Reason: handoff.FileGone, Final: true}
	case int64(f.Size) > max:
		return nil, &handoff.DeskError{Reason: handoff.FileBig, Final: true}
	case f.IsExternal || !d.takesBytes(from):
		return nil, &handoff.DeskError{Reason: codeElsewhere, Final: true}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, &handoff.DeskError{Reason: codeElsewhere, Final: true}
	}
	r.Header.Set("Authorization", "Bearer "+d.o.Token)
	res, err := d.client.Do(r)
	if err != nil {
		return nil, surely(trouble(err))
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return nil, &handoff.DeskError{Reason: "http_" + itoa(res.StatusCode), After: softPause}
	case res.StatusCode != http.StatusOK || strings.HasPrefix(res.Header.Get("Content-Type"), "text/html"):
		return nil, &handoff.DeskError{Reason: codeNotGiven, Final: true} // a page to log in
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	switch {
	case int64(len(data)) > max:
		return nil, &handoff.DeskError{Reason: handoff.FileBig, Final: true}
	case err != nil:
		return nil, &handoff.DeskError{Reason: "no_answer"}
	}
	return data, nil
}

// look says why a picture cannot be sent, "" when it can. It looks as long as Slack
// waits for an answer and goes on after that: who asks again hears at once.
func (d *Desk) look(ctx context.Context, file string) (no string) {
	said := make(chan string, 1)
	d.later(func(ctx context.Context) {
		no, err := d.looks.get(file, keepTime, func() (string, error) { return d.judge(ctx, file) })
		if err != nil {
			no = sayTrouble(err)
		}
		said <- no
	})
	select {
	case no := <-said:
		return no
	case <-ctx.Done():
		return sayPictureSlow
	}
}

// judge fetches a picture and lets the city look at it. An error may heal.
func (d *Desk) judge(ctx context.Context, file string) (no string, err error) {
	select {
	case d.looking <- struct{}{}:
		defer func() { <-d.looking }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	data, err := d.Fetch(ctx, file, d.o.Pictures)
	de, _ := errors.AsType[*handoff.DeskError](err)
	switch {
	case err == nil:
		return d.o.PictureNo(data), nil
	case de == nil || !de.Final:
		d.log.Warn("a picture could not be looked at", "reason", trouble(err).Error())
		return "", err
	case de.Reason == handoff.FileBig:
		return "写真が大きすぎます（" + bytesText(d.o.Pictures) + "まで）。小さくしてから、えらびなおしてください。", nil
	case de.Reason == handoff.FileGone:
		return sayPictureGone, nil
	}
	d.log.Error("Slack gives no picture", "reason", de.Reason)
	return "", err
}

// sayTrouble is what staff hear when a picture could not be looked at.
func sayTrouble(err error) string {
	if de, is := errors.AsType[*handoff.DeskError](err); is && (de.Reason == "missing_scope" || de.Reason == codeNotGiven) {
		return sayPictureScope
	}
	return sayPictureLater
}

// fileInput lets staff choose a picture.
func (d *Desk) fileInput() api.Block {
	input := api.NewInputBlock(actionFile, plain("写真（1 枚。なくてもかまいません）"),
		plain("JPEG、PNG、GIF。"+bytesText(d.o.Pictures)+"まで。位置や機種の記録は抜いて送ります。写っている顔や名前は、そのまま見えます。PDF は送れません。"),
		api.NewFileInputBlockElement(actionFile).WithFileTypes(PictureTypes...).WithMaxFiles(1))
	input.Optional = true
	return input
}

// file is the picture that was chosen in a form, "" = none.
func (s submitted) file() string {
	if files := s.State.Values[actionFile][actionFile].Files; len(files) > 0 && fileID.MatchString(files[0].ID) {
		return files[0].ID
	}
	return ""
}

// picture is the one picture of a message, and what is to be said of its files.
func (s said) picture() (file, note string) {
	var files []attached
	for _, f := range s.Files {
		if f.Mode != "tombstone" {
			files = append(files, f)
		}
	}
	switch {
	case len(files) == 0:
		return "", ""
	case len(files) > 1:
		return "", sayPictureMany
	case files[0].Mode == "external":
		return "", sayPictureOut
	case !strings.HasPrefix(files[0].Type, "image/") || !fileID.MatchString(files[0].ID):
		return "", sayPictureKind
	}
	return files[0].ID, ""
}

// lost says whether a file of an earlier message is no more in this one.
func (s said) lost(before said) bool {
	return slices.ContainsFunc(before.Files, func(old attached) bool {
		return old.Mode != "tombstone" && !slices.ContainsFunc(s.Files, func(f attached) bool { return f.ID == old.ID && f.Mode != "tombstone" })
	})
}

// withPicture puts the picture into the preview. Slack may not take it there, and an
// answer that it does not take is an error to who submitted: so it is asked first, and
// then the preview says so and stands without.
func (d *Desk) withPicture(ctx context.Context, view api.ModalViewRequest, id, file string) api.ModalViewRequest {
	at := slices.IndexFunc(view.Blocks.BlockSet, func(b api.Block) bool { s, is := b.(*api.SectionBlock); return is && s.Text.Text == sayPicture })
	with := func(b api.Block) api.ModalViewRequest {
		v := view
		v.Blocks.BlockSet = slices.Insert(slices.Clone(view.Blocks.BlockSet), at+1, b)
		return v
	}
	shown := with(api.NewImageBlockSlackFile(&api.SlackFileObject{ID: file}, "送る写真", "", nil))
	if _, err := d.api.UpdateViewContext(ctx, shown, "", "", id); err != nil {
		d.log.Warn("a preview shows no picture", "reason", trouble(err).Error())
		return with(small(sayPictureHere))
	}
	return shown
}

// without takes the picture out of the preview.
func (d *Desk) without(in interaction) answer {
	var m memo
	if err := json.Unmarshal([]byte(in.View.PrivateMetadata), &m); err != nil || in.View.CallbackID != callbackConfirm {
		d.strange("without")
		return answer{}
	}
	m.File = ""
	return answer{after: func(ctx context.Context) {
		a := handoff.Action{City: d.o.City, Kind: m.Kind, Case: m.Case, By: in.User.ID, Text: m.Text, At: d.o.Clock()}
		k, err := d.o.Look(ctx, m.Case)
		if err == nil {
			_, err = d.api.UpdateViewContext(ctx, d.confirmed(k, a, m), "", "", in.View.ID)
		}
		if err != nil {
			d.log.Warn("a form could not be shown again", "reason", trouble(err).Error())
		}
	}}
}

// bytesText is a size as people say it.
func bytesText(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return itoa(int(n>>20)) + "MB"
	}
	return itoa(int(n>>10)) + "KB"
}
