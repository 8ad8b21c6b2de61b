package bot_test

import "testing"

func TestAGreetingOrThanksIsNeitherAMissNorOutOfScope(t *testing.T) {
	w := newWorld(t)
	w.says("r", "こんにちは")
	w.says("r", "やめる")
	got := w.says("r", "こんばんは。よろしくお願いします")
	has(t, got, "何のことですか")
	hasNot(t, got, "[again]", "[outofscope]", "[unclear]")
	has(t, w.says("r", "ありがとうございます"), "[thanks]", "何のことですか")
}

func TestWordsInOtherLettersAreAnsweredInEasyJapanese(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["easy.q.worry"] = "なにに こまって いますか"
	w := newWorld(t, town)
	has(t, w.says("r", "Please help me, I have a question"), "[easy.on]", "なにに こまって いますか")
	hasNot(t, w.says("r", "I really do not know"), "[easy.on]") // said once
	has(t, w.says("s", "OK"), "何のことですか")
}

func TestWordsWrittenBeforeTheChoiceGoWithTheNewWorry(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "close", k, outcome("informed"))
	w.now = w.now.AddDate(0, 0, 10)
	has(t, w.says("r", "毎日の介護で疲れたので、話を聞いてほしい"), "[resume]")
	w.taps("r", "べつの相談です")
	w.says("r", "職員に相談する")
	has(t, w.phone.since("r"), "[consent]", "[consent.words]")
}
