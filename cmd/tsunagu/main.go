// Command tsunagu is the front door for people who do not know where to turn: a
// LINE bot that leads them to the right office and, with their consent, hands
// them on to the town's duty staff in Slack.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one subcommand. Its run gets a flag set that is not parsed yet.
type command struct {
	name  string
	args  string
	short string
	long  string
	run   func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error
}

// commands in the order in which people meet them.
func commands() []command {
	return []command{demoCommand, serveCommand, checkCommand, tryCommand, classifyCommand, evalCommand, diffCommand, graphCommand, rehearseCommand, exportCommand,
		reportCommand, auditCommand, doctorCommand, drillCommand, forgetCommand, backupCommand, moveCommand, rekeyCommand}
}

// failure ends the program with a code and without a further word: the command
// has said what is wrong.
type failure int

func (f failure) Error() string { return fmt.Sprintf("exit %d", int(f)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:]))
}

// run is main without the process: 0 done, 1 failed, 2 called wrongly.
func run(ctx context.Context, s streams, args []string) int {
	if len(args) == 0 {
		usage(s.err)
		return 2
	}
	name := args[0]
	switch name {
	case "help", "-h", "--help", "-help":
		if len(args) > 1 {
			return run(ctx, s, []string{args[1], "--help"})
		}
		usage(s.out)
		return 0
	case "version", "--version":
		fmt.Fprintln(s.out, version())
		return 0
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(s.err, "tsunagu：命令「%s」はありません%s\n", name, suggest(name, all))
		return 2
	}
	c := all[i]
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	err := c.run(ctx, s, fs, args[1:])
	var code failure
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		help(s.out, c, fs)
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, new(*usageError)):
		fmt.Fprintf(s.err, "tsunagu %s: %v\n\n", name, err)
		help(s.err, c, fs)
		return 2
	}
	switch {
	case errors.Is(err, sqlitestore.ErrLocked):
		err = fmt.Errorf("保存先は、動いている serve が使っています。先に止めてください（%w）", err)
	case errors.Is(err, redisstore.ErrNotReady):
		err = fmt.Errorf("保存先の Redis は動いていますが、まだ準備の途中です。しばらくしてから、もう一度どうぞ（%w）", err)
	case errors.Is(err, redisstore.ErrNoAnswer):
		err = fmt.Errorf("保存先の Redis が答えません。動いているか、設定の場所が合っているかを見てください（%w）", err)
	}
	fmt.Fprintf(s.err, "tsunagu %s: %v\n", name, err)
	return 1
}

// usageError is a call that cannot be understood.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func wrong(format string, a ...any) error { return &usageError{fmt.Sprintf(format, a...)} }

// parse reads the flags and bounds the number of other arguments.
func parse(fs *flag.FlagSet, args []string, least, most int) error {
	// Flags may follow the arguments, as people write them.
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return wrong("%s", flagFault(err))
		}
		if fs.NArg() == 0 {
			break
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
	if len(rest) < least {
		return wrong("書くものが足りません")
	}
	if len(rest) > most {
		return wrong("「%s」が余っています", rest[most])
	}
	return fs.Parse(append([]string{"--"}, rest...))
}

// flagFault says in Japanese what the flag package found wrong, where it can.
func flagFault(err error) string {
	if name, is := strings.CutPrefix(err.Error(), "flag provided but not defined: "); is {
		return "-" + name + " はありません"
	}
	if name, is := strings.CutPrefix(err.Error(), "flag needs an argument: "); is {
		return "-" + name + " のうしろに、値が要ります"
	}
	return err.Error()
}

func usage(w io.Writer) {
	fmt.Fprint(w, "tsunagu（つなぐ）：どこに相談すればよいか分からない人の入口\n\n使い方：tsunagu 命令 [--…]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nくわしくは：tsunagu help 命令　　はじめての方は：tsunagu demo\n")
}

func help(w io.Writer, c command, fs *flag.FlagSet) {
	fmt.Fprintf(w, "使い方：tsunagu %s %s\n\n%s\n", c.name, c.args, c.long)
	some := false
	fs.VisitAll(func(f *flag.Flag) {
		if !some {
			fmt.Fprintln(w)
			some = true
		}
		def := ""
		if f.DefValue != "" && f.DefValue != "false" {
			def = "（書かなければ " + f.DefValue + "）"
		}
		fmt.Fprintf(w, "  --%-10s %s%s\n", f.Name, f.Usage, def)
	})
}

// suggest names the command that was probably meant.
func suggest(name string, all []command) string {
	for _, c := range all {
		if len(name) > 1 && (strings.HasPrefix(c.name, name) || strings.HasPrefix(name, c.name)) {
			return fmt.Sprintf("（もしかして「%s」ですか）", c.name)
		}
	}
	return "。tsunagu help で一覧が出ます"
}
