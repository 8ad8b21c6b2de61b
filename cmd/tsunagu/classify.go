package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"unicode/utf8"

	"tsunagu/bot"
	"tsunagu/config"
	"tsunagu/triage"
)

// maxLine bounds one line of input.
const maxLine = 64 << 10

var classifyCommand = command{
	name: "classify", args: "--city DIR|NAME [--config F] <in.jsonl >out.jsonl",
	short: "メッセージを読んで、何の相談かを 1 行ずつ書く",
	long: `1 行に {"id","text"} を読み、{"id","field","fields","crisis","confidence","by"} を
書きます。読めない行には、その場所に {"line":7,"error":"…"} を書いて先へ進み、
終了コードが 1 になります。1 行は 64 KiB まで。何も残しません。
--config をつけると、市の決まりだけでは決まらず、危険のことばもないメッセージを、
個人情報をかくしてから、その設定の LLM に聞きます。LLM が決めたものは by が「llm」。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", cityUsage)
		file := fs.String("config", "", "設定ファイル（tsunagu.yaml）。その llm に聞く。書かなければ聞かない")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		city, err := loadCity(s, config.ReadBase(), *name)
		if err != nil {
			return err
		}
		read := func(_ context.Context, text string) triage.Reading { return city.Read(text) }
		if *file != "" {
			cfg, err := readConfig(s, *file)
			if err != nil {
				return err
			}
			if other := second(cfg.LLM, nil, bot.NewMeter(nil).Asked, nil); other != nil {
				read = withSecond(city.Read, city.Accept, other)
			}
		}
		return classify(ctx, s.in, s.out, read)
	},
}

// answer is one line of output.
type answer struct {
	ID         json.RawMessage `json:"id"`
	Field      string          `json:"field"`
	Fields     []string        `json:"fields"`
	Crisis     string          `json:"crisis"`
	Confidence float64         `json:"confidence"`
	By         string          `json:"by"`
}

// badLine stands in the place of a line that could not be read.
type badLine struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// withSecond asks for a second opinion where the reading is below accept and
// speaks of no danger; one that is sure replaces it, any other changes nothing.
func withSecond(read func(string) triage.Reading, accept float64, other triage.Classifier) reading {
	return func(ctx context.Context, text string) triage.Reading {
		r := read(text)
		if r.Confidence >= accept || r.Crisis != "" && r.Crisis != triage.None {
			return r
		}
		g, err := other.Classify(ctx, triage.MaskNames(text))
		if err != nil || g.Confidence < accept {
			return r
		}
		r.Field, r.Fields, r.Confidence, r.By = g.Field, g.Fields, g.Confidence, triage.ByLLM
		return r
	}
}

// reading understands one message.
type reading func(ctx context.Context, text string) triage.Reading

func classify(ctx context.Context, in io.Reader, out io.Writer, read reading) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	bad := false
	r := bufio.NewReaderSize(in, maxLine)
	for n := 1; ; n++ {
		line, long, err := readLine(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%d 行めで読めなくなりました", n)
		}
		if ctx.Err() != nil {
			return errors.Join(w.Flush(), ctx.Err())
		}
		if len(bytes.TrimSpace(line)) == 0 && !long {
			continue
		}
		a, fault := classifyLine(ctx, line, long, read)
		if fault != "" {
			bad = true
			err = enc.Encode(badLine{n, fault})
		} else {
			err = enc.Encode(a)
		}
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if bad {
		return failure(1)
	}
	return nil
}

// readLine reads up to maxLine; long is true when there was more, which is
// skipped.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	part, err := r.ReadSlice('\n')
	line = bytes.Clone(part)
	for errors.Is(err, bufio.ErrBufferFull) {
		long = true
		_, err = r.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) && (len(line) > 0 || long) {
		err = nil
	}
	return line, long, err
}

func classifyLine(ctx context.Context, line []byte, long bool, read reading) (a answer, fault string) {
	if long {
		return a, "行が 64 KiB より長いです"
	}
	if !utf8.Valid(line) {
		return a, "行が UTF-8 ではありません"
	}
	var in struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return a, "行が {\"id\": …, \"text\": …} の形ではありません"
	}
	if in.Text == nil {
		return a, "text がありません"
	}
	if bytes.ContainsRune([]byte(*in.Text), 0) {
		return a, "text に NUL があります"
	}
	if len(in.ID) == 0 {
		in.ID = json.RawMessage("null")
	}
	r := read(ctx, *in.Text)
	a = answer{ID: in.ID, Field: r.Field, Fields: r.Fields, Crisis: r.Crisis, Confidence: r.Confidence, By: r.By}
	if a.Fields == nil {
		a.Fields = []string{}
	}
	if a.Crisis == "" {
		a.Crisis = triage.None
	}
	return a, ""
}
