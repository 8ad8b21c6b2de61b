package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// Unreachable is the reason of a call that never left: no name, no way, no
// certificate.
const Unreachable = "unreachable"

// errNoTS is an answer that says neither yes nor no.
var errNoTS = errors.New("an answer without ts")

// final are the codes that repeating does not mend.
var final = map[string]bool{
	"channel_not_found": true, "not_in_channel": true, "is_archived": true, "is_inactive": true, "channel_is_limited_access": true,
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"missing_scope": true, "no_permission": true, "not_allowed_token_type": true, "restricted_action": true, "ekm_access_denied": true,
	"invalid_blocks": true, "invalid_blocks_format": true, "msg_too_long": true, "msg_blocks_too_long": true, "no_text": true,
	"invalid_arguments": true, "invalid_metadata_format": true, "invalid_metadata_schema": true, "metadata_too_large": true, "too_many_attachments": true,
	"message_not_found": true, "thread_not_found": true, "cannot_reply_to_message": true, "cant_update_message": true, "cant_delete_message": true,
	"edit_window_closed": true, "block_mismatch": true, "user_not_in_channel": true, "user_not_found": true, "unknown_method": true,
	"file_uploads_disabled": true, "file_upload_size_restricted": true, "invalid_channel": true, "cant_delete_file": true, codeElsewhere: true,
}

// doubtful are the codes with which Slack may have done what it was asked.
var doubtful = map[string]bool{
	"internal_error": true, "fatal_error": true, "request_timeout": true, "service_unavailable": true, "duplicate_message_not_found": true,
}

// softPause is the wait when Slack says "too fast" and not for how long.
const softPause = 3 * time.Second

// trouble says what an error of a call means; nil for nil. The reason is Slack's
// own code or ours: an error's text may hold an address, a token or words.
func trouble(err error) error {
	if err == nil {
		return nil
	}
	if de, is := errors.AsType[*handoff.DeskError](err); is {
		return de
	}
	if limited, is := errors.AsType[*api.RateLimitedError](err); is {
		return &handoff.DeskError{Reason: "ratelimited", After: min(max(limited.RetryAfter, time.Second), time.Hour)}
	}
	if said, is := errors.AsType[api.SlackErrorResponse](err); is {
		if said.Err == "ratelimited" || said.Err == "rate_limited" {
			return &handoff.DeskError{Reason: "ratelimited", After: softPause}
		}
		return &handoff.DeskError{Reason: code(said.Err), Final: final[said.Err], Doubtful: doubtful[said.Err]}
	}
	if status, is := errors.AsType[api.StatusCodeError](err); is {
		if status.Code == http.StatusTooManyRequests {
			return &handoff.DeskError{Reason: "ratelimited", After: softPause}
		}
		return &handoff.DeskError{Reason: fmt.Sprintf("http_%d", status.Code), Doubtful: status.Code >= 500}
	}
	if op, is := errors.AsType[*net.OpError](err); is && op.Op == "dial" {
		return &handoff.DeskError{Reason: Unreachable} // nothing was sent
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &handoff.DeskError{Reason: "timeout", Doubtful: true}
	case errors.Is(err, errNoTS):
		return &handoff.DeskError{Reason: "empty_answer", Doubtful: true}
	}
	return &handoff.DeskError{Reason: "no_answer", Doubtful: true}
}

var codeShape = regexp.MustCompile(`^[a-z0-9_.]{1,60}$`)

// code is a word of Slack's that may stand in a log.
func code(s string) string {
	if codeShape.MatchString(s) {
		return s
	}
	return "unnamed"
}

// codeOf is Slack's code of an error, "" when it has none.
func codeOf(err error) string {
	if said, is := errors.AsType[api.SlackErrorResponse](err); is {
		return code(said.Err)
	}
	return ""
}
