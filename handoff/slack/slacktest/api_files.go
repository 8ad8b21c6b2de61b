package slacktest

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// File is a file as Slack stores it. A value is a copy.
type File struct {
	ID, Name, Title string
	User            string // who chose it, "" = the app
	Bytes           []byte
	Deleted         bool

	length int    // as it was announced
	path   string // where its bytes go
	got    bool
	shared bool
}

const (
	uploadPath = "/upload/v1/"
	maxUpload  = 50 << 20 // bytes; far below Slack's
)

// getUploadURL announces a file; nobody sees it yet.
func (s *Server) getUploadURL(a args) (reply, error) {
	length, err := strconv.Atoi(a.str("length"))
	switch {
	case a.str("filename") == "" || err != nil || length <= 0:
		return nil, refuse("invalid_arguments")
	case length > maxUpload:
		return nil, refuse("file_upload_size_restricted")
	}
	f := &File{ID: s.id("F"), Name: a.str("filename"), Title: a.str("filename"), length: length}
	f.path = uploadPath + s.id("UP")
	s.files[f.ID] = f
	return reply{"upload_url": strings.TrimSuffix(s.opt.URL, "/") + f.path, "file_id": f.ID}, nil
}

// serveUpload takes the bytes, raw or as the field of a form that has the file.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	if fault := s.faultFor("upload"); fault.spoils() {
		fault.answer(s, w, r)
		return
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxUpload+(1<<20))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		parts, err := r.MultipartReader()
		if err != nil {
			http.Error(w, "bad form", http.StatusBadRequest)
			return
		}
		body = nil
		for part, err := parts.NextPart(); err == nil; part, err = parts.NextPart() {
			if part.FileName() != "" {
				body = part
				break
			}
		}
	}
	if body == nil || r.Method != http.MethodPost {
		http.Error(w, "no file", http.StatusBadRequest)
		return
	}
	data, err := io.ReadAll(body)
	status := http.StatusNotFound
	s.set(func() {
		for _, f := range s.files {
			if f.path != r.URL.Path || f.got {
				continue
			}
			if status = http.StatusBadRequest; err == nil && len(data) == f.length {
				f.Bytes, f.got, status = data, true, http.StatusOK
			}
		}
	})
	if status == http.StatusOK {
		_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
		return
	}
	http.Error(w, "upload failed", status)
}

// completeUpload shares files in a message of the bot's.
func (s *Server) completeUpload(a args) (reply, error) {
	v, ok := a.value("files")
	named := list(v)
	if !ok || len(named) == 0 {
		return nil, refuse("invalid_arguments")
	}
	var files []*File
	for _, one := range named {
		f := s.files[text(object(one)["id"])]
		if f == nil || !f.got || f.Deleted || f.shared {
			return nil, refuse("file_not_found")
		}
		if title := text(object(one)["title"]); title != "" {
			f.Title = title
		}
		files = append(files, f)
	}
	out := []any{}
	for _, f := range files {
		out = append(out, reply{"id": f.ID, "title": f.Title})
	}
	if a.str("channel_id") == "" {
		return reply{"files": out}, nil
	}
	c, err := s.writable(a.str("channel_id"), "is_archived")
	if err != nil {
		return nil, err
	}
	if err := c.thread(a.str("thread_ts")); err != nil {
		return nil, err
	}
	m := s.newMessage(a, c.ID, draft{text: a.str("initial_comment")})
	for _, f := range files {
		f.shared = true
		m.Files = append(m.Files, *f)
	}
	c.messages = append(c.messages, m)
	s.echo(c, s.messageEvent(c, m))
	return reply{"files": out}, nil
}

// deleteFile takes a file out of every message; one that has nothing else goes.
func (s *Server) deleteFile(a args) (reply, error) {
	f := s.files[a.str("file")]
	switch {
	case f == nil || !f.got:
		return nil, refuse("file_not_found")
	case f.Deleted:
		return nil, refuse("file_deleted")
	}
	f.Deleted, f.Name, f.Title, f.Bytes = true, "", "", nil
	for _, c := range s.channels {
		for _, m := range slices.Clone(c.messages) {
			m.Files = slices.Clone(m.Files)
			gone := false
			for i := range m.Files {
				if m.Files[i].ID == f.ID {
					m.Files[i], gone = *f, true
				}
			}
			if gone && m.Text == "" && !slices.ContainsFunc(m.Files, func(o File) bool { return !o.Deleted }) {
				s.echo(c, s.removeEvent(c, m))
			}
		}
	}
	return nil, nil
}

// Files are all files whose bytes came and that were not deleted, in the order of
// their IDs.
func (s *Server) Files() []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []File
	for _, f := range sorted(s.files) {
		if f.got && !f.Deleted {
			out = append(out, *f)
		}
	}
	return out
}
