package bot_test

import (
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/directory"
	"tsunagu/triage"
)

var tokyo = time.FixedZone("JST", 9*60*60)

// tuesday is a working day, an hour after staff begin to read.
var tuesday = time.Date(2026, 11, 24, 10, 0, 0, 0, tokyo)

// smallTown has a question with several answers, three about the person, two
// fields, three offices, and texts that begin with their own name.
func smallTown(id string) *bot.City {
	weekdays := &directory.Hours{}
	for day := time.Monday; day <= time.Friday; day++ {
		weekdays.Week[day] = []directory.Span{{From: 9 * 60, To: 17 * 60}}
	}
	return &bot.City{
		ID: id, Name: "小町", Accept: 0.8, Ask: 0.4, WordsOnCard: true, NoticeTaken: true, NoticeClosed: true,
		Receivers: []string{"小町 福祉課", "社会福祉協議会"}, Consent: "2026-11", Limit: 10, Wishes: []string{"電話がよい", "文字がよい"},
		Keep: bot.DefaultKeep, Texts: smallTexts(), Read: smallRead, Crisis: smallCrisis, Query: smallQuery,
		Tree: triage.Tree{Start: "worry", AfterWords: "who", Questions: []triage.Question{
			{ID: "worry", Text: "何のことですか", Again: "言いかえると、何のことですか", Many: true, DoneLabel: "これで全部", Goto: "who", Unsure: "who", Options: []triage.Option{
				{ID: "kaigo", Label: "介護", Field: "elderly", Worry: "介護のこと"},
				{ID: "money", Label: "お金", Field: "poverty", Worry: "お金のこと"},
				{ID: "heart", Label: "気持ち", Worry: "気持ちのこと"},
			}},
			{ID: "who", Text: "だれのことですか", Goto: "age", Options: []triage.Option{
				{ID: "self", Label: "自分", Who: "self", Goto: "age"}, {ID: "family", Label: "家族", Who: "family", Goto: "age"}}},
			{ID: "age", Text: "何歳くらいですか", Goto: "where", Options: []triage.Option{
				{ID: "adult", Label: "64歳まで", Age: "adult", Goto: "where"}, {ID: "old", Label: "65歳から", Age: "elderly", Goto: "where"}}},
			{ID: "where", Text: "どこに住んでいますか", Districts: true, Options: []triage.Option{
				{ID: "kita", Label: "北", District: "kita", Goto: triage.End}, {ID: "minami", Label: "南", District: "minami", Goto: triage.End}}},
		}},
		Directory: directory.Directory{
			Prefecture: "岩手県",
			Fields: []directory.Field{{ID: "elderly", Name: "高齢", Plain: "介護のこと", Basic: "elderly"},
				{ID: "poverty", Name: "生活困窮", Plain: "お金のこと", Basic: "poverty"}},
			Districts: []directory.District{{ID: "kita", Name: "北"}, {ID: "minami", Name: "南"}},
			Offices: []directory.Office{
				{ID: "houkatsu", Name: "北包括センター", Fields: []string{"elderly"}, Department: "長寿課"},
				{ID: "kurashi", Name: "くらし相談室", Fields: []string{"poverty"}, Phone: "0190-00-0002"},
				{ID: "soudan", Name: "総合窓口", General: true, Phone: "0190-00-0001", Department: "福祉課"},
			},
			Policy:   directory.Policy{General: "soudan", Unknown: "general", Complex: "general"},
			Calendar: directory.Calendar{Staff: weekdays, Answer: 2 * time.Hour},
			Hotlines: []directory.Hotline{{ID: "yorisoi", Name: "よりそいホットライン", Number: "0120-279-338", Kinds: []string{"suicide"},
				Hours: &directory.Hours{Open24: true}, HoursText: "24時間", Always: true}},
		},
	}
}

// smallTexts are texts that begin with their names in brackets, so that a test
// sees which one was said.
func smallTexts() bot.Texts {
	t := bot.Texts{}
	for _, s := range strings.Fields(`greeting greeting.short second again person pick more read several first cut media limit outofscope unclear ended quit
		thanks easy.on easy.off outcome outcome.complex outcome.unknown phone phone.none instead.phone instead.department instead.staff say fax address
		address.none offer offer.words known notyet consent consent.words refused consented added promise masked wishes wish wish.last consent.which consent.cut choose listening crisis.after crisis.after.case crisis.then
		crisis.suicide.acted crisis.violence.own crisis.medical_emergency.fever crisis.secret found fever heard media.case masked.none listening.again crisis.medical_emergency.missing offer.again consent.part pick.one
		query.secret query.secret.case query.cost query.angry query.takeback query.takeback.line query.office query.office.general query.delete query.delete.kept query.night query.missing received status.open
		status.claimed status.closed status.none stop.quit stop.start stopped case.back reopened resume taken staff staff.correct closed
		crisis.suicide crisis.suicide.beside crisis.violence crisis.medical_emergency crisis.no_food_or_shelter crisis.elder_abuse crisis.again crisis.case crisis.machine later
		desk.reopened desk.reopenedby desk.withdrawn desk.added desk.blocked desk.blocked.urgent desk.unblocked desk.isurgent desk.urgent desk.gone desk.newer
		desk.nofield desk.asked desk.agreed desk.declined desk.cannotask desk.misroute desk.step desk.meeting desk.joined desk.moved desk.pointer desk.ended desk.twin desk.kept desk.taken
		desk.unclaimed desk.mention desk.general desk.stale desk.stale.until desk.asked.instead desk.back desk.alarm desk.broken desk.edited desk.edited.late desk.quota80 desk.quota100 pass.ask pass.yes pass.no promise.broken promise.phone`) {
		t[s] = "[" + s + "]"
	}
	for name, holes := range map[string]string{
		"greeting": "{reading}", "greeting.short": "{reading}", "person": "{office} {phone}", "fax": "{fax}", "more": "{field}", "read": "{field}", "phone": "{phone}",
		"phone.none": "電話番号：登録なし {instead}", "consent": "同意しますか\n{items}\n{own}\n{to}\n{days}日 {hours}時間", "consent.words": "「{words}」",
		"consented": "{receipt} {reading}\n{promise}\n{masked}", "added": "{receipt}\n{masked}", "promise": "{by}", "masked": "{phone}", "wish": "{wish}", "wish.last": "{wish}",
		"received": "{receipt} {reading}\n{promise}\n{masked}", "status.open": "{receipt} {reading}\n{promise}", "status.claimed": "{receipt}",
		"reopened": "{receipt}", "resume": "{receipt}", "taken": "{receipt} {from}", "staff": "{from}「{words}」", "staff.first": "[taken] {from}「{words}」", "staff.correct": "{from}「{words}」",
		"closed": "{receipt}", "crisis.again": "{line}", "crisis.case": "{reading}", "stop.quit": "{receipt}", "stop.start": "{receipt}",
		"pass.ask": "{receipt} {to} 同意", "pass.yes": "{to}", "promise.broken": "{receipt} {phone}", "promise.phone": "{phone}", "desk.asked": "{to}", "desk.agreed": "{to}",
		"desk.moved": "{from} {who} {reason}", "desk.joined": "{to} {meeting} {reason}", "desk.pointer": "{to}へつなぎ直しました", "desk.step": "{meeting} {reason}",
		"desk.misroute": "{to} {who}", "desk.twin.told": "二重です。{receipt}", "desk.general": "{receipt} {where}{urgent}", "desk.mention": "{urgent}", "desk.taken": "{minutes}分", "desk.alarm": "{by}", "desk.quota80": "{used} {limit}", "desk.quota100": "{limit}",
		"notyet": "{office} {phone}", "pick.one": "{field}", "fever": "{line}", "crisis.after": "{line}", "crisis.after.case": "{line} {reading}", "query.takeback.line": "{line}", "query.delete.kept": "{receipt} {day}", "query.office": "{phone}", "instead.department": "{ask}",
	} {
		t[name] += " " + holes
	}
	for name, label := range map[string]string{
		"unsure": "分からない", "offices": "窓口を見る", "back": "もどる", "quit": "やめる", "start": "さいしょから", "staff": "職員に相談する", "yes": "はい", "no": "いいえ",
		"neither": "どれでもない", "case": "職員への相談にもどる", "known": "行き先が分かった", "notyet": "まだ分からない",
		"self": "同意する（自分のこと）", "other": "同意する（ほかの人のこと）", "refuse": "同意しない", "end": "おわりにする", "keep": "つづける",
		"other.worry": "べつの相談", "same": "つづきです", "anew": "べつの相談です",
	} {
		t["button."+name] = label
	}
	for name, word := range map[string]string{"kind.suicide": "死にたい気持ち", "kind.violence": "暴力", "kind.no_food_or_shelter": "食べ物がない",
		"who.self": "本人", "who.family": "家族", "age.elderly": "65歳から", "age.adult": "64歳まで", "district.unknown": "分からない", "worry.unknown": "まだ分からない"} {
		t[name] = word
	}
	return t
}

// smallRead understands a few words.
func smallRead(text string) triage.Reading {
	r := triage.Reading{Field: triage.Unclear, Crisis: triage.None, By: triage.ByRule}
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case has("介護で疲れた"):
		r.Field, r.Fields, r.Confidence = triage.Elderly, []string{triage.Elderly}, 0.95
		if has("父") {
			r.Who = "family"
		}
	case has("借金"):
		r.Field, r.Fields, r.Confidence = triage.Poverty, []string{triage.Poverty}, 0.95
	case has("もやもや"):
		r.Field, r.Fields, r.Second, r.Confidence = triage.Elderly, []string{triage.Elderly}, triage.Poverty, 0.5
	case has("ごみの日"):
		r.Field, r.Confidence = triage.OutOfScope, 0.95
	case has("どこに聞けば"):
		r.Confidence = 0.95
	case has("友達が"):
		r.Who = "neighbour"
	}
	return r
}

func smallCrisis(text string) string {
	switch {
	case strings.Contains(strings.ReplaceAll(text, "。", ""), "死にたい"):
		return triage.Suicide
	case strings.Contains(text, "殴"):
		return triage.Violence
	case strings.Contains(text, "救急の"):
		return triage.MedicalEmergency
	case strings.Contains(text, "三日たべていない"):
		return triage.NoFoodOrShelter
	}
	return triage.None
}

// smallQuery understands a few questions about the service.
func smallQuery(text string) string {
	for id, word := range map[string]string{"secret": "言わないで", "cost": "お金かかる", "angry": "ふざけるな", "takeback": "冗談です", "office": "電話番号", "delete": "消して", "night": "夜中に", "hide": "帰ってきた", "missing": "いなくなって"} {
		if strings.Contains(text, word) {
			return id
		}
	}
	return ""
}
