"""Plain questions, as people type them, and how they are mistyped."""

from __future__ import annotations

import random

from knowledge.text import normalize

QUESTIONS = (
    "làm giấy khai sinh cho con cần giấy tờ gì",
    "đăng ký kết hôn ở đâu vậy ạ",
    "em muốn xin xác nhận tình trạng hôn nhân",
    "đăng ký tạm trú cần những gì",
    "nhập hộ khẩu vào nhà ba mẹ làm sao",
    "sao y bản chính bao nhiêu tiền một trang",
    "chứng thực chữ ký thì đem theo gì",
    "làm căn cước công dân bao lâu có",
    "mất căn cước thì làm lại ở đâu",
    "ba tôi mới mất, khai tử thế nào",
    "xin cấp lại giấy khai sinh bị mất",
    "sửa sai tên trên giấy khai sinh",
    "nhận cha cho con làm thủ tục gì",
    "sang tên sổ đỏ cần giấy gì",
    "tách thửa đất phải nộp những gì",
    "trích lục khai sinh lấy ở phường nào",
    "đăng ký giám hộ cho cháu",
    "giờ làm việc của phường",
    "phường ở địa chỉ nào",
    "kết hôn với người nước ngoài cần gì",
)


def mistyped(phrasing: str, chance: random.Random) -> str:
    """Without accents, and two neighbouring letters of one word swapped."""
    plain = normalize(phrasing).plain
    places = [n for n in range(len(plain) - 1) if plain[n].isalpha() and plain[n + 1].isalpha()]
    if not places:
        return plain
    at = chance.choice(places)
    return f"{plain[:at]}{plain[at + 1]}{plain[at]}{plain[at + 2 :]}"
