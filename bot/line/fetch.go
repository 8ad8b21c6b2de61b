package line

import (
	"context"
	"io"
	"net/http"

	"tsunagu/bot"
)

// Fetch gets the content of a message from LINE's other origin: at most max bytes,
// whatever the answer says of its length. No redirect is followed. 202 is Busy: LINE
// still prepares it.
func (m *Messenger) Fetch(ctx context.Context, message string, max int64) ([]byte, error) {
	if !plainID.MatchString(message) {
		return nil, &bot.SendError{Trouble: bot.Refused}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.data+"/v2/bot/message/"+message+"/content", nil)
	if err != nil {
		return nil, &bot.SendError{Trouble: bot.Refused}
	}
	r.Header.Set("Authorization", "Bearer "+m.token)
	res, err := m.transport.RoundTrip(r)
	if err != nil {
		return nil, &bot.SendError{Trouble: bot.Busy}
	}
	defer res.Body.Close()
	x := &exchange{status: res.StatusCode, header: res.Header}
	switch {
	case x.status == http.StatusOK:
	case x.status == http.StatusNotFound, x.status == http.StatusGone:
		return nil, x.failed(bot.Gone)
	case x.status == http.StatusAccepted, x.status == http.StatusTooManyRequests, x.status == http.StatusRequestTimeout, x.status >= 500:
		return nil, x.failed(bot.Busy)
	default:
		return nil, x.failed(bot.Refused)
	}
	if res.ContentLength > max {
		return nil, x.failed(bot.TooBig)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	switch {
	case int64(len(data)) > max:
		return nil, x.failed(bot.TooBig)
	case err != nil:
		return nil, x.failed(bot.Busy) // cut off on the way
	}
	return data, nil
}
