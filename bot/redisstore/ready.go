package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/go-redis/redis/v8"
)

// Errors of Open that time may mend.
var (
	// ErrNotReady: a server is there and says that it cannot serve yet. It still loads
	// its data (LOADING), has no master to follow (MASTERDOWN), or its cluster is not
	// complete (CLUSTERDOWN), or the slot of what all towns share is on its way.
	ErrNotReady = errors.New("the server is not ready yet")
	// ErrNoAnswer: nobody listens at the address, or nobody who listens answers.
	ErrNoAnswer = errors.New("the server does not answer")
)

// ready looks whether each server that holds a city can serve it.
func (s *Store) ready(ctx context.Context) error {
	return s.each(ctx, s.cities, func(c redis.UniversalClient, cities []string) error {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, city := range cities {
				p.Exists(ctx, prefix(city)+"due")
			}
			return nil
		})
		if moving(err) {
			return nil // one town has to wait; the others need not
		}
		return err
	})
}

// lasting adds to an error of Open whether it may pass by itself.
func lasting(err error) error {
	var timeout net.Error
	switch text := err.Error(); {
	case answered(err) && (hasCode(err, "LOADING") || hasCode(err, "MASTERDOWN") || hasCode(err, "CLUSTERDOWN")), errors.Is(err, errNoSlots), errors.Is(err, ErrMoving):
		return fmt.Errorf("%w: %w", ErrNotReady, err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.As(err, &timeout) && timeout.Timeout(), strings.HasSuffix(text, "sentinels specified in configuration are unreachable"):
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return err
}

// hasCode says whether an error of the server begins with a word such as LOADING.
func hasCode(err error, code string) bool {
	said, is := errors.AsType[redis.Error](err)
	return is && strings.HasPrefix(said.Error(), code+" ")
}
