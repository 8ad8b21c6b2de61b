// Package line joins the bot to LINE: Webhook turns what LINE reports into
// events, Messenger draws bubbles as LINE messages and sends them.
//
// No log line and no error of this package holds a word of a message, a user
// ID, a token or a secret.
package line
