package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tsunagu/triage"
)

// What is heard here changes how something is said, never whether it is danger: that is
// triage's. Texts are folded (triage.Fold) before they are matched.
var (
	blow     = `(殴|なぐ|叩|たたい|たたき|はたい|蹴|けっ|突き飛ば|突きとば|つきとば|手をあげ|手を上げ|手があが|手が出|てがで|暴力を(ふる|振)|首をし|首を絞)`
	aBlow    = regexp.MustCompile(blow)
	kin      = `(妻|嫁|家内|女房|奥さん|かみさん|彼女|夫|旦那|だんな|主人|彼氏|恋人|相手|母|父|親|祖母|祖父|義母|義父|おばあちゃん|おじいちゃん|ばあちゃん|じいちゃん)`
	ownWords = regexp.MustCompile(`(私|わたし|俺|おれ|僕|ぼく|自分|わし)(が|は|も).*` + blow)
	// slipped is a hand that could not be held back.
	slipped = regexp.MustCompile(blow + `.{0,6}(てしま|でしま|ちゃ|じゃっ|ちま|じま|そう)`)
	onKin   = regexp.MustCompile(kin + `(を.{0,8}(殴|なぐ|叩|たた|蹴|突き|つきとば)|に.{0,6}(手を|暴力を(ふる|振)))`)
	// suffered is a blow that was got, or that somebody else gave, or that was witnessed.
	suffered  = regexp.MustCompile(blow + `.{0,4}(られ|かれ|され|われ)|` + blow + `.{0,3}て(くる|きま|きた|きて|くれ)|暴力を(う|受)け|音が|音も|見ました|見た|聞こえ|らしい`)
	byAnother = regexp.MustCompile(`(` + kin + `|彼|兄|弟|姉|妹|息子|娘|隣|近所|上司|先生|友達|友だち|あいつ|職員|へるぱー|の人|さん|ぱぱ|まま)(が|は|も).*` + blow + `|(私|わたし|俺|おれ|僕|ぼく)(を|に).*` + blow)
	// whoStrikes is somebody told by the blow: 殴ってしまう夫, which may be either side's word.
	whoStrikes = regexp.MustCompile(blow + `.{0,6}(う|る|た|い)(` + kin + `|彼|人|男|女|父|ぱぱ|お父さん)`)
	// kinStrikes is somebody named before the blow who is not plainly its aim: 旦那すぐ手が出そう.
	kinStrikes = regexp.MustCompile(kin + `[^をにのとへ].*` + blow)
	plainKin   = strings.NewReplacer("夫婦", "", "母親", "母", "父親", "父", "奥さん", "妻", "かみさん", "妻", "おばあちゃん", "祖母", "おじいちゃん", "祖父", "ばあちゃん", "祖母", "じいちゃん", "祖父", "さん", "")
	clauses    = regexp.MustCompile(`ので|から|のに|けど|。`)

	fever       = regexp.MustCompile(`(3[789]|4[01])([.．][0-9])?(度|°c)|高熱|発熱|熱が(あ|出|で|高|下が|さが)|熱を出|熱で|の熱|fever|febre|fiebre|sốt|发烧|発熱|열이`)
	feverSign   = regexp.MustCompile(`ぐったり|けいれん|痙攣|ひきつけ|意識|息([^子]|$)|苦し|くるし|呼んでも|反応|返事|動け|動か|起き|顔色|青|紫|白目|吐|もど(し|す)|飲め|のめ|飲ま|のま|とれな|脱水|頭|首|しゃべ|ふるえ|震え|がたがた|生後|[0-9](か|ゖ|ゕ)月|新生児|おかし|うわごと|うつろ|[2-9][0-9](歳|才)|4[01]|熱中症|倒れ|発疹|おしっこ|seizure|convuls|breath|unconsc|wakeup|limp|respira|convuls|cogiật|khóthở|抽搐|呼吸|경련`)
	nightDoctor = regexp.MustCompile(`(夜間|休日|日曜|祝日|急患|救急).{0,6}(病院|小児科|内科|医者|医院|外来)|(病院|小児科|内科|医者|医院|外来).{0,6}(夜間|休日|夜やって|開いて|あいて)|当番医|where.*(hospital|doctor)|onde.*hospital|dónde.*hospital|bệnhviện.*ởđâu|医院在哪|병원.*어디`)
	smallOne    = regexp.MustCompile(`子ども|子供|こども|息子|の子|子が|娘|赤ちゃん|赤ん坊|孫|(^|[^0-9])1?[0-9](歳|才)|園|baby|child|mykid|myson|daughter|bebê|filh[oa]|bebé|hij[oa]|contôi|embé|孩子|宝宝|아이|아기`)
)

// ownHand says whether words tell of the writer's own hand raised against somebody. What
// may as well be told by who was hit is none: who is hit needs other numbers.
func ownHand(text string) bool {
	f := triage.Fold(text)
	if suffered.MatchString(f) || whoStrikes.MatchString(f) {
		return false
	}
	for _, c := range clauses.Split(f, -1) {
		if aBlow.MatchString(c) && !byAnother.MatchString(c) &&
			(ownWords.MatchString(c) || (slipped.MatchString(c) || onKin.MatchString(c)) && !kinStrikes.MatchString(plainKin.Replace(c))) {
			return true
		}
	}
	return false
}

// feverish says whether words tell of a child's fever and of nothing that calls for an
// ambulance.
func feverish(text string) bool {
	f := triage.Fold(text)
	return holds(f, "熱", "度", "°c", "fe", "fiebre", "sốt", "烧", "열") && fever.MatchString(f) && smallOne.MatchString(f) && !feverSign.MatchString(f)
}

// asksDoctor says whether words ask for a doctor at night or on a holiday.
func asksDoctor(text string) bool {
	f := triage.Fold(text)
	return holds(f, "病院", "科", "医", "外来", "doctor", "hospital", "bệnhviện", "병원") && nightDoctor.MatchString(f)
}

// holds says whether a folded text holds one of some pieces: asked before an expression
// that every message meets, which takes a hundred times as long.
func holds(folded string, pieces ...string) bool {
	return slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(folded, p) })
}

// years is the one number of a few words that can be years.
var years = regexp.MustCompile(`^[^0-9]{0,6}([0-9]{1,3})(歳|才|さい|代|くらい|ぐらい|ごろ|です|だ|で|よ)*$`)

// yearsIn is the choice of a question of the age that a few words name: 母は81.
func yearsIn(q *triage.Question, text string) *triage.Option {
	m := years.FindStringSubmatch(triage.Fold(text))
	if m == nil || !slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Age != "" }) {
		return nil
	}
	return triage.OfAge(q.Options, "", m[1])
}

// harm is what somebody did to themselves.
var harm = regexp.MustCompile(`(薬|くすり|錠|眠剤|洗剤|農薬|漂白剤).{0,12}(飲みました|のみました|(飲|の)ん(だ($|[^ら])|でしま(った|いました|って)|じゃ(った|いました)))|(手首|腕|首|喉|のど|血管).{0,8}((切|き|吊|つ)りました|(切|き|吊)っ(た($|[^らこ])|ちゃ(った|いました)|てしま(った|いました|って)))|(od|おーばーどーず)し(た($|[^らこい])|まし|ちゃ(った|いました)|てしま(った|いました|って))|itookallmypills|overdosed`)

// acted says whether words tell of harm that is done already, which an ambulance is for.
func acted(text string) bool { return harm.MatchString(triage.Fold(text)) }

// foundWords say that whoever was looked for is there again.
var foundWords = regexp.MustCompile(`^(無事に?|先ほど|さっき|いま|今|母が|父が|夫が|妻が|子どもが|本人が|警察が)*(見つか|みつか|帰ってき|帰って来|戻ってき|戻って来|戻り|無事で|保護され)(りました|った|ました|た|たです|ています|した|です)*(よ|。)*$`)

// found says whether words tell that somebody who was missing is found: 帰ってきた alone
// may be the husband who must not see this.
func (t *turn) found(text string) bool {
	if !foundWords.MatchString(triage.Fold(text)) || t.query(text) == "hide" && t.c.Shade != missingShade {
		return false
	}
	for _, words := range t.c.texts(t.c.loose()) {
		if t.query(words) == "missing" {
			return true
		}
	}
	return false
}

// holdBack says whether words at the consent ask that a part of it is not sent, and no
// more: whom staff must not tell, they have to read.
func holdBack(text string) bool {
	return utf8.RuneCountInString(text) <= mostHeld && holds(triage.Fold(text), withheld...)
}

const mostHeld = 16 // characters

var withheld = folded("送らないで", "送りたくない", "送らなくて", "のせないで", "載せないで")
