package triage

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/width"
)

func TestMaskTakes(t *testing.T) {
	for text, want := range map[string]string{
		"電話は090-1234-5678です": "電話は〔電話番号〕です",
		"０９０－１２３４－５６７８まで":    "〔電話番号〕まで",
		"090 1234 5678":                    "〔電話番号〕",
		"0901234567８":                      "〔電話番号〕",
		"0138(73)3111へ":                    "〔電話番号〕へ",
		"03（1234）5678":                     "〔電話番号〕",
		"+81 90 1234 5678 に":               "〔電話番号〕 に",
		"＋81-3-1234-5678":                  "〔電話番号〕",
		"0120-279-338にかけた":                 "〔電話番号〕にかけた",
		"090ー1234ー5678":                    "〔電話番号〕",
		"taro.yamada+x@example.co.jp に":    "〔メール〕 に",
		"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ":                  "〔メール〕",
		"マイナンバーは123456789012":              "マイナンバーは〔番号〕",
		"1234 5678 9012":                   "〔番号〕",
		"カード 4111-1111-1111-1111":          "カード 〔番号〕",
		"４１１１１１１１１１１１１１１１":                 "〔番号〕",
		"〒041-1201 北斗市":                    "〔住所〕 北斗市",
		"〒０４１－１２０１":                        "〔住所〕",
		"208-8501です":                       "〔住所〕です",
		"本町1-2-3に住む":                       "本町〔住所〕に住む",
		"本町１丁目２番３号":                        "本町１丁目〔住所〕",
		"中央1丁目3番10号の家":                     "中央1丁目〔住所〕の家",
		"石川町90-7":                          "石川町〔住所〕",
		"本町一丁目二番三号の家":                      "本町一丁目〔住所〕の家",
		"東町二丁目十五番地":                        "東町二丁目〔住所〕",
		"1番2号に住む":                          "〔住所〕に住む",
		"大字上町123番地の4":                      "大字上町〔住所〕",
		"名前は佐藤花子です":                        "名前は〔名前〕です",
		"なまえは、さとう はなこ です":                  "なまえは、〔名前〕 です",
		"氏名：鈴木一郎。相談です":                     "氏名：〔名前〕。相談です",
		"はじめまして、山田と申します":                   "はじめまして、〔名前〕と申します",
		"私は高橋健太といいます。":                     "私は〔名前〕といいます。",
		"わたしは グエン といいます":                   "わたしは 〔名前〕 といいます",
		"https://example.jp/a?b=1 を見て":     "〔URL〕 を見て",
		"「www.example.com」から":              "「〔URL〕」から",
		"2026-11-22に090-1234-5678から電話":     "2026-11-22に〔電話番号〕から電話",
		"母76、電話090-1234-5678、家賃3万円":        "母76、電話〔電話番号〕、家賃3万円",
		"1-2-3 090-1234-5678":              "〔住所〕 〔電話番号〕",
		"1-2-3-4-5-6-7-8":                  "〔住所〕-〔住所〕",
		"0138-74-2530と0138-74-2500の両方にかけた": "〔電話番号〕と〔電話番号〕の両方にかけた",
	} {
		got, took := Mask(text)
		if got != want || !took {
			t.Errorf("Mask(%q) = %q, %v; want %q", text, got, took, want)
		}
	}
}

func TestMaskLeaves(t *testing.T) {
	for _, text := range []string{
		"110番と119番と189", "#7119に電話", "2026-11-22", "2026/11/22 10:00", "2026-11-22 10時", "3-4日前から", "10-20万円の借金", "15,000円", "1500000円",
		"母は76歳、要介護3です", "年収1200000円", "家賃は35000円で3か月滞納", "60-70代の方", "8050問題です", "小3と中1がいます", "血圧は180-110-90回", "火曜10時-12時",
		"父が死ぬと言います", "母は帰りたいといいます", "統合失調症といいます", "認知症と言います", "学校に行きたくないと言います", "お風呂は嫌だといいます", "どこへ行けばいいですか", "名前を言わなくてもいいですか",
		"1番目の子が熱です", "１番目", "3番目の子", "二番目の子", "2号線が渋滞", "国道5号線沿い", "5丁目の信号", "本町2丁目の3番目の信号を右", "3-4-5番目の子", "1-2-3番目に書きました",
		"2区1の5番目", "1番2号車に忘れ物", "5-3組です", "小学校区2の1組", "2番線のホーム", "4条2丁目", "団地の3号棟", "10番20番30番",
		"1日3回、2週間分", "令和8年11月22日", "3人家族、子ども2人",
	} {
		if got, took := Mask(text); took {
			t.Errorf("Mask(%q) = %q; nothing in it identifies anybody", text, got)
		}
	}
}

func TestMaskNames(t *testing.T) {
	for text, want := range map[string]string{
		"田中さんの介護で":      "〔名前〕さんの介護で",
		"佐藤くんが殴った":      "〔名前〕くんが殴った",
		"山本氏から借りた":      "〔名前〕氏から借りた",
		"お母さんと民生委員さん":   "お母さんと民生委員さん",
		"ケアマネさんに言われた":   "ケアマネさんに言われた",
		"赤ちゃんが泣く":       "赤ちゃんが泣く",
		"マリアさんの電話は110番": "〔名前〕さんの電話は110番",
	} {
		if got := MaskNames(text); got != want {
			t.Errorf("MaskNames(%q) = %q, want %q", text, got, want)
		}
	}
}

var (
	leftPhone = regexp.MustCompile(`(?:^|[^0-9+])0[0-9]{1,3}[- ()]?[0-9]{2,4}[- ()]?[0-9]{3,4}(?:[^0-9]|$)`)
	leftMail  = regexp.MustCompile(`[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)
)

// FuzzMask: whatever is written, no telephone number of ten or eleven digits, no
// URL and no mail address is left, a second mask finds nothing more, and the text
// grows by no more than the marks.
func FuzzMask(f *testing.F) {
	for _, s := range []string{"090-1234-5678", "名前は山田です", "〒041-1201", "", "〔電話番号〕", "+", "〒", "1-2-3-4-5-6-7-8-9-0-1-2",
		"私は山田と申します", "a@b.c", "HTTPS：／／a.jp", "ＷＷＷ．a.jp", "ａ＠ｂ．ｃ", "０９０１２３４５６７８", "1 090-1234-5678", "090-1234-5678-1", "田中さん"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 1000 {
			return
		}
		got, took := Mask(s)
		if took != (got != s) {
			t.Fatalf("took = %v for %q → %q", took, s, got)
		}
		if again, _ := Mask(got); again != got {
			t.Fatalf("masked again: %q → %q → %q", s, got, again)
		}
		if n, most := utf8.RuneCountInString(got), 4*utf8.RuneCountInString(s); n > most {
			t.Fatalf("%d characters, more than %d", n, most)
		}
		if findURL.MatchString(got) || findMail.MatchString(got) {
			t.Fatalf("a URL or an address is left: %q of %q", got, s)
		}
		plain := strings.ToLower(width.Narrow.String(got))
		for _, m := range leftPhone.FindAllString(plain, -1) {
			if n := len(strings.Map(onlyDigits, m)); n == 10 || n == 11 {
				t.Fatalf("a telephone number is left: %q in %q of %q", m, got, s)
			}
		}
		if m := leftMail.FindString(plain); m != "" {
			t.Fatalf("a mail address is left: %q in %q of %q", m, got, s)
		}
		for _, more := range []string{"\n090-1234-5678", "\na.b@example.jp"} {
			if got, _ := Mask(s + more); strings.Contains(got, more) {
				t.Fatalf("left in %q", got)
			}
		}
	})
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// What is said about a name is none.
func TestWordsAboutNamesStay(t *testing.T) {
	for _, text := range []string{"名前は伝えられますか", "名前は出ませんか", "名前は言わないとだめですか", "名前は必要ですか"} {
		if got, took := Mask(text); took {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"名前はいいだです", "名前は出口です", "名前は、わかばです"} {
		if got, took := Mask(text); !took {
			t.Errorf("%q stays %q", text, got)
		}
	}
}
