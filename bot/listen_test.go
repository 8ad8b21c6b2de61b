package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func TestAnOwnHandIsToldFromAnothers(t *testing.T) {
	for _, own := range []string{
		"妻を殴ってしまいました", "嫁に手をあげてしまった。やめたいのにやめられない", "カッとなって彼女を殴った", "妻に暴力をふるってしまいます",
		"私は夫を叩いてしまいます", "夫婦げんかで妻を突き飛ばしてけがをさせた", "酔って妻を蹴りました", "妻が逃げました。私が殴ったからです",
		"母に手をあげそうになります", "母が夜中に何度も起きるので、叩いてしまいました", "嫁が言うことを聞かないので殴ってしまった", "疲れて母を叩いてしまいました",
		"また手が出そうで怖い", "俺が殴ったんだ", "お母さんを叩いてしまいました", "つい母親を叩いてしまいました",
	} {
		if !bot.OwnHand(own) {
			t.Errorf("%q is the writer's own hand", own)
		}
	}
	for _, other := range []string{
		"夫に殴られた", "夫が殴ってくる", "彼氏が私を殴ってしまうんです", "父が母を殴ってしまった", "夫に殴る蹴るの暴力を受けています", "隣の人が奥さんを殴っている",
		"となりの家で母親を叩く音がします", "夫が酔うと手をあげる", "夫に殴られたので私が殴ったことにされた", "夫が息子に手をあげそうで怖い", "息子が私に手をあげる",
		"介護で疲れてしまいました", "妻を手伝ってしまいます", "夫に首を絞められた", "彼に叩かれてしまう", "私が何か言うと夫が殴ってくる", "私は夫が殴るのが怖いです", "私は夫が暴力をふるうので逃げたい",
		"わたしも子どもも父が殴る", "自分は父が叩いてくる", "夫は私が口答えすると殴ります", "私が帰りが遅いと殴ってくる", "キレると殴っちゃう彼氏が怖い", "お酒を飲むと手が出てしまう夫から逃げたい", "つい叩いてしまう父さんがこわい", "旦那すぐ手が出そうになる", "旦那、酔うと殴りそうで怖い", "彼氏酔うと殴りそうで怖い", "お父さんまた叩いちゃいそう",
	} {
		if bot.OwnHand(other) {
			t.Errorf("%q is not the writer's hand", other)
		}
	}
}

func TestAFeverAloneIsNoAmbulance(t *testing.T) {
	for _, fever := range []string{"子どもが39度の熱です", "娘が高熱39度です", "子どもの熱が下がりません。39度です", "２歳、熱が38.5度あります", "赤ちゃんが39℃の熱でどうしたらいいですか", "my baby has a fever 39", "息子が39度です。熱が出ています", "3歳の子が38.5℃"} {
		if !bot.Feverish(fever) {
			t.Errorf("%q is a fever and no more", fever)
		}
	}
	for _, more := range []string{"子どもが39度の熱でぐったりしています", "息子が40度の熱でけいれんしている", "生後2か月で38度の熱", "熱が39度あって動けない", "娘が39度で息が苦しそう", "3ヶ月の赤ちゃんが38.5度の熱です", "1カ月の娘が熱を出しました", "母の様子がおかしいです。39度の熱", "85歳の父が39度の熱", "娘が39度の熱でうわごとを言う", "子どもが熱中症みたい", "子どもが学校に行けません"} {
		if bot.Feverish(more) {
			t.Errorf("%q is more than a fever, or none", more)
		}
	}
}

// Who hit somebody is not given the numbers for whom it hit, and has who listens before
// them when they write on.
func TestWhoRaisedAHandHasOtherNumbers(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "きのう妻に殴られました"), "[crisis.violence]\n", "警察")
	hasNot(t, w.phone.since("r"), "[crisis.violence.own]")
	has(t, w.says("r", "妻を殴ってしまいました"), "[crisis.violence.own]\n", "・総合窓口 0190-00-0001", "よりそいホットライン", "119", "窓口 総合窓口")
	has(t, w.says("r", "もうしません"), "[crisis.after] よりそいホットライン　0120-279-338")
	has(t, w.says("r", "また妻を殴ってしまいました"), "[crisis.again] よりそいホットライン　0120-279-338")
	has(t, w.says("r", "妻に殴られました"), "[crisis.violence]\n")
	has(t, w.says("q", "妻を殴ってしまいました"), "[crisis.violence.own]\n")
	hasNot(t, w.says("q", "妻の親に殴られています"), "[crisis.violence.own]", "よりそいホットライン　0120-279-338\n24時間・無料・いま つながります 警察")
}

func TestADoctorAtNightIsAskedFor(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("a", "小児科の夜間はどこですか"), "[fever]")
	hasNot(t, w.says("b", "夜に父が病院から帰りたがります"), "[fever]")
}

func TestAFeverHasItsOwnAnswer(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("a", "子どもが39度の熱です"), "[fever]", "何のことですか")
	w.consults("a")
	has(t, w.says("a", "子どもの熱が39度から下がりません"), "[fever]")
	has(t, w.says("b", "救急の、子どもが39度の熱です"), "[crisis.medical_emergency.fever]\n", "119")
	hasNot(t, w.says("c", "救急の、子どもがぐったり。39度の熱です"), ".fever]")
}

// Words that are no answer are more of the story where the worry is known: nobody who
// says もう限界です is told that it could not be read.
func TestMoreOfTheStoryIsHeard(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護で疲れた")
	w.says("r", "これで全部")
	has(t, w.says("r", "もう限界です"), "[heard]", "だれのことですか", "1 自分")
	hasNot(t, w.phone.since("r"), "[again]")
	has(t, w.phone.labels("r"), "職員に相談する")
	has(t, w.says("q", "ふわふわ"), "何のことですか")
	has(t, w.says("q", "ふわふわ"), "[again]")
}

func TestTheConsentHearsWhoseItIsAndWhatIsHeldBack(t *testing.T) {
	w := newWorld(t)
	w.says("r", "借金のことです")
	w.says("r", "父も病気です")
	w.says("r", "職員に相談する")
	has(t, w.says("r", "父の話は送らないで"), "[consent.part]", "[consent.which]")
	has(t, w.says("r", "殴った話は送らないで"), "[consent.part]") // only a rule finds danger there
	hasNot(t, w.says("r", "わしのことだ"), "同意しますか")          // not all once more
	w.says("r", "はい")
	has(t, w.says("r", "わしのことだ"), "[consented]")
	for _, c := range w.desk.cards {
		hasNot(t, strings.Join(c.card.Words, "/"), "送らないで")
	}
}

func TestWhoIsFoundIsFound(t *testing.T) {
	w := newWorld(t)
	w.says("r", "母がいなくなってしまって")
	has(t, w.says("r", "見つかりました"), "[found]")
	hasNot(t, w.says("q", "見つかりました"), "[found]")
}

func TestASecretIsAnsweredInDangerToo(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "殴られた。言わないで"), "[crisis.violence]\n[crisis.secret]\n")
}

// The list of what can be done stands below the offices once; after that the question alone.
func TestTheOfferIsAskedInFullOnce(t *testing.T) {
	w := newWorld(t)
	w.says("r", "借金のことです")
	for range 3 {
		w.taps("r", "分からない")
	}
	has(t, w.phone.since("r"), "[offer]")
	got := w.says("r", "むずかしいです")
	has(t, got, "[offer.words]", "[offer.again]", "1 職員に相談する")
	hasNot(t, got, "[offer]")
}

// What was gathered about whom it is may be put right in a word, at a later question and
// below the offices.
func TestWhomItIsAboutIsPutRight(t *testing.T) {
	w := newWorld(t)
	for _, u := range []string{"r", "q"} {
		w.says(u, "借金のことです")
		has(t, w.says(u, "父の介護で疲れた"), "何歳くらいですか")
	}
	has(t, w.says("r", "自分です"), "[read] 自分", "何歳くらいですか")
	w.taps("r", "65歳から")
	w.taps("r", "北")
	k := w.consults("r")
	if k.Sheet.Standing != "本人" {
		t.Errorf("standing %q", k.Sheet.Standing)
	}
	w.taps("q", "65歳から")
	w.taps("q", "北")
	has(t, w.says("q", "自分のことです"), "[read] 自分", "[offer.again]")
	hasNot(t, w.says("q", "自分のことです"), "[read]")
}

func TestWhoIsMissingInDangerIsLookedForByThePoliceFirst(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "救急の、母がいなくなって"), "[crisis.medical_emergency.missing]\n")
	hasNot(t, w.phone.since("r"), "[query.missing]")
	has(t, w.says("r", "どうしよう"), "[crisis.after] 警察　110")
	has(t, w.says("r", "救急の、倒れていた"), "[crisis.medical_emergency]\n")
}

func TestAFeverThatGrowsWorseIsAnAmbulance(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "救急の、子どもが39度の熱です"), "[crisis.medical_emergency.fever]\n")
	has(t, w.says("r", "救急の、ぐったりしてきた"), "[crisis.medical_emergency]\n")
}

// The first words are heard, and what was said of sending is not said again and again.
func TestWordsAreHeardBrieflyFromTheSecondTimeOn(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "ふわふわ"), "[unclear]", "何のことですか")
	w.says("r", "借金のことです")
	for range 3 {
		w.taps("r", "分からない")
	}
	has(t, w.says("r", "むずかしいです"), "[offer.words]")
	has(t, w.says("r", "むずかしいです"), "[listening.again]", "[offer.again]")
}

// Who goes on writing to a case after danger is not left in silence until staff write.
func TestNoSilenceAfterDangerInACase(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	has(t, w.says("r", "死にたい。薬をたくさん飲みました"), "[crisis.suicide.acted]\n")
	for range 2 {
		has(t, w.says("r", "ねむい"), "[crisis.after.case] 救急・消防　119", "いまは職員が読む時間です")
	}
	w.clicks("USTAFFa", handoff.Claim, k)
	w.clicks("USTAFFa", handoff.Reply, k, text("電話できますか"))
	if got := w.says("r", "はい"); strings.Contains(got, "crisis.after") {
		t.Errorf("a machine talks between two people: %s", got)
	}
}

// Whoever hides from somebody who came back has nothing more on the screen, in a case too.
func TestNothingMoreOnTheScreenOfWhoHides(t *testing.T) {
	town := smallTown("komachi")
	town.Texts["query.hide"] = "[query.hide]"
	w := newWorld(t, town)
	w.consults("r")
	has(t, w.says("r", "夫に殴られています"), "[crisis.violence]\n")
	got := w.says("r", "夫が帰ってきた")
	has(t, got, "[query.hide]")
	hasNot(t, got, "110", "[crisis.after.case]")
}

// Harm that is done already is an ambulance's, whatever was told before.
func TestHarmDoneIsAnAmbulance(t *testing.T) {
	w := newWorld(t)
	has(t, w.says("r", "死にたい"), "[crisis.suicide]\n")
	has(t, w.says("r", "死にたい。薬をたくさん飲みました"), "[crisis.suicide.acted]\n・救急・消防　119")
	has(t, w.says("r", "ねむい"), "[crisis.after] 救急・消防　119")
	has(t, w.says("r", "死にたい"), "[crisis.again] 救急・消防　119")
	has(t, w.says("q", "死にたいので手首を切った"), "[crisis.suicide.acted]\n")
	for i, thought := range []string{"死にたくて薬を飲みたい", "死にたい。薬を何錠飲んだら死ねますか", "死にたい。手首を切ったら死ねますか", "死にたい。薬を全部飲んでしまいたい", "死にたい。前に手首を切ったことがあります"} {
		hasNot(t, w.says(fmt.Sprint("p", i), thought), ".acted]")
	}
	has(t, w.says("o", "死にたいので薬を全部飲んでしまいました"), "[crisis.suicide.acted]\n・救急・消防　119", "よりそいホットライン")
	has(t, w.says("o", "もう寝ます"), "[crisis.after] 救急・消防　119")
}

func TestAnAgeIsHeardAmongAFewWords(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護で疲れた")
	w.says("r", "これで全部")
	w.says("r", "家族")
	has(t, w.says("r", "母は81"), "どこに住んでいますか")
}
