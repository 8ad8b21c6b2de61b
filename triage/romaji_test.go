package triage

import "testing"

// TestRomaji: letters left unconverted read as the kana that was meant; words in
// Latin letters stay.
func TestRomaji(t *testing.T) {
	for text, want := range map[string]string{
		"わたsiは":     "わたしは",
		"にんちshょう":   "にんちしょう",
		"おかねnaい":    "おかねない",
		"せいsinの":    "せいしんの",
		"しゃkkいん":    "しゃkkいん",
		"ばんごu":      "ばんごう",
		"ryうがく":     "ryうがく",
		"kyう":       "kyう",
		"shaかい":     "しゃかい",
		"LINEで相談":   "lineで相談",
		"AIですか":     "aiですか",
		"DVのことで":    "dvのことで",
		"B型に":       "b型に",
		"SNSで":      "snsで",
		"need help": "need help",
		"Aさんの":      "aさんの",
	} {
		if got := string(plain(text)); got != want {
			t.Errorf("plain(%q) = %q, want %q", text, got, want)
		}
	}
	if got := string(appendPlain([]rune("abc"), "わたsi")); got != "abcわたし" {
		t.Errorf("behind other text: %q", got)
	}
}
