package main

import (
	"os"
	"strings"
	"testing"

	"tsunagu/bot/linetest"
)

func TestMoveThereAndBack(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	far := redisServer(t)
	stop := f.serve()
	receipt := f.consults("介護のことで困っています")
	f.wants(1, []string{"serve が動いています", "先に止めてください"}, "move", "--to", far)
	stop()
	t.Setenv("OPS_REDIS", far)
	f.wants(0, []string{"写して、読み直してくらべました", "記録 ", "もとの保存先は、そのままです"}, "move", "--to", "env:OPS_REDIS")
	f.wants(1, []string{"空ではありません。何も書いていません"}, "move", "--to", far)
	back := "sqlite:" + f.file("back.db")
	f.wants(0, []string{"写して、読み直してくらべました"}, "move", "--from", far, "--to", back)
	a, b, c := f.holds("sqlite:"+f.file("tsunagu.db")), f.holds(far), f.holds(back)
	if a != b || b != c || a.Records < 3 || a.Done < 3 || a.Facts < 3 || a.Kept < 1 {
		t.Errorf("\n%+v\n%+v\n%+v", a, b, c)
	}
	// A serve on the moved store knows the case.
	f.write("sqlite:back.db", "", "S01", "C01")
	stop = f.serve()
	f.wants(0, []string{receipt + " を消しました"}, "forget", "--city", "hokuto", receipt)
	stop()
}

func TestMoveSaysWhatIsWrong(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	f.wants(2, []string{"--to がありません"}, "move")
	f.wants(2, []string{"同じ保存先"}, "move", "--from", "sqlite:a.db", "--to", "sqlite:a.db")
	f.wants(2, []string{"保存先は、sqlite:FILE"}, "move", "--to", "postgres://x")
	f.wants(2, []string{"環境変数 OPS_NOTHING がありません"}, "move", "--to", "env:OPS_NOTHING")
	f.wants(1, []string{"がありません"}, "move", "--to", "sqlite:"+f.file("b.db"))
	if _, err := os.Stat(f.file("b.db")); !os.IsNotExist(err) {
		t.Error("a store was made", err)
	}
}

func TestBackup(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	f.wants(1, []string{"tsunagu.db"}, "backup", f.file("copy.db"))
	stop := f.serve()
	receipt := f.consults("介護のことで困っています")
	f.wants(0, []string{"copy.db", "KiB", "封がしてあり"}, "backup", f.file("copy.db"))
	f.wants(1, []string{"上書きはしません"}, "backup", f.file("copy.db"))
	stop()
	if info, err := os.Stat(f.file("copy.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	f.write("sqlite:copy.db", "", "S01", "C01")
	f.wants(0, []string{receipt}, "audit", "--city", "hokuto")
	f.write(redisServer(t), "", "S01", "C01")
	f.wants(1, []string{"BGSAVE"}, "backup", f.file("other.db"))
}

func TestRekey(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	receipt := f.consults("介護のことで困っています")
	stop()
	t.Setenv("OPS_KEYS", key64(9))
	code, said := f.runs("rekey")
	if code != 1 || !strings.Contains(said, "設定にない鍵で封がしてあり") || !strings.Contains(said, "、0 件") {
		t.Errorf("with another key: exit %d, %s", code, said)
	}
	t.Setenv("OPS_KEYS", key64(9, 7))
	stop = f.serve()
	f.wants(0, []string{"件を見て", "先頭の鍵で封をしなおしました。"}, "rekey")
	stop()
	t.Setenv("OPS_KEYS", key64(9))
	f.wants(0, []string{"、0 件"}, "rekey")
	f.wants(0, []string{receipt}, "audit", "--city", "hokuto")
	stop = f.serve()
	f.wants(0, []string{receipt + " を消しました"}, "forget", "--city", "hokuto", receipt)
	stop()
}
