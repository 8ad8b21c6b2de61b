// Package bot is the loop between residents and staff: what a conversation
// remembers, how a message or a click changes it, and how that change is kept
// and carried out.
//
// Both sides enter by one door (Accept) and leave by one door (speak). Five
// rules hold; atomic claims, redelivery, timers, restarts and giving up follow
// from them.
//
//  1. A webhook is answered 200 only after its job is stored, or what came of it
//     when it could be thought at once. When the store is down the resident gets
//     one best-effort fixed reply (the crisis lines when the pure rules match,
//     else a request to send again), then 503.
//  2. A job either thinks (changes one conversation or case, may put jobs,
//     touches no network) or speaks (touches the network, changes nothing).
//     What came of speaking is put as a job that thinks.
//  3. Jobs of one lane run one at a time, oldest first. A job put with a future
//     due is a timer and blocks nobody; a retried job holds its lane for 60 s
//     at most, then it is given up by a think job. Slack being down never
//     delays LINE.
//  4. Commit is job done + what it changed + new jobs + facts counted: all or
//     nothing, and only for the holder of the job's lease. It erases the done
//     job's body and keeps its ID.
//  5. Staff never see a LINE user ID or profile; residents never see a staff
//     member's name unless the city chose so. The types have no field for it.
//     A conversation's ID is an HMAC of city and LINE user ID under a key that
//     is made once and never rotated.
//
// Where to read, in the order in which a message goes:
//
//   - in: event (what a resident does), bot (the doors Accept and Act), edited,
//     job (kinds, lanes, bodies), recent (a conversation at hand), worker;
//     fallback (the store is down)
//   - thinking about a resident: think (one turn), step (its routing), danger, crisis,
//     guide (the tree), ladder and second (words), smalltalk (thanks, greetings), listen (whose hand, a fever),
//     query (questions about the service), offer (offices), consent, casework (an open case), attach (pictures of theirs),
//     takeback (送信取消, ブロック), erase (forgetting)
//   - thinking about staff: staffwork, handon, pass (asking the resident first),
//     enclose (pictures to a resident), remind, drill, quota
//   - what came of it: show (the answer), sheet (the つなぐシート), copies (words in
//     the thread), path (counting), audit and saw, change (all of it as one Change)
//   - out: speak (to LINE, by way of messenger), speakdesk, companion, speakfile and
//     speakpicture (to and from Slack), seek (what stands there unknown); picture and phonepicture write pictures anew;
//     what came of speaking is a result, what was put off a timer
//   - asked from outside: desk (lists, previews), home, meter, trace
//   - kept: city (what a town decided), store (the contract) and storecheck,
//     conversation, seal, rekey, move
package bot
