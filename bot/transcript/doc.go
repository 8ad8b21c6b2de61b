// Package transcript runs plays: consultations written down as officials would
// write them, with what the resident and staff do at the margin and what the
// program says indented below. A play runs on the real bot and a real store; the
// clock stands still but for stage directions. Running it again with update
// rewrites what the program says, and the difference is what a change of rules
// means.
//
//	# 介護のことを相談し、職員が引き受ける
//	とき：2026-11-24 10:00
//
//	住民：友だちに追加する
//	    つなぐ：こんにちは。…
//	    ［お金・くらし］［介護・高齢］…
//	住民→［介護・高齢］
//	住民「職員に相談する」
//	職員A→［引き受ける］
//	職員A・職員B→［引き受ける］      two clicks at once, on the same card
//	職員A→［住民に送る］「文章」
//	職員A→［つなぎ直す］「生活困窮：お金の話が主でした」
//	職員A→［応援を頼む］「高齢」       a card in that field's channel too
//	職員B（#elderly）→［引き受ける］   on the card in that channel
//	職員A→［多機関協働へ］「理由」
//	職員A→［対応中です］
//	職員A→［終了］「窓口につながった」
//	（10分たつ）（あすの 09:00 になる）（2026-12-31 10:00 になる）
//	（Slackがつながらない）（Slackがもどる）（LINEがことわる）（LINEがもどる）（返事の上限になる）
//	（同じ知らせがもう一度届く）（再起動）
package transcript
