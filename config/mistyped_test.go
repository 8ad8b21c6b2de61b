package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatPeopleTypeWithoutSeeingItIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no space behind the colon":       {"a:\n  name: 町\n  phone:0187-00-0001\n  note: x\n", "f:3:3: YAML として読めません。「:」のあとに空白がありません"},
		"a space that is none":            {"a:\n  name: 町\n  phone:\u00a00187-00-0001\n  note: x\n", "f:3:3: YAML として読めません。目に見えない"},
		"a wide dash":                     {"a:\n  - id: x\n  － id: y\n", "f:3:3: YAML として読めません。全角の「－」"},
		"a wide hash":                     {"a:\n  b: 1\n＃ 覚え書き\n  c: 2\n", "f:3:1: YAML として読めません。全角の「＃」"},
		"a colon in a sentence":           {"a:\n  does: 相談: 困りごと\n", "f:2:3: YAML として読めません。一行に「: 」が二つ"},
		"a quote that is never ended":     {"a: [\"9:00-17:00]\nb: 1\nc: \"x\"\nd: 2\n", "f:1:1: YAML として読めません。引用符"},
		"a bracket that is not ended":     {"a: {b: [1]\nc: 2\n", "かっこの閉じ忘れ"},
		"items that do not stand in line": {"a:\n  - id: x\n   - id: y\n", "YAML として読めません。"},
		"another encoding":                {"a: \x93\x8c\n", "メモ帳なら"},
	} {
		n := newNotes()
		if _, ok := n.parse("f", "", []byte(c.text)); ok {
			t.Errorf("%s: read", name)
			continue
		}
		if got := Report(n.faults); !strings.Contains(got, c.want) {
			t.Errorf("%s: said %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatWouldSilentlyNotCountIsSaid(t *testing.T) {
	good, err := os.ReadFile("testdata/good/directory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := village(t, map[string]string{
		"directory.yaml": strings.Replace(string(good), "does: どんなことも聞きます。", "does: 夜は #7119 へ   # いつでも", 1),
		"texts.yaml":     "greeting: ｛city｝の入口です。\n",
		"words.yaml.txt": "x", "Canned.yaml": "x", "triage - コピー.yaml": "x", "hotline.yml": "x", "memo.txt": "x",
		"example/none/elderly/a.txt": "x", "conversations/a.text": "x", "base/city.yaml": "limit: 30\n",
	})
	got := said(dir, Check(dir, noon))
	for _, want := range []string{
		"directory.yaml:12:11: 注意：「#7119」から後ろは覚え書きになり",
		"texts.yaml:1:11: 全角の「｛ ｝」",
		"words.yaml.txt: 注意：この名前では読まれません（もしかして「words.yaml」ですか）",
		"Canned.yaml: 注意：この名前では読まれません（もしかして「canned.yaml」ですか）",
		"triage - コピー.yaml: 注意：この名前では読まれません",
		"hotline.yml: 注意：この名前では読まれません",
		"example: 注意：この名前では読まれません（もしかして「examples」ですか）",
		"conversations/a.text: 注意：読まれません。台本は .txt",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "memo.txt") {
		t.Errorf("a note of somebody's is held against the town:\n%s", got)
	}
}

func TestANeededFileThatIsCalledOtherwiseIsNamed(t *testing.T) {
	dir := village(t, nil)
	if err := os.Rename(filepath.Join(dir, "directory.yaml"), filepath.Join(dir, "directory.yaml.txt")); err != nil {
		t.Fatal(err)
	}
	if got := said(dir, Check(dir, noon)); !strings.Contains(got, "directory.yaml: ファイルがありません（「directory.yaml.txt」の名前を「directory.yaml」に変えてください）") {
		t.Error(got)
	}
}
