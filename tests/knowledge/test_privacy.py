from __future__ import annotations

import pytest

from knowledge.privacy import personal_in
from knowledge.schema import Entry


@pytest.mark.parametrize(
    "text",
    [
        "gọi em số 0912345678 nha",
        "gọi em 0912.345.678",
        "zalo 09 1234 5678",
        "căn cước 086099123456 của tui",
        "cmnd 331 234 567",
        "mail cho lan.nguyen@example.com",
        "con em sinh 12/03/2021",
        "Nguyễn Văn An làm khai sinh",
        "toi la nguyen thi be muon hoi",
        "tôi tên Lành muốn làm giấy",
        "gặp chị Lan một cửa",
        "nhà số 12/3 đường Phạm Thái Bường",
        "so nha 45 co duoc cap khong",
        "nhà tui hẻm 12",
        "thửa đất số 128 tờ bản đồ 9",
        "xe 84B1-123.45 bị phạt",
        "hồ sơ 000.12.34.H59-251120-0001 tới đâu",
        "facebook https://example.com/toi",
    ],
)
def test_what_is_of_one_person(text: str) -> None:
    assert personal_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "làm khai sinh cho bé cần giấy gì",
        "đặt tên con khác giấy chứng sinh được không",
        "mẫu số 5 lấy ở đâu",
        "trật tự đô thị ai lo",
        "làm thì mất bao lâu, vợ thì ở quê",
        "sao y 10 bản bao nhiêu tiền",
        "bé 8 tuổi làm căn cước",
        "luật năm 2014 còn hiệu lực không",
        "",
    ],
)
def test_what_is_of_everybody(text: str) -> None:
    assert personal_in(text) is None


def test_hardly_any_phrasing_of_the_library_looks_personal(entries: list[Entry]) -> None:
    """The rule would not throw away what people usually ask."""
    asked = [phrase for entry in entries for phrase in entry.phrasings]
    caught = [phrase for phrase in asked if personal_in(phrase)]
    assert len(caught) <= len(asked) * 0.005, caught
