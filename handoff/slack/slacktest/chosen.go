package slacktest

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	filePath = "/files-pri/"
	// maxChosen is the largest file of a file_input, in bytes.
	maxChosen = 10 << 20
)

// Choose has a person pick a file of theirs, for a form's file_input or for
// MessageWith; it returns the file's ID. Nobody else sees it yet.
func (s *Server) Choose(user, name string, data []byte) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.actor(user); err != nil {
		return "", err
	}
	f := &File{ID: s.id("F"), Name: name, Title: name, User: user, Bytes: slices.Clone(data), length: len(data), got: true}
	s.files[f.ID] = f
	return f.ID, nil
}

// MessageWith has a member write in a thread with files; see Message.
func (s *Server) MessageWith(ctx context.Context, user, channelID, words, parentTS string, files []string, how ...How) (Message, Answer, error) {
	s.mu.Lock()
	m, c, err := s.say(user, channelID, words, parentTS)
	for _, id := range files {
		if f := s.files[id]; f != nil && f.User == user {
			m.Files = append(m.Files, *f)
		} else if err == nil {
			err = impossible("%s has no file %s", user, id)
		}
	}
	if err != nil {
		s.mu.Unlock()
		return Message{}, Answer{}, err
	}
	if words == "" {
		m.Text, m.Blocks = "", nil
	}
	event, shown := s.messageEvent(c, m), s.copyOf(m)
	event["subtype"] = "file_share"
	heard, shared := s.hears(c), c.ExtShared
	s.notify()
	s.mu.Unlock()
	if !heard {
		return shown, Answer{}, ErrNotDelivered
	}
	a, err := s.event(ctx, event, shared, bent(how))
	return shown, a, err
}

// DropFile has the author take a file out of a message, which stays.
func (s *Server) DropFile(ctx context.Context, user, channelID, ts string, how ...How) (Answer, error) {
	return s.change(ctx, user, channelID, ts, how, func(c *channel, m *Message) map[string]any {
		before := *m
		m.Files = slices.Clone(m.Files)
		for i := range m.Files {
			f := s.files[m.Files[i].ID]
			f.Deleted, f.Name, f.Title, f.Bytes = true, "", "", nil
			m.Files[i] = *f
		}
		return s.changedEvent(c, m, &before)
	})
}

// fileInfo says what is known of a file.
func (s *Server) fileInfo(a args) (reply, error) {
	f := s.files[a.str("file")]
	switch {
	case f == nil || !f.got:
		return nil, refuse("file_not_found")
	case f.Deleted:
		return nil, refuse("file_deleted")
	}
	return reply{"file": s.fileJSON(*f), "comments": []any{}}, nil
}

// serveFile gives a file's bytes to who has the token; anybody else gets the page on
// which people log in, with 200, as Slack does.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	if fault := s.faultFor("download"); fault.spoils() {
		fault.answer(s, w, r)
		return
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, filePath), "/")
	s.mu.Lock()
	allowed := r.Header.Get("Authorization") == "Bearer "+s.opt.BotToken && s.hasScope("files:read")
	f := s.files[id]
	var data []byte
	if f != nil && f.got && !f.Deleted {
		data = slices.Clone(f.Bytes)
	}
	kind := ""
	if f != nil {
		kind = typeOf(f.Name)
	}
	s.mu.Unlock()
	switch {
	case !allowed:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Slack</title>"))
	case data == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(data)
	}
}

// typeOf is what Slack says a file is: it goes by the name.
func typeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".gif":
		return "image/gif"
	case ".pdf":
		return "application/pdf"
	}
	return "application/octet-stream"
}

func (s *Server) fileJSON(f File) reply {
	if f.Deleted {
		return reply{"id": f.ID, "mode": "tombstone"}
	}
	at := strings.TrimSuffix(s.opt.URL, "/") + filePath + f.ID + "/" + "file" + path.Ext(f.Name)
	return reply{"id": f.ID, "mode": "hosted", "name": f.Name, "title": f.Title, "size": len(f.Bytes), "user": f.User,
		"mimetype": typeOf(f.Name), "filetype": strings.TrimPrefix(path.Ext(f.Name), "."), "is_external": false,
		"url_private": at, "url_private_download": at + "?download=1"}
}

func (s *Server) filesJSON(files []File) []any {
	out := []any{}
	for _, f := range files {
		out = append(out, s.fileJSON(f))
	}
	return out
}

// pickFiles is the state of a file_input: for now the IDs, as the person chose them.
func pickFiles(el map[string]any, chosen []string) (map[string]any, error) {
	if most := args(el).num("max_files", 10, 10); len(chosen) > most {
		return nil, impossible("the input takes %d files", most)
	}
	ids := []any{}
	for _, id := range chosen {
		ids = append(ids, id)
	}
	return map[string]any{"files": ids}, nil
}

// describe puts what Slack says of the files in place of the IDs of a state, or says
// which the client would not have let anybody choose.
func (s *Server) describe(blocks []any, state map[string]any, user string) error {
	for _, b := range blocks {
		el := object(object(b)["element"])
		if text(el["type"]) != "file_input" {
			continue
		}
		one := object(object(state[text(object(b)["block_id"])])[text(el["action_id"])])
		files := list(one["files"])
		for i, id := range files {
			f := s.files[text(id)]
			switch types := list(el["filetypes"]); {
			case f == nil || f.User != user || f.Deleted:
				return impossible("%s has no file %q", user, text(id))
			case len(f.Bytes) > maxChosen:
				return impossible("a file of %s bytes", strconv.Itoa(len(f.Bytes)))
			case len(types) > 0 && !slices.ContainsFunc(types, func(t any) bool { return strings.EqualFold("."+text(t), path.Ext(f.Name)) }):
				return impossible("a file of the type %q", path.Ext(f.Name))
			}
			files[i] = s.fileJSON(*f)
		}
	}
	return nil
}

// images are the faults of a view's or message's pictures: Slack shows only files that
// are there and that it takes for pictures.
func (s *Server) images(raw map[string]any) (faults []string) {
	for i, b := range list(raw["blocks"]) {
		shown := object(object(b)["slack_file"])
		if shown == nil {
			continue
		}
		f := s.files[text(shown["id"])]
		if f == nil || !f.got || f.Deleted || !strings.HasPrefix(typeOf(f.Name), "image/") {
			faults = append(faults, "[ERROR] invalid slack file [json-pointer:/view/blocks/"+strconv.Itoa(i)+"/slack_file]")
		}
	}
	return faults
}
