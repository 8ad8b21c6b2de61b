package bot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
)

// ErrNotEmpty: the store that was to be filled holds something.
var ErrNotEmpty = errors.New("the store is not empty")

// Dumper is the part of a Store that can be read whole.
type Dumper interface {
	Dump(ctx context.Context, after string, limit int) (page Page, next string, err error)
}

// Holdings count what a store holds. Two stores hold the same if theirs are
// equal, and as good as never otherwise.
type Holdings struct {
	Kept, Records, Jobs, Done, Facts int
	Sum                              [sha256.Size]byte // of all of it, in the order of Dump
}

// Things is how many there are in all.
func (h Holdings) Things() int { return h.Kept + h.Records + h.Jobs + h.Done + h.Facts }

func (h *Holdings) add(sum hash.Hash, p Page) {
	h.Kept, h.Records, h.Jobs = h.Kept+len(p.Kept), h.Records+len(p.Records), h.Jobs+len(p.Jobs)
	h.Done, h.Facts = h.Done+len(p.Done), h.Facts+len(p.Facts)
	// Printed, nothing and an empty list are one, as they are for a store.
	for _, v := range p.Kept {
		fmt.Fprintf(sum, "%+v\n", v)
	}
	for _, v := range p.Records {
		fmt.Fprintf(sum, "%+v\n", v)
	}
	for _, v := range p.Jobs {
		fmt.Fprintf(sum, "%+v\n", v)
	}
	for _, v := range p.Done {
		fmt.Fprintf(sum, "%+v\n", v)
	}
	for _, v := range p.Facts {
		fmt.Fprintf(sum, "%+v\n", v)
	}
	sum.Sum(h.Sum[:0])
}

// Holds walks all that a store holds of its cities.
func Holds(ctx context.Context, s Dumper) (Holdings, error) {
	var h Holdings
	sum := sha256.New()
	err := walk(ctx, s, func(p Page) error { h.add(sum, p); return nil })
	return h, err
}

// Move writes all that one store holds of its cities into an empty other one,
// reads that again and compares. Nobody may write to either meanwhile. The first
// store stays as it is. tell hears of the progress; nil is allowed.
func Move(ctx context.Context, from, to Store, tell func(Holdings)) (Holdings, error) {
	if tell == nil {
		tell = func(Holdings) {}
	}
	before, err := Holds(ctx, to)
	if err != nil {
		return Holdings{}, fmt.Errorf("the new store: %w", err)
	}
	if before.Things() > 0 {
		return Holdings{}, ErrNotEmpty
	}
	var moved Holdings
	sum := sha256.New()
	err = walk(ctx, from, func(p Page) error {
		if err := to.Fill(ctx, p); err != nil {
			return fmt.Errorf("the new store: %w", err)
		}
		moved.add(sum, p)
		tell(moved)
		return nil
	})
	if err != nil {
		return moved, err
	}
	after, err := Holds(ctx, to)
	if err == nil && after != moved {
		err = errors.New("the new store does not hold the same; somebody wrote meanwhile")
	}
	return moved, err
}
