// Package linetest is a LINE Messaging API platform that speaks HTTP: for
// tests of whatever talks to LINE, and for a demonstration without an account.
//
// It stands on both sides of a bot. As an http.Handler it is api.line.me and
// api-data.line.me in one: it checks tokens, retry keys, quotas and every
// message object, and refuses what LINE's reference documents as refused
// (https://developers.line.biz/en/reference/messaging-api/). As the platform
// behind the residents' phones it signs and sends webhooks: a Resident
// follows, writes, taps, unsends and blocks, and what the resident then sees is
// read with Chat and Buttons.
//
// Limits are counted as LINE counts them: message text in UTF-16 code units,
// labels and spoken texts of actions in grapheme clusters. Where the reference
// names no unit, the stricter of the two is used, so that what passes here is
// not refused there. Faults are named by their full path in dotted form
// (messages[0].quickReply.items[3].action.label).
//
// The package writes no log, and its error texts carry no word of a message.
package linetest
