package bot

import (
	"time"

	"tsunagu/handoff"
	"tsunagu/triage"
)

// Kinds of jobs.
const (
	kindThink   = "think"
	kindSay     = "say"
	kindLeave   = "leave"
	kindCard    = "card"
	kindPost    = "post"
	kindWhisper = "whisper"
	kindErase   = "erase"
	kindAlarm   = "alarm"
	kindAsk     = "ask"
	kindQuota   = "quota"
	kindFile    = "file"
	kindPicture = "picture"
	kindSeek    = "seek"
)

// Kinds are all kinds of jobs.
var Kinds = []string{kindThink, kindSay, kindLeave, kindCard, kindPost, kindWhisper, kindErase, kindAlarm, kindAsk, kindQuota, kindFile, kindPicture, kindSeek}

// Lanes of a conversation.
const (
	laneThink   = "/think"
	laneLine    = "/line"
	laneCard    = "/card"
	laneCopy    = "/copy" // companions
	laneThread  = "/thread"
	laneFile    = "/file"    // a slow picture delays no word
	lanePicture = "/picture" // nor one that staff chose
	laneLLM     = "/llm"
	laneWhisper = "/whisper" // whoever clicked waits for no post
)

// thought is the body of a job that thinks: exactly one of its parts is set.
type thought struct {
	Conv   string          `json:"v,omitempty"`
	Case   string          `json:"c,omitempty"`
	Event  *Event          `json:"e,omitempty"`
	Action *handoff.Action `json:"a,omitempty"`
	Timer  *timer          `json:"t,omitempty"`
	Result *result         `json:"r,omitempty"`
	// Forget deletes all that is kept of the resident.
	Forget bool `json:"f,omitempty"`
	// OnItsWay: of what is forgotten something may be on its way to Slack.
	OnItsWay bool `json:"o,omitempty"`
	// Deed is only written down: a city's own, of no conversation.
	Deed *Deed `json:"w,omitempty"`
	// Drill is a step of a drill: it belongs to no conversation.
	Drill *drillStep `json:"d,omitempty"`
	// Quota is what is known of a city's month: it belongs to no conversation.
	Quota *quotaStep `json:"q,omitempty"`
}

// result is what came of speaking.
type result struct {
	What  resultKind     `json:"w"`
	Spot  handoff.Spot   `json:"s"`
	Key   string         `json:"k,omitempty"`
	Mark  string         `json:"m,omitempty"`
	Arg   string         `json:"a,omitempty"` // of what was fetched: the name of its address
	Came  cameOf         `json:"f,omitempty"`
	Sent  []string       `json:"n,omitempty"` // staff messages
	Say   *Speech        `json:"y,omitempty"`
	Post  *post          `json:"p,omitempty"`
	Round int            `json:"o,omitempty"`
	Spots []handoff.Spot `json:"sp,omitempty"`
	// Seek is what was looked for, or is to be looked for later.
	Seek  *handoff.Search  `json:"se,omitempty"`
	Point *handoff.Pointer `json:"t,omitempty"`
	Since time.Time        `json:"i"`
	// Full and Small are a picture for the resident's phone.
	Full  []byte `json:"fu,omitempty"`
	Small []byte `json:"sm,omitempty"`
	// Guess is what the second opinion said to Inquiry, nil when it failed.
	Inquiry *inquiry      `json:"q,omitempty"`
	Guess   *triage.Guess `json:"g,omitempty"`
}

type resultKind string

const (
	resCarded   resultKind = "carded"   // the card stands at Spot
	resUncarded resultKind = "uncarded" // the card could not be posted for a while
	resPosted   resultKind = "posted"   // the post Key stands at Spot
	resUnposted resultKind = "unposted"
	resSaid     resultKind = "said"   // LINE took Sent
	resUnsaid   resultKind = "unsaid" // Say was not taken; Mark says why
	resUnerased resultKind = "unerased"
	resGuessed  resultKind = "guessed"
	resCopied   resultKind = "copied"   // the companion of Key stands at Spot
	resUncopied resultKind = "uncopied" // it could not be posted for a while
	resUnpoint  resultKind = "unpoint"  // Point could not be drawn for a while
	resBoarded  resultKind = "boarded"  // a notice that goes with the case stands at Spot
	resSought   resultKind = "sought"   // at Spots stands what Seek looked for
	resUnsought resultKind = "unsought" // Seek could not be looked for for a while
	resFiled    resultKind = "filed"    // of the picture or file Key came Came
	resFetched  resultKind = "fetched"  // of the picture that staff sent with Key came Came
)

// utterance is the body of a job that speaks.
type utterance struct {
	Conv    string          `json:"v,omitempty"`
	Case    string          `json:"c,omitempty"`
	Say     *Speech         `json:"y,omitempty"`
	Post    *post           `json:"p,omitempty"`
	Whisper *whisper        `json:"h,omitempty"`
	Erase   *handoff.Spot   `json:"e,omitempty"`
	Seek    *handoff.Search `json:"se,omitempty"`
	Inquiry *inquiry        `json:"q,omitempty"`
	File    string          `json:"f,omitempty"` // a message's ID
	Room    string          `json:"o,omitempty"`
	Group   bool            `json:"g,omitempty"`
	// New is true for the job that may post a card: the others only edit. Round is
	// the card's number, Copy the field of a companion, Point a place to mark.
	New   bool             `json:"n,omitempty"`
	Drill string           `json:"dr,omitempty"` // of a drill's card or alarm
	Quota *quotaStep       `json:"qu,omitempty"` // what staff are told of the month
	Round int              `json:"d,omitempty"`
	Copy  string           `json:"cp,omitempty"`
	Point *handoff.Pointer `json:"t,omitempty"`
	// Again is true for a job that repeats an earlier one that was given up.
	Again bool      `json:"x,omitempty"`
	Since time.Time `json:"i"`
}

// whole says whether the part that a kind speaks from is there.
func (u *utterance) whole(kind string) bool {
	switch kind {
	case kindSay:
		return u.Say != nil
	case kindPost:
		return u.Post != nil
	case kindWhisper:
		return u.Whisper != nil
	case kindErase:
		return u.Erase != nil
	case kindAsk:
		return u.Inquiry != nil
	case kindSeek:
		return u.Seek != nil
	case kindFile, kindPicture:
		return u.File != ""
	}
	return true
}
