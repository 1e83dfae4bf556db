"""The shape of one procedure entry (`knowledge/procedures/<field>/<key>.yaml`).

An entry is read by officials and reviewers, so the YAML is kept plain: a fact may be written as a
bare string, and becomes `{text: …}`. Unknown is null, never a guess: an unknown time is
`{amount: null}`, an unknown fee `{basis: unknown}`.

Every fact inherits the entry's first source and dates, and may override them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

FIELDS: dict[str, str] = {
    "ho_tich": "Hộ tịch",
    "chung_thuc": "Chứng thực",
    "nuoi_con_nuoi": "Nuôi con nuôi",
    "quoc_tich": "Quốc tịch",
    "dat_dai": "Đất đai",
    "tai_chinh_dat_dai": "Tài chính đất đai",
    "xay_dung": "Xây dựng",
    "nha_o": "Nhà ở",
    "cu_tru": "Cư trú",
    "can_cuoc": "Căn cước, định danh",
    "xuat_nhap_canh": "Xuất nhập cảnh",
    "xe_lai_xe": "Đăng ký xe, giấy phép lái xe",
    "ly_lich_tu_phap": "Lý lịch tư pháp",
    "bao_hiem": "Bảo hiểm xã hội, bảo hiểm y tế",
    "tro_giup_xa_hoi": "Trợ giúp xã hội",
    "nguoi_co_cong": "Người có công",
    "giam_ngheo": "Giảm nghèo",
    "giao_duc": "Giáo dục",
    "ho_kinh_doanh": "Hộ kinh doanh",
    "thue": "Thuế",
    "tro_giup_phap_ly": "Trợ giúp pháp lý",
    "hoa_giai": "Hòa giải ở cơ sở",
    "tiep_dan": "Tiếp công dân, đơn thư",
    "y_te": "Cơ sở y tế tư nhân",
    "khac": "Việc khác tại phường",
}
"""Field folder → its Vietnamese name."""

Kind = Literal["procedure", "pointer", "superseded"]
"""`procedure`: we tell how it is done; `pointer`: another body does it, we say who and where;
`superseded`: no longer in force, `superseded_by` says what is done instead."""

Authority = Literal[
    "ubnd_cap_xa",
    "ubnd_tinh",
    "cong_an_cap_xa",
    "cong_an_tinh",
    "van_phong_dang_ky_dat_dai",
    "so_y_te",
    "so_chuyen_mon",
    "to_chuc_hanh_nghe_cong_chung",
    "co_quan_thue",
    "toa_an",
    "bo_nganh",
    "khac",
]
Channel = Literal["truc_tiep", "truc_tuyen", "buu_chinh", "luu_dong", "tai_nha"]
TimeUnit = Literal["gio", "ngay", "ngay_lam_viec", "thang", "nam"]
Confidence = Literal["high", "medium", "low"]

KEY_PATTERN = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)*$")
CODE_PATTERN = re.compile(r"^\d\.\d{6}$")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Fact(Strict):
    """Anything we state. Empty provenance means: the entry's own."""

    source: str | None = Field(None, description="id of an item of the entry's `sources`")
    verified_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        after_start = self.effective_from is None or day >= self.effective_from
        return after_start and (self.effective_to is None or day <= self.effective_to)


class Text(Fact):
    """A sentence, with the case it holds for."""

    text: str = Field(min_length=1)
    when: str | None = Field(None, description="the case, in the citizen's words; null = always")


def _as_text(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


TextFact = Annotated[Text, BeforeValidator(_as_text)]


class Duration(Fact):
    """How long the office takes. `amount` null = not known."""

    when: str | None = None
    amount: int | None = Field(None, gt=0)
    unit: TimeUnit | None = None
    same_day: bool = Field(False, description="trong ngày; the 15:00 rule goes into `note`")
    provisional: bool = Field(False, description="national default, the province decides (all land times)")
    adds: bool = Field(False, description="comes on top of the other times: thêm tối đa …")
    note: str | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Duration:
        if self.same_day and self.amount is not None:
            raise ValueError("same_day and amount exclude each other")
        if (self.amount is None) != (self.unit is None):
            raise ValueError("amount and unit go together")
        return self

    @property
    def known(self) -> bool:
        return self.same_day or self.amount is not None


FeeBasis = Literal["free", "fixed", "hdnd_tinh", "rate", "unknown"]
"""`free`: free by a named rule · `fixed`: `amount_vnd` · `hdnd_tinh`: the provincial council sets it ·
`rate`: by a tariff described in `note` · `unknown`: we do not know."""


class Fee(Fact):
    when: str | None = None
    basis: FeeBasis
    amount_vnd: int | None = Field(None, ge=1000)
    per: str | None = Field(None, description="bản, trang, trường hợp …")
    max_vnd: int | None = Field(None, ge=1000, description="never more than this")
    note: str | None = None

    @model_validator(mode="after")
    def _amount_matches_basis(self) -> Fee:
        if (self.basis == "fixed") != (self.amount_vnd is not None):
            raise ValueError("amount_vnd goes with basis 'fixed', and only with it")
        return self

    @property
    def known(self) -> bool:
        return self.basis != "unknown"


class Document(Fact):
    name: str = Field(min_length=2)
    how: Literal["submit", "show", "looked_up"] = Field(
        "submit", description="nộp · xuất trình (mang theo) · cán bộ tự tra cứu, không phải nộp"
    )
    originals: int | None = Field(None, ge=0)
    copies: int | None = Field(None, ge=0)
    when: str | None = None
    form: str | None = Field(None, description="name of the form, when the paper is one")
    one_of: str | None = Field(None, description="papers with the same label: any one of them is enough")


class Deadline(Fact):
    """What the citizen must do in time (đăng ký khai sinh: 60 ngày từ ngày sinh)."""

    what: str
    amount: int = Field(gt=0)
    unit: TimeUnit
    since: str | None = None


class Figure(Fact):
    """A number that is neither a time, a fee nor a deadline: an age, an amount received, an area."""

    what: str = Field(min_length=3)
    value: float
    unit: str = Field(min_length=1, description="tuổi, đồng/tháng, m², người …")


class Place(Fact):
    authority: Authority
    text: str = Field(min_length=2)
    when: str | None = None
    hours: str | None = Field(None, description="opening hours, when they differ from the ward's")


class Faq(Fact):
    """A side question people put about this very procedure, with its answer."""

    asks: list[str] = Field(min_length=1)
    answer: str


class Link(Strict):
    title: str
    url: str = Field(pattern=r"^https://")


class Source(Strict):
    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    url: str | None = None
    as_of: date | None = Field(None, description="the day the source was read or published")


class Legal(Strict):
    number: str = Field(min_length=3, description="60/2014/QH13, 123/2015/NĐ-CP …")
    title: str | None = None


class Entry(Strict):
    """One procedure as a citizen needs it."""

    key: str
    code: str | None
    field: str
    kind: Kind = "procedure"
    official_name: str = Field(min_length=3)
    plain_name: str = Field(min_length=3, max_length=72, description="as people call it")
    choice_name: str = Field(
        min_length=2,
        max_length=48,
        description="what sets it apart when offered beside its neighbours",
    )
    summary: TextFact
    audience: TextFact | None = None
    authority: Authority
    places: list[Place] = Field(min_length=1)
    channels: list[Channel] = []
    times: list[Duration] = Field(min_length=1)
    fees: list[Fee] = Field(min_length=1)
    documents: list[Document] = []
    deadlines: list[Deadline] = []
    figures: list[Figure] = []
    steps: list[TextFact] = []
    conditions: list[TextFact] = []
    mistakes: list[TextFact] = []
    result: TextFact | None = None
    faqs: list[Faq] = []
    legal_basis: list[Legal] = []
    links: list[Link] = []
    related: list[str] = Field([], description="keys")
    superseded_by: list[str] = Field([], description="keys of what is done instead")
    phrasings: list[str] = Field(min_length=8)
    sources: list[Source] = Field(min_length=1)
    verified_on: date
    review_days: int = Field(180, gt=0)
    effective_from: date | None = None
    effective_to: date | None = None
    confidence: Confidence
    to_check: list[str] = []

    @model_validator(mode="after")
    def _consistent(self) -> Entry:
        if not KEY_PATTERN.match(self.key):
            raise ValueError(f"key {self.key!r}: small letters, digits and single _ only")
        if self.code is not None and not CODE_PATTERN.match(self.code):
            raise ValueError(f"code {self.code!r} is not a national code such as 1.001193")
        if self.field not in FIELDS:
            raise ValueError(f"field {self.field!r} is not one of {', '.join(FIELDS)}")
        if (self.kind == "superseded") != bool(self.superseded_by):
            raise ValueError("superseded_by goes with kind 'superseded', and only with it")
        known = {source.id for source in self.sources}
        missing = {fact.source for fact in self.facts() if fact.source} - known
        if missing:
            raise ValueError(f"facts name sources that are not listed: {', '.join(sorted(missing))}")
        return self

    def facts(self) -> list[Fact]:
        """Every dated fact of the entry, in the order a reader meets them."""
        single = [fact for fact in (self.summary, self.audience, self.result) if fact is not None]
        lists: tuple[list[Any], ...] = (
            self.places, self.times, self.fees, self.documents, self.deadlines, self.figures,
            self.steps, self.conditions, self.mistakes, self.faqs,
        )  # fmt: skip
        return [*single, *(fact for group in lists for fact in group)]
