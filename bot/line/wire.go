package line

import "encoding/json"

// The messages as LINE's reference has them. The library's own types encode
// every level by itself and look at it again on each level above, which costs a
// reply more than all that was thought about it; these are encoded in one go.

type replyRequest struct {
	ReplyToken string     `json:"replyToken"`
	Messages   []*message `json:"messages"`
}

type pushRequest struct {
	To       string     `json:"to"`
	Messages []*message `json:"messages"`
	Quiet    bool       `json:"notificationDisabled"`
}

// message is a text, Flex or image message.
type message struct {
	Type       string      `json:"type"`
	Text       string      `json:"text,omitempty"`
	Original   string      `json:"originalContentUrl,omitempty"`
	Preview    string      `json:"previewImageUrl,omitempty"`
	AltText    string      `json:"altText,omitempty"`
	Contents   any         `json:"contents,omitempty"` // *bubble or *carousel
	QuickReply *quickReply `json:"quickReply,omitempty"`
}

type quickReply struct {
	Items []quickItem `json:"items"`
}

type quickItem struct {
	Type   string  `json:"type"`
	Action *action `json:"action"`
}

// action is a postback or opens an address.
type action struct {
	Type        string `json:"type"`
	Label       string `json:"label"`
	Data        string `json:"data,omitempty"`
	DisplayText string `json:"displayText,omitempty"`
	URI         string `json:"uri,omitempty"`
}

type carousel struct {
	Type     string    `json:"type"`
	Contents []*bubble `json:"contents"`
}

// bubble is one card.
type bubble struct {
	Type   string `json:"type"`
	Size   string `json:"size"`
	Body   *box   `json:"body"`
	Footer *box   `json:"footer,omitempty"`
}

// box stacks its parts.
type box struct {
	Type     string `json:"type"`
	Layout   string `json:"layout"`
	Contents []part `json:"contents"`
	Spacing  string `json:"spacing"`
	Flex     int    `json:"flex"`
}

// part is a text or a button.
type part struct {
	Type    string  `json:"type"`
	Text    string  `json:"text,omitempty"`
	Size    string  `json:"size,omitempty"`
	Weight  string  `json:"weight,omitempty"`
	Color   string  `json:"color,omitempty"`
	Wrap    bool    `json:"wrap,omitempty"`
	Action  *action `json:"action,omitempty"`
	Style   string  `json:"style,omitempty"`
	Height  string  `json:"height,omitempty"`
	Scaling bool    `json:"scaling"` // with the size chosen in the app
	Flex    int     `json:"flex"`
}

// fits says whether the card's JSON has at most size bytes.
func fits(c *bubble, size int) bool {
	if most := 500 + c.Body.most() + c.Footer.most(); most <= size {
		return true
	}
	b, err := json.Marshal(c)
	return err == nil && len(b) <= size
}

// most is how long the JSON of a box can be: six bytes for one at the worst.
func (b *box) most() (n int) {
	if b == nil {
		return 0
	}
	for _, p := range b.Contents {
		n += 300 + 6*len(p.Text)
		if p.Action != nil {
			n += 6 * (len(p.Action.Label) + len(p.Action.URI))
		}
	}
	return n
}
