package directory

// riverTown has centres by district, two of them with branches, several offices
// for disability, a field nobody answers for, and a coordinator above two fields.
func riverTown() Directory {
	d := Directory{
		Prefecture: "岩手県",
		Fields: []Field{
			{"elderly", "高齢", "介護・高齢のこと", "elderly"},
			{"disability", "障がい", "障がいのこと", "disability"},
			{"kosodate", "子育て", "子どものこと", "child"},
			{"boshi", "母子保健", "妊娠・出産のこと", "child"},
			{"poverty", "生活困窮", "お金・くらしのこと", "poverty"},
			{"hazama", "制度の狭間", "ほかの困りごと", "complex"},
			{"kyoiku", "教育", "学校のこと", "child"},
		},
		Areas: []Area{{"kurosawajiri", "黒沢尻"}, {"tenshochi", "展勝地"}, {"wakko", "わっこ"}, {"chuo", "北上中央"}},
		Policy: Policy{General: "soudan", Unknown: "general", Complex: "coordinator",
			Coordinator: "shakyo", Threshold: 3, Phone: "0197-00-0000", PhoneName: "市役所"},
		Offices: []Office{
			{ID: "satellite", Name: "展勝地サテライト", Fields: []string{"elderly"}, Branch: "tenshochi", Districts: []string{"iitoyo", "futago", "kuchinai"}},
			{ID: "tenshochi", Name: "地域包括支援センター展勝地", Fields: []string{"elderly"}, Districts: []string{"iitoyo", "futago", "kuchinai"}},
			{ID: "hondori", Name: "地域包括支援センター本通り", Fields: []string{"elderly"}, Districts: []string{"kita", "nishi"}},
			{ID: "wakko", Name: "地域包括支援センターわっこ", Fields: []string{"elderly"}, Districts: []string{"ezuriko", "waga"}},
			{ID: "kikan", Name: "基幹相談支援センター", Fields: []string{"disability"}},
			{ID: "hagi", Name: "相談支援事業所", Fields: []string{"disability"}},
			{ID: "sakura", Name: "相談支援センターさくら", Fields: []string{"disability"}},
			{ID: "kodomo", Name: "こども家庭センター", Fields: []string{"kosodate", "boshi"}},
			{ID: "kurashi", Name: "暮らしの自立支援センター", Fields: []string{"poverty"}},
			{ID: "shakyo", Name: "社会福祉協議会", Fields: []string{"hazama"}},
			{ID: "soudan", Name: "福祉の総合窓口", General: true},
			{ID: "hiroba", Name: "子育てひろば", Place: true, Fields: []string{"kosodate", "kyoiku"}},
		},
	}
	for _, x := range [][4]string{
		{"kita", "黒沢尻北", "くろさわじりきた", "kurosawajiri"}, {"nishi", "黒沢尻西地区", "くろさわじりにし", "kurosawajiri"},
		{"higashi", "黒沢尻東", "くろさわじりひがし", "chuo"}, {"aisari", "相去", "あいさり", "chuo"}, {"oniyanagi", "鬼柳", "おにやなぎ", "chuo"},
		{"iitoyo", "飯豊", "いいとよ", "tenshochi"}, {"futago", "二子", "ふたご", "tenshochi"}, {"kuchinai", "口内", "くちない", "tenshochi"},
		{"ezuriko", "江釣子", "えづりこ", "wakko"}, {"waga", "和賀", "わが", "wakko"},
	} {
		d.Districts = append(d.Districts, District{ID: x[0], Name: x[1], Kana: x[2], Area: x[3]})
	}
	d.Districts[8].Aliases = []string{"Ezuriko", "江釣子・北江釣子"}
	return d
}

func pickIDs(picks []Pick) []string {
	out := make([]string, len(picks))
	for i, p := range picks {
		out[i] = p.Office.ID
	}
	return out
}

func officeIDs(offices []Office) []string {
	return ids(offices, func(o Office) string { return o.ID })
}
