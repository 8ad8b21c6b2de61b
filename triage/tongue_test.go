package triage

import "testing"

func TestTongue(t *testing.T) {
	for text, want := range map[string]string{
		// Japanese, or too little to tell.
		"母の介護のことで相談したい": "", "わたし しごと ありません。おかね たりません": "", "": "", "110": "", "介護保険": "", "我慢限界": "", "生活保護支給停止 不服申請": "",
		"OK": "", "LINE": "", "thank you": "en", "https://example.jp/sodan/index.html": "", "see https://example.jp/": "", "Xin chào": "", "(´；ω；｀)": "", "ﾀｽｹﾃ": "", "李 美玲": "",

		"I can't pay the rent this month": "en", "Tôi không có tiền trả tiền nhà": "vi", "toi khong co tien": "vi", "Não tenho dinheiro para o aluguel": "pt",
		"Wala akong pera para sa upa": "tl", "No tengo dinero para el alquiler": "es",
		"我没有钱付房租": "zh", "我想死": "zh", "丈夫打我": "zh", "請問怎麼申請": "zh", "집세를 낼 수 없어요": "ko",
		"मलाई मद्दत चाहिन्छ": "other", "ฉันต้องการความช่วยเหลือ": "other", "Мне нужна помощь": "other",
	} {
		if got := Tongue(text); got != want {
			t.Errorf("Tongue(%q) = %q, want %q", text, got, want)
		}
	}
}
