package main

import (
	"context"
	"flag"
	"fmt"

	"tsunagu/config"
)

var exportCommand = command{
	name: "export", args: "--city NAME DIR",
	short: "write a built-in city out for editing",
	long: `Writes the files of a built-in city into a new folder, ready to be edited and
used with --city ./DIR or, in tsunagu.yaml, city: ./DIR. A folder that holds
anything is refused.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", "a built-in city")
		if err := parse(fs, args, 1, 1); err != nil {
			return err
		}
		if *name == "" {
			return wrong("--city is missing")
		}
		if err := config.Export(*name, fs.Arg(0)); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s was written to %s. Look at it with: tsunagu check --city %s/\n", *name, fs.Arg(0), fs.Arg(0))
		return nil
	},
}
