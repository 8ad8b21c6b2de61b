// Command load measures how fast tsunagu serves residents, beside a bare echo
// that does nothing but verify, parse and reply with the same LINE library.
//
//	load -tsunagu ./tsunagu [-time 4s] [-rounds 3] [-residents 64] [-stored 1000,100000]
//
// It starts the real program with SQLite on a disk, again with Redis
// (appendfsync always) where a redis-server is installed, and the echo, each as
// a process of its own, on this machine's loopback only. Residents with think
// time zero write signed webhooks: each waits for its answer and then writes or
// taps the next. The same residents knock at each of the three in turn, round
// after round, so that what else the machine does falls on all of them. It
// ends by itself; exit 1 when an acknowledged message stayed without an answer
// or a call failed.
//
// The machine's cores are shared with the residents, and with everybody else;
// processor time per thousand messages says more than messages per second.
package main
