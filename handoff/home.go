package handoff

import "time"

// Home is what one member of staff sees when they open the program in the Desk:
// what waits, and for whom. It holds no words of residents.
type Home struct {
	At     time.Time
	Groups []HomeGroup
	Week   []Row // counts of the last seven days
}

// HomeGroup is one list. Lines may name people as <@U…>; N is how many there are
// in all.
type HomeGroup struct {
	Title string
	N     int
	Lines []string
}
