package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"tsunagu/bot/transcript"
	"tsunagu/config"
)

var checkCommand = command{
	name: "check", args: "--config tsunagu.yaml | --city DIR|NAME",
	short: "設定と市のファイルのまちがいを、場所つきで全部出す",
	long: `設定か、市のフォルダを読み、まちがいを「ファイル:行:列」つきで一度に全部出します。
「注意」も出ます。サービスを始められないまちがいがあれば、終了コードは 1 です。
台本は、演じられない行だけを知らせます。いまの返事と同じかは rehearse で見ます。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "", "設定ファイル（tsunagu.yaml）")
		name := fs.String("city", "", cityUsage)
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		if (*file == "") == (*name == "") {
			return wrong("--config か --city の、どちらか一方を書きます")
		}
		now, base := time.Now(), config.ReadBase()
		var faults []config.Fault
		if *name != "" {
			fmt.Fprintln(s.out, config.Where(*name))
			faults = checked(base, *name, now)
		} else {
			var c *config.Config
			c, faults = base.Load(*file)
			if c != nil {
				for _, city := range c.Cities {
					fmt.Fprintln(s.out, config.Where(city.Source))
					faults = append(faults, checked(base, city.Source, now)...)
				}
			}
		}
		fmt.Fprint(s.out, config.Report(faults))
		if config.Failed(faults) {
			return failure(1)
		}
		warnings := len(faults)
		switch warnings {
		case 0:
			fmt.Fprintln(s.out, "まちがいはありません")
		default:
			fmt.Fprintf(s.out, "まちがいはありません。公開の前に見るところが %d 件あります\n", warnings)
		}
		return nil
	},
}

// checked is what there is to say of a city and, once it can be read, of its plays.
func checked(base *config.Base, name string, now time.Time) []config.Fault {
	faults := base.Check(name, now)
	city, bad := base.City(name)
	if len(bad) > 0 {
		return faults
	}
	plays, err := config.Plays(name)
	if err != nil {
		return append(faults, config.Fault{File: name, Text: "台本（conversations）を読めません", Warning: true})
	}
	for _, p := range plays {
		for _, f := range transcript.Check(p.Name, p.Text, city) {
			faults = append(faults, config.Fault{File: f.File, Line: f.Line, Col: 1, Text: f.Text, Warning: true})
		}
	}
	return faults
}
