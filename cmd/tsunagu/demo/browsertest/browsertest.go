// Package browsertest looks at the demo's page in a headless Chromium: for the tests
// of the page itself and for those that play on it with the real program behind it.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long anything of the page may take on a busy machine.
const patience = time.Minute

// Tab is the tab of a browser of its own. Its methods fail the test.
type Tab struct {
	*testing.T
	ctx context.Context
}

// Open starts a browser that ends with the test. What the page throws fails it.
func Open(t *testing.T) *Tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("the demo is tested in Chromium, and none is installed: `make parts` installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("lang", "ja"), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	b := &Tab{t, ctx}
	b.Listen(func(ev any) {
		if ev, ok := ev.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception.Description)
		}
	})
	return b
}

// In is the same tab for a subtest.
func (b *Tab) In(t *testing.T) *Tab { return &Tab{t, b.ctx} }

// Listen hears what the browser reports.
func (b *Tab) Listen(hear func(event any)) {
	b.Helper()
	if err := chromedp.Listen(b.ctx, hear); err != nil {
		b.Fatal(err)
	}
}

// Visit shows the page of a demo in a window of that size.
func (b *Tab) Visit(url string, width, height int64) {
	b.Helper()
	b.Do(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	b.Until(`document.body.hasAttribute("data-ready")`)
}

// Do does what a visitor would do.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for _, a := range actions {
		if _, err := chromedp.Run(ctx, a); err != nil {
			b.failed("%v", err)
		}
	}
}

// Until waits for a condition of the page, looking at every frame.
func (b *Tab) Until(js string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	wait := `new Promise((ok) => { const look = () => (` + js + `) ? ok(true) : requestAnimationFrame(look); look(); })`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "-32000") {
			b.failed("the page never came to %s: %v", js, err)
		}
		// The page was loaded anew meanwhile: look again.
	}
}

// Says waits until a part of the page shows the words.
func (b *Tab) Says(selector, words string) {
	b.Helper()
	b.Until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((n) => n.checkVisibility() && n.textContent.includes(%q))`, selector, words))
}

// Is says whether a condition of the page holds now.
func (b *Tab) Is(js string) bool {
	b.Helper()
	return Eval[bool](b, js)
}

// Eval is what an expression of the page comes to.
func Eval[T any](b *Tab, js string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.Fatalf("%s: %v", js, err)
	}
	return got
}

// Shoot keeps a picture of the page where SHOTS says so.
func (b *Tab) Shoot(name string) { b.shoot(name, chromedp.CaptureScreenshot()) }

// ShootPart keeps a picture of the first such part of the page, in a window in which
// it has room.
func (b *Tab) ShootPart(name, selector string) {
	if os.Getenv("SHOTS") == "" {
		return
	}
	width, height := Eval[int64](b, "innerWidth"), Eval[int64](b, "innerHeight")
	b.Do(chromedp.EmulateViewport(width, 2*height))
	b.shoot(name, chromedp.Screenshot(chromedp.CSS(selector)))
	b.Do(chromedp.EmulateViewport(width, height))
}

func (b *Tab) shoot(name string, look chromedp.Action[[]byte]) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, look)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		b.Logf("no picture: %v", err)
	}
}

func (b *Tab) failed(format string, args ...any) {
	b.Helper()
	b.Shoot("failed-" + strings.ReplaceAll(b.Name(), "/", "-"))
	b.Fatalf(format, args...)
}
