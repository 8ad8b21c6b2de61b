// Package handoff is the staff's side without any Slack in it: a case from the
// resident's consent to its end, the つなぐシート that is shown for it, and what
// duty staff may do with it when.
//
// What always holds (case_test.go and the property tests say the same):
//
//   - A case has at most one owner, and only an open or claimed case can get one.
//   - Of several claims of one version exactly one wins; the others are told who
//     holds the case.
//   - Version counts changes of owner, state and field, nothing else.
//   - An owner loses a case only by their own click, by a reminder that asked them
//     first, or because the resident ended it; of the last two their thread tells
//     them by name. A helper is never an owner.
//   - A case has one reminder due at a time; an older one does nothing.
//   - A closed case has no owner's duty left, and its details are off the card.
//   - A closed case is not silent to its resident: new words open it again, or are
//     answered with the question whether they belong to it.
//   - Nothing reaches a resident that a member of staff did not send explicitly,
//     but the notices taken, closed and promise broken, once a case, and the
//     question whether others may read, when staff ask for it.
//
// It is pure: the moment is a parameter, IDs are drawn outside.
package handoff
