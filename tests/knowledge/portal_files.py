"""Small files in the portal's two formats."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"
NAMES = {
    "1.900001": "Cấp phép trồng rừng ngập mặn quy mô hộ gia đình (thực hiện tại cấp xã)",
    "1.900002": "Thủ tục công bố bến đò ngang sông",
    "1.900003": "Giám định tiền cổ, tiền hư hỏng",
}


def crawled(code: str = "1.900001", **changed: Any) -> dict[str, Any]:
    """A line of the crawl."""
    record = {
        "ma_thu_tuc": code, "ten_thu_tuc": NAMES.get(code, f"Cấp giấy thử số {code}"),
        "detail_url": f"{PAGE}{code}", "linh_vuc": "Lâm nghiệp", "cap_thuc_hien": "Cấp tỉnh, Cấp xã",
        "co_quan_thuc_hien": "Ủy ban Nhân dân\xa0xã,\xa0phường,\xa0thị trấn.", "so_quyet_dinh": "12/QĐ-BNNMT",
        "co_quan_co_tham_quyen": "", "doi_tuong_thuc_hien": "Công dân Việt Nam",
        "ministry": "bo-nong-nghiep-mt",
        "cach_thuc_thuc_hien": "Trực tiếp 1 Miễn phí 700 đồng", "thanh_phan_ho_so": "Đơn theo mẫu số 01",
    }  # fmt: skip
    return record | changed


def parsed(code: str = "1.900001", **changed: Any) -> dict[str, Any]:
    """A record of the parsed format."""
    record = {
        "code": code, "name": NAMES.get(code, f"Cấp giấy thử số {code}"), "portal_url": f"{PAGE}{code}",
        "field": "Lâm nghiệp", "level": "Cấp xã", "authority": "Ủy ban nhân dân cấp xã",
        "audience": "Công dân Việt Nam", "decision": "12/QĐ-BNNMT", "ministry": "bo-nong-nghiep-mt",
        "submission_methods": [{"days_value": 1, "fee_text": "Miễn phí"}],
    }  # fmt: skip
    return record | changed


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def written(path: Path, *records: Any) -> Path:
    """The records as a file of the format its ending names."""
    content = json.dumps(list(records)).encode() if path.name.endswith(".json") else lines(*records)
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path
