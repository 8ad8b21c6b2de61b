package bot_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// sendsMedia lets a resident send a picture or file.
func (w *world) sendsMedia(user, media string, data []byte) (id, heard string) {
	w.t.Helper()
	e := w.event(user, bot.Other)
	e.Media, e.Message = media, "p"+e.ID
	if data != nil {
		w.phone.pictures[e.Message] = data
	}
	w.accept(e)
	return e.Message, w.phone.since(user)
}

func (w *world) takesBack(user, id string) {
	w.t.Helper()
	e := w.event(user, bot.Unsend)
	e.Message = id
	w.accept(e)
}

func (p *phone) Fetch(_ context.Context, message string, max int64) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched = append(p.fetched, message)
	data, has := p.pictures[message]
	switch {
	case p.fetching != nil:
		return nil, p.fetching
	case !has:
		return nil, &bot.SendError{Trouble: bot.Gone, Status: 410}
	case int64(len(data)) > max:
		return nil, &bot.SendError{Trouble: bot.TooBig, Status: 200}
	}
	return data, nil
}

// shownFile is a file in a thread.
type shownFile struct {
	id   string
	at   handoff.Spot
	file handoff.File
	gone bool
	// below is how many posts stood when it came.
	below int
}

func (d *desk) File(_ context.Context, at handoff.Spot, f handoff.File) (handoff.Spot, error) {
	if showing := d.showing; showing != nil {
		d.showing = nil
		showing()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, f.Stem, f.Ext}); err != nil {
		return handoff.Spot{}, err
	}
	s := &shownFile{id: fmt.Sprint("F", len(d.files)+1), at: at, file: f, below: len(d.order)}
	d.files = append(d.files, s)
	if _, err := d.answer(at); err != nil {
		return handoff.Spot{}, err
	}
	return handoff.Spot{File: s.id}, nil
}

func (d *desk) Fetch(_ context.Context, id string, max int64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fetched++
	data, has := d.chosen[id]
	switch {
	case d.away:
		return nil, &handoff.DeskError{Reason: "away"}
	case !has:
		return nil, &handoff.DeskError{Reason: handoff.FileGone, Final: true}
	case int64(len(data)) > max:
		return nil, &handoff.DeskError{Reason: handoff.FileBig, Final: true}
	}
	return data, nil
}

func (d *desk) FindFile(_ context.Context, at handoff.Spot, stem string, _ time.Time) (handoff.Spot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(at); err != nil {
		return handoff.Spot{}, err
	}
	for _, f := range d.files {
		if f.at == at && f.file.Stem == stem && !f.gone {
			return handoff.Spot{File: f.id}, nil
		}
	}
	return handoff.Spot{}, nil
}

// shown are the names of the files that stand now.
func (d *desk) shown() string {
	var out []string
	for _, f := range d.files {
		if !f.gone {
			out = append(out, f.at.Channel+" "+f.file.Stem+"."+f.file.Ext)
		}
	}
	return strings.Join(out, "\n")
}
