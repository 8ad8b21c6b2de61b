package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// FreeAddress is an address of this machine where nobody listens yet, for a process
// that is to. It lies below the ports that the system gives out by itself: no
// connection that goes out can take it before its process does.
func FreeAddress() (string, error) {
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10_000+rand.IntN(20_000)))
		if err != nil {
			continue
		}
		return l.Addr().String(), l.Close()
	}
	return "", errors.New("no port is free")
}
