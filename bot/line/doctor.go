package line

import (
	"context"
	"errors"
	"fmt"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"tsunagu/bot"
)

// ErrAway is what asking says when LINE cannot be reached at all.
var ErrAway = errors.New("LINE cannot be reached")

// Info is what LINE knows of the account.
type Info struct {
	Name, BasicID string
	// Chat says that people can answer in LINE's own manager beside the bot.
	Chat bool
}

// Info asks LINE about the account: also the test that the token is good.
func (m *Messenger) Info(ctx context.Context) (Info, error) {
	r, err := ask(ctx, m, func(c *api.MessagingApiAPI) (*api.BotInfoResponse, error) { return c.GetBotInfo() })
	if err != nil {
		return Info{}, err
	}
	return Info{Name: r.DisplayName, BasicID: r.BasicId, Chat: r.ChatMode == api.BotInfoResponseCHAT_MODE_CHAT}, nil
}

// Quota asks for the month's limit and use.
func (m *Messenger) Quota(ctx context.Context) (bot.Allowance, error) {
	limit, err := ask(ctx, m, func(c *api.MessagingApiAPI) (*api.MessageQuotaResponse, error) { return c.GetMessageQuota() })
	if err != nil {
		return bot.Allowance{}, err
	}
	used, err := ask(ctx, m, func(c *api.MessagingApiAPI) (*api.QuotaConsumptionResponse, error) {
		return c.GetMessageQuotaConsumption()
	})
	if err != nil {
		return bot.Allowance{}, err
	}
	return bot.Allowance{Limited: limit.Type == api.QuotaType_LIMITED, Limit: limit.Value, Used: used.TotalUsage}, nil
}

// Endpoint is where LINE sends webhooks, and whether it does.
type Endpoint struct {
	URL    string
	Active bool
}

// WebhookEndpoint asks where LINE sends webhooks.
func (m *Messenger) WebhookEndpoint(ctx context.Context) (Endpoint, error) {
	r, err := ask(ctx, m, func(c *api.MessagingApiAPI) (*api.GetWebhookEndpointResponse, error) { return c.GetWebhookEndpoint() })
	if err != nil {
		return Endpoint{}, err
	}
	return Endpoint{URL: r.Endpoint, Active: r.Active}, nil
}

// Trial is what came of a webhook without events.
type Trial struct {
	OK             bool
	Status         int // what the webhook answered, 0 or less: nothing
	Reason, Detail string
}

// TestWebhook lets LINE send a webhook without events to where it sends
// webhooks; LINE allows 60 an hour.
func (m *Messenger) TestWebhook(ctx context.Context) (Trial, error) {
	r, err := ask(ctx, m, func(c *api.MessagingApiAPI) (*api.TestWebhookEndpointResponse, error) {
		return c.TestWebhookEndpoint(&api.TestWebhookEndpointRequest{})
	})
	if err != nil {
		return Trial{}, err
	}
	return Trial{OK: r.Success, Status: int(r.StatusCode), Reason: cut(r.Reason, 200), Detail: cut(r.Detail, 200)}, nil
}

// ask does one call that reads; its errors name the status and the request and
// nothing of the answer.
func ask[T any](ctx context.Context, m *Messenger, do func(*api.MessagingApiAPI) (*T, error)) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	var got *T
	x := m.call(ctx, func(c *api.MessagingApiAPI) { got, _ = do(c) })
	switch {
	case x.status == 0:
		return nil, ErrAway
	case x.status/100 != 2:
		return nil, fmt.Errorf("LINE answered %d (request %s)", x.status, x.failed("").Request)
	case got == nil:
		return nil, fmt.Errorf("LINE's answer cannot be read (status %d, request %s)", x.status, x.failed("").Request)
	}
	return got, nil
}
