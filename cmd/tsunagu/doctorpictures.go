package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/line"
)

// pictures looks whether the outside reaches the door of pictures, where a city sends
// any: a proxy that does not pass it on shows residents nothing, and nobody hears.
// through is the way there; nil is the machine's own.
func (d *doctor) pictures(ctx context.Context, publicURL string, c citySettings, through http.RoundTripper) {
	if !c.City.Pictures.On() {
		return
	}
	d.about("写真 %s", c.City.ID)
	origin := bot.PictureOrigin(publicURL)
	if origin == "" {
		d.warn("送る欄は出ません。public_url に https の URLを書いてください")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	// No picture stands there; the program's own 404 says that it is the program.
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/picture/"+c.City.ID+"/"+strings.Repeat("a", 32), nil)
	if err != nil {
		d.fail("public_url が使えません")
		return
	}
	client := &http.Client{Transport: through, Timeout: 8 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		d.warn("ここからは %s/picture/ に届きません。外から開けるか、証明書と中継を見てください（中からは届かない庁内もあります）", origin)
		return
	}
	_ = res.Body.Close()
	if !line.IsPictures(res.Header) {
		d.fail("%s/picture/ が、つなぐに届きません（%d）。serve を起動しなおしたか、手前の中継に /picture/ があるかを見てください。このままでは、送った写真が住民に見えません", origin, res.StatusCode)
		return
	}
	d.ok("LINE が写真を取る URL（%s/picture/）に届きます", origin)
}
