// Package slacktest is a Slack that speaks HTTP and Socket Mode, for tests and
// for the demo page. It keeps a workspace in memory, answers the Web API an app
// calls, refuses what Slack refuses, and acts as the people in the workspace:
// they click, submit, write, edit and delete, and the app receives signed
// requests or Socket Mode envelopes.
//
// Where Slack's behaviour is not known the stricter reading is taken, so that
// an app which passes here is on the safe side there:
//   - lengths are counted in UTF-16 units;
//   - an option's value may have 75 units, not 150;
//   - a bare @here counts as a ping unless parse is "none" or the text object is verbatim;
//   - the top-level text's mentions count as pings even beside blocks;
//   - a reply needs a parent that exists and is not itself a reply.
//
// Of files it knows those that an app uploads into a thread and those that people
// choose in a form or put into a message.
//
// Not modelled: direct messages, reactions, scheduled messages, edit windows,
// Enterprise Grid, what a person had typed into a modal before it was updated,
// and block types other than header, section, context, actions, input, divider,
// image, markdown and rich_text, which are refused.
//
// Nothing is ever logged. A Server is safe for concurrent use.
package slacktest
