// Package slack is the staff's side over Slack: it draws cards and posts
// (handoff.Desk), and turns what staff click, submit and type into
// handoff.Actions.
//
// What it holds to:
//
//   - A resident's words stand only in rich_text text elements, each message in a
//     block of its own inside a quote bar: no markup, no link, no ping comes of
//     them. They are never in fallback text, metadata, a button's value or a log.
//   - A message that may have been stored is looked for before it is posted again.
//     Nothing is retried in here: a *handoff.DeskError says what to do.
//   - At most one chat.postMessage a second and channel; new cards go first, then
//     what claims change, then words.
//   - Whoever acts is checked anew at every click and every submission: of this
//     workspace, no guest, no bot, not in a channel shared with others, and on
//     duty. What is refused is answered to them alone.
//   - A request counts only by its signed body, within five minutes, and is
//     acknowledged after what it asks for is stored, within 2.5 seconds.
//   - Of files only the picture is fetched that somebody chose in the form or used the
//     shortcut on, from Slack's own address, where the city sends pictures.
//   - What staff say to each other in threads is dropped at the door.
package slack
