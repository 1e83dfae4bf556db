from __future__ import annotations

from pathlib import Path

import pytest

from bot.zalo.errors import load_rules, rule_for, rules

DOCUMENTED = {
    -32, -33, -100, -200, -201, -204, -205, -209, -210, -211, -212, -213, -214, -216, -217, -218, -219,
    -220, -221, -223, -224, -227, -230, -232, -233, -234, -235, -237, -238, -239, -240, -241, -242, -244,
    -248, -249, -320, -321, -403, -1340, -1341,
}  # fmt: skip
ROW = 'meaning_vi: "a", mend_vi: "b", meaning_en: "c"'


def test_every_documented_code_has_a_row() -> None:
    assert set(rules()) == DOCUMENTED


@pytest.mark.parametrize("code", sorted(DOCUMENTED))
def test_a_row_explains_itself_to_staff(code: int) -> None:
    text = rule_for(code).staff_text
    assert str(code) in text
    assert len(text) <= 200  # fits outbox.error


def test_an_unlisted_code_is_given_up_and_reported() -> None:
    rule = rule_for(-98765)
    assert rule.action == "unknown"
    assert "-98765" in rule.staff_text


@pytest.mark.parametrize(
    "rows",
    [
        f"- {{code: -1, action: retry, {ROW}}}",
        f"- {{code: -1, action: wait, {ROW}}}",
        f"- {{code: -1, action: alert, delay_s: 5, {ROW}}}",
        f"- {{code: -1, action: wait, until: '25:00', {ROW}}}",
        f"- {{code: -1, action: sleep, {ROW}}}",
        f"- {{code: -1, action: alert, colour: red, {ROW}}}",
        f"- {{code: -1, action: alert, {ROW}}}\n- {{code: -1, action: alert, {ROW}}}",
        "- {code: -1, action: alert}",
    ],
)
def test_a_bad_table_is_refused(rows: str, tmp_path: Path) -> None:
    path = tmp_path / "errors.yaml"
    path.write_text(rows, "utf-8")
    with pytest.raises(ValueError, match="-1|errors.yaml|0"):
        load_rules(path)
