package bot

import (
	"context"
	"errors"
	"strings"
)

// Rekeyed says how far Rekey is.
type Rekeyed struct {
	Sealed  int // sealed anew with the first key
	Looked  int // sealed bodies of the last round
	Unknown int // of those, sealed with a key that is not ours, and left alone
	Broken  int // of those, not to be opened with the key they name, and left alone
	Old     int // of those, still sealed with a later key
}

// rekeyRounds bounds the walks: what changes during one is looked at in the next.
const rekeyRounds = 5

// Rekey seals every body in the store with the first key, also while others
// write: a body that changed meanwhile is left as it is and looked at again. Old
// is not zero at the end when somebody goes on sealing with a later key. tell
// hears of the progress; nil is allowed.
func Rekey(ctx context.Context, s Store, k *Keys, tell func(Rekeyed)) (Rekeyed, error) {
	if tell == nil {
		tell = func(Rekeyed) {}
	}
	naming, err := namingKey(ctx, s, k)
	if err != nil && !errors.Is(err, ErrUnknownKey) {
		return Rekeyed{}, err
	}
	r := Rekeyed{}
	for range rekeyRounds {
		r = Rekeyed{Sealed: r.Sealed}
		err := walk(ctx, s, func(page Page) error {
			for _, v := range page.Kept {
				if strings.HasPrefix(v.Name, namingName) && len(v.Value) > 0 {
					if err := r.one(ctx, s, k, v.Name, v.Value, naming); err != nil {
						return err
					}
				}
			}
			for _, rec := range page.Records {
				if err := r.one(ctx, s, k, rec.ID, rec.Body, nil); err != nil {
					return err
				}
			}
			for _, j := range page.Jobs {
				if err := r.one(ctx, s, k, j.ID, j.Body, nil); err != nil {
					return err
				}
			}
			tell(r)
			return ctx.Err()
		})
		if err != nil || r.Old == 0 {
			return r, err
		}
	}
	return r, nil
}

// one seals one body anew; known is its content where that does not need to be
// opened.
func (r *Rekeyed) one(ctx context.Context, s Store, k *Keys, id string, body, known []byte) error {
	r.Looked++
	if k.current(body) {
		return nil
	}
	plain, err := known, error(nil)
	if len(plain) == 0 {
		plain, err = k.openBytes(id, body)
	}
	switch {
	case errors.Is(err, ErrUnknownKey):
		r.Unknown++
		return nil
	case err != nil:
		r.Broken++
		return nil
	}
	swapped, err := s.Swap(ctx, id, body, k.sealBytes(id, plain))
	if err != nil {
		return err
	}
	if swapped {
		r.Sealed++
	}
	r.Old++ // until the next round has found nothing
	return nil
}

// TryKeys says whether the keys open the naming key that a store keeps, without
// which no bot starts; nil when it keeps none yet.
func TryKeys(ctx context.Context, s Dumper, k *Keys) error {
	page, _, err := s.Dump(ctx, "", 100)
	if err != nil {
		return err
	}
	var first error
	for _, v := range page.Kept {
		if !strings.HasPrefix(v.Name, namingName) || len(v.Value) == 0 {
			continue
		}
		_, err := k.openBytes(v.Name, v.Value)
		if err == nil {
			return nil
		}
		first = errors.Join(first, err)
	}
	return first
}

// walk gives f every page of the store.
func walk(ctx context.Context, s Dumper, f func(Page) error) error {
	for after := ""; ; {
		page, next, err := s.Dump(ctx, after, 100)
		if err != nil {
			return err
		}
		if err := f(page); err != nil {
			return err
		}
		if after = next; after == "" {
			return nil
		}
	}
}
