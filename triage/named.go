package triage

import (
	"regexp"
	"slices"
	"strings"
)

// Named finds names in what staff write to residents: own is the first with which
// somebody speaks of themselves or of a colleague (鈴木です, 担当の佐藤から), other the
// first that is called さん or 様; "" = none. It knows some four hundred family names,
// and takes what nobody bears (無料です, 担当の者が) for none: a warning that is mostly
// wrong is not read.
func Named(text string) (own, other string) {
	for _, m := range ownName.FindAllStringSubmatch(text, -1) {
		role, name, verb := m[1], m[2], m[3]
		if role == "" && slices.Contains(placeNames, name) && !slices.Contains(saysWho, verb) {
			continue
		}
		own = strings.TrimSpace(m[0])
		own = strings.TrimLeft(own, "。．！？!?「『（(、 　")
		break
	}
	for _, m := range [][]string{humbleName.FindStringSubmatch(text), roleName.FindStringSubmatch(text)} {
		if own == "" && m != nil && !notBorne(m[1]) {
			own = m[0]
		}
	}
	for _, m := range namedTitle.FindAllStringSubmatch(text, -1) {
		if !notBorne(m[1]) || slices.Contains(familyNames, m[1]) {
			return own, m[0]
		}
	}
	return own, ""
}

// notBorne says whether a word is an office, a role or a thing, and no name.
func notBorne(word string) bool {
	ends := func(w string) bool { return strings.HasSuffix(word, w) }
	return slices.ContainsFunc(titled, ends) || slices.ContainsFunc(notNames, ends)
}

var (
	// saysWho follow a name and nothing of that sound but a name.
	saysWho = []string{"です", "でございます", "と申し", "ともうし", "といいます", "と言います"}

	roleBefore = `(?:担当|係|課|室|センター|窓口|職員|相談員|支援員|保健師|看護師|社協|役所)(?:者)?(?:の|は|：|:)[\s　]*`
	ownName    = regexp.MustCompile(`(?:(` + roleBefore + `)|^|[。．！？!?\n「『（(、][\s　]*)(` + strings.Join(familyNames, "|") +
		`)(?:[\s　]*[\p{Han}]{1,2})?(です|でございます|と申し|ともうし|といいます|と言います|より|から|まで|宛|あて|が(?:お|ご|伺|うか|担当|対応|聞|行|参|まい))`)
	humbleName = regexp.MustCompile(`([\p{Han}\p{Katakana}ー々]{1,8}|[\p{Hiragana}]{2,5})(?:[\s　][\p{Han}\p{Hiragana}]{1,4})?(?:と申し|ともうし)ます`)
	roleName   = regexp.MustCompile(`(?:担当|係|課)(?:者)?の([\p{Han}々]{2,3})(?:です|と申)`)
	namedTitle = regexp.MustCompile(`([\p{Han}々]{2,4}|[\p{Katakana}ー]{2,8})(?:さん|さま|様|氏)`)

	// notNames end what is no name, beside titled.
	notNames = []string{"課", "係", "工", "相手", "室", "所", "署", "局", "院", "会", "協", "センター", "窓口", "方", "口", "側", "人", "医", "部", "官", "館", "園", "校", "市", "町", "村", "県", "区", "党", "組", "団",
		"ー", "名", "家族", "親族", "夫婦", "両親", "子", "皆", "時間", "電話", "番号", "場所", "手続", "内容", "書類", "日", "こと", "もの", "次第", "くださいと", "お願い", "失礼", "何", "誰", "各位", "同様", "多様", "模様", "仕様", "異様", "王", "神", "仏", "友達", "仲間", "同僚", "近所", "ドクター", "ナース", "ケースワーカ"}

	// placeNames are places as often as names: 松本から is where somebody comes from.
	placeNames = strings.Fields(`石川 福島 山口 宮崎 長野 千葉 山形 福井 松本 高松 市川 川崎 三好 上野 中野 大森 白石 相馬 三浦 平野 高山 小山 原田 宮本 吉野 須賀 大野`)
)

// familyNames are frequent ones of two kanji and more; one kanji alone (森, 林) is too
// often a word.
var familyNames = strings.Fields(`佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 清水 山崎 阿部 池田 橋本 山下 石川 中島 前田 藤田 小川 後藤 岡田 長谷川 村上 近藤 石井 斎藤 斉藤 齋藤 齊藤 坂本 遠藤
	青木 藤井 西村 福田 太田 三浦 藤原 岡本 松田 中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田 原口 柴田 酒井 工藤 横山 宮崎 宮本 内田 高木 安藤 谷口 大野 丸山 今井 高田 藤本 武田 村田 上野 杉山 増田
	平野 大塚 千葉 久保 松井 小島 岩崎 桜井 野口 松尾 野村 木下 菊地 菊池 佐野 大西 杉本 新井 浜田 市川 古川 水野 小松 島田 小山 高野 山内 西田 菅原 西川 五十嵐 北村 安田 中田 川口 平田 川崎 飯田 吉川 本田 久保田 沢田
	辻本 関口 吉村 渡部 岩田 中西 服部 福島 東田 樋口 川上 永井 松岡 田口 山中 森本 土屋 矢野 秋山 石原 松下 大橋 松浦 吉岡 小池 馬場 浅野 荒木 大久保 野田 小沢 小澤 川村 田辺 熊谷 大谷 本間 成田 尾崎 早川 星野 大島
	須藤 奥村 黒田 内藤 望月 荒井 高島 大石 堀田 永田 桑原 白井 小西 三宅 平井 栗原 田島 岡崎 荻野 八木 佐久間 片山 篠原 堀内 小田 菅野 根本 坂井 川島 富田 河野 村松 神田 西山 松村 松原 関根 小倉 大森 天野 宮田 川田
	古田 門田 上村 植田 植木 児玉 福井 石塚 萩原 榎本 大川 広瀬 古賀 稲垣 水谷 中井 西尾 甲斐 町田 土井 内山 南雲 岩本 岩井 岩瀬 桐山 黒木 黒川 長田 吉野 吉原 大場 向井 片岡 田代 安部 塚本 福本 滝沢 宮川 宮下 宮沢
	宮澤 大井 白石 津田 浅井 坂口 小野寺 松永 平山 大山 下田 小泉 松崎 竹田 竹中 竹下 鎌田 徳永 今村 飯塚 飯島 相馬 手塚 中沢 中澤 奥田 秋元 高山 柳沢 野崎 野中 川本 川端 長島 長尾 長野 梅田 梅原 石黒 角田 真鍋 真田
	牧野 北川 戸田 亀井 笠原 志村 志賀 三上 三好 三田 三谷 三木 千田 久野 丹羽 及川 金井 金田 金沢 青山 青柳 赤松 浅田 畠山 畑中 園田 堀江 堀川 堀口 辻村 細川 細田 細谷 笹川 若林 若松 高梨 高瀬 高井 高松 高倉 高畑
	高岡 緒方 西岡 西野 西本 西沢 西原 西口 東野 南田 北原 北野 北島 相沢 相澤 会田 神谷 神山 藤沢 藤川 藤岡 藤野 藤村 藤崎 進藤 須田 須賀 江口 江藤 柏木 柏原 桜田 桜庭 長沢 長澤 永野 山根 山川 山岸 山村 山形 山岡
	山野 沼田 石崎 石橋 石山 大竹 大内 大木 大村 大原 大平 大沢 大澤 大下 小出 小室 小谷 小森 小柳 小原 井口 井出 井川 今野 紺野 昆野 伊東 伊達 佐伯 佐竹 佐川 土田 土谷 瀬戸 瀬川 多田 谷川 谷本 森下 森山 森川 森岡`)
