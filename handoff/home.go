package handoff

import "time"

// Home is what one member of staff sees when they open the program in the Desk:
// what waits, and for whom. It holds no words of residents.
type Home struct {
	At time.Time
	// Field is the one that the lists are about, "" = all.
	Field string
	// Delay says that posts wait, "" = none do.
	Delay  string
	Groups []HomeGroup
	Week   []Row // counts of the last seven days, of all fields
}

// HomeGroup is one list. Lines may name people as <@U…>; N is how many there are
// in all. None stands there when there are none.
type HomeGroup struct {
	Title string
	N     int
	Lines []string
	None  string
}
