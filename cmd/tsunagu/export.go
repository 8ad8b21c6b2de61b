package main

import (
	"context"
	"flag"
	"fmt"

	"tsunagu/config"
)

var exportCommand = command{
	name: "export", args: "--city NAME DIR",
	short: "組みこみの市を、直せるようにフォルダへ書き出す",
	long: `組みこみの市のファイルを、新しいフォルダに書き出します。直して、--city ./DIR か、
tsunagu.yaml の city: ./DIR で使います。何か入っているフォルダには書きません。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", "組みこみの市")
		if err := parse(fs, args, 1, 1); err != nil {
			return err
		}
		if *name == "" {
			return wrong("--city がありません")
		}
		if err := config.Export(*name, fs.Arg(0)); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s を %s に書き出しました。つぎは：tsunagu check --city %s/\n", *name, fs.Arg(0), fs.Arg(0))
		return nil
	},
}
