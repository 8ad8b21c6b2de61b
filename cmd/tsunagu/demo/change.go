package demo

import (
	"context"
	"net/http"
	"time"
)

type (
	choosing struct {
		City string `json:"city"`
	}
	moving struct {
		To string `json:"to"` // see goal
	}
	switching struct {
		Name string `json:"name"`
		On   bool   `json:"on"`
	}
)

func (d *Demo) worldRoutes(mux *http.ServeMux) {
	post(d, mux, "/api/world/city", func(ctx context.Context, in choosing) (string, error) {
		return "", d.exchange("自治体を切り替えています", func() error {
			offset := time.Duration(0)
			if w := d.now(); w != nil {
				offset = w.offset()
			}
			return d.show(ctx, in.City, offset, false)
		})
	})
	post(d, mux, "/api/world/fresh", func(ctx context.Context, _ nothing) (string, error) {
		return "", d.exchange("はじめからやり直しています", func() error {
			w := d.now()
			return d.show(ctx, w.city.ID, w.offset(), true)
		})
	})
	post(d, mux, "/api/world/restart", func(ctx context.Context, _ nothing) (string, error) {
		return "プログラムを止めて、もう一度起動しました。相談はそのまま残っています。",
			d.exchange("プログラムを再起動しています", func() error {
				w := d.now()
				return w.restart(ctx, d.o.Start, w.offset())
			})
	})
	post(d, mux, "/api/world/drill", act(d, func(ctx context.Context, w *world, _ nothing) (string, error) {
		if w.program == nil || w.program.Drill == nil {
			return "", sorry("いまは訓練のカードを出せません。")
		}
		if err := w.program.Drill(ctx); err != nil {
			return "", sorry("訓練のカードを出せませんでした。")
		}
		return "訓練のカードを #soudan-default に出します。「確認」を押すと、通り道がぜんぶ動いていることが分かります。", nil
	}))
	post(d, mux, "/api/world/clock", func(ctx context.Context, in moving) (string, error) {
		return "", d.exchange("時計を動かしています", func() error { return d.move(ctx, in.To) })
	})
	post(d, mux, "/api/world/switch", act(d, func(_ context.Context, w *world, in switching) (string, error) {
		defer d.tell(func() {})
		return "", w.turnSwitch(in.Name, in.On)
	}))
}

// move moves the city's clock. Forward the program goes on in the new time; back
// in time nothing that happened could have happened, so a fresh world begins.
func (d *Demo) move(ctx context.Context, to string) error {
	w, machine := d.now(), time.Now()
	target, err := goal(w.time(machine), machine, to)
	if err != nil {
		return err
	}
	offset := target.Sub(machine)
	if offset < w.offset() {
		if err := d.show(ctx, w.city.ID, offset, true); err != nil {
			return err
		}
		d.say("時計をもどしたので、相談ははじめからになりました。")
		return nil
	}
	return w.restart(ctx, d.o.Start, offset)
}

func (w *world) offset() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock.last()
}
