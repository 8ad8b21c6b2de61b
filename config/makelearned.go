//go:build ignore

// Makelearned writes cities/_base/learned.bin anew: what the base's examples teach.
// From the top of the repository: make learn
package main

import (
	"fmt"
	"log"
	"os"

	"tsunagu/config"
)

func main() {
	const file = "config/cities/_base/learned.bin"
	data := config.ReadBase().Learned()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d bytes\n", file, len(data))
}
