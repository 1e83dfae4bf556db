from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from handlers.phrases import DEFAULTS, PhraseError, load_phrases
from knowledge.load import PROCEDURES, EntryError, load_entry
from knowledge.paths import Bundle, load_path
from knowledge.yaml_file import YamlError, read_yaml

ROOMS = ("store", "knowledge", "ward", "bot", "handlers")
BROKEN = "key: mot\nname: hai\nlist: [ba, bốn\nnext: năm\n"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_an_error_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match="line 4"):
        read_yaml(written(tmp_path / "broken.yaml", BROKEN))


def test_a_broken_file_is_named_with_the_line_wherever_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"mot\.yaml: not readable YAML: (.|\n)*line 4"):
        load_entry(written(tmp_path / "mot.yaml", BROKEN))
    with pytest.raises(EntryError, match=r"mot\.yaml: not readable YAML: (.|\n)*line 4"):
        load_path(tmp_path / "mot.yaml", Bundle)
    written(tmp_path / "phrases" / "greeting.yaml", BROKEN)
    with pytest.raises(PhraseError, match=r"greeting\.yaml: không đọc được: (.|\n)*line 4"):
        load_phrases(tmp_path)


def test_what_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: ph\xf3\n")
    with pytest.raises(YamlError, match="not UTF-8"):
        read_yaml(path)


def test_nothing_but_data_is_built(tmp_path: Path) -> None:
    path = written(tmp_path / "evil.yaml", "run: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(YamlError, match="line 1"):
        read_yaml(path)


@pytest.mark.parametrize(
    "path", [PROCEDURES / "ho_tich" / "khai_sinh.yaml", PROCEDURES / "y_te" / "gphd_cap_moi.yaml",
             DEFAULTS / "answer.yaml"], ids=lambda path: path.stem,
)  # fmt: skip
def test_the_quick_parser_reads_what_the_slow_one_reads(path: Path) -> None:
    assert read_yaml(path) == yaml.safe_load(path.read_text("utf-8"))


def test_yaml_is_read_in_one_place() -> None:
    top = Path(__file__).parents[2]
    readers = [
        path.relative_to(top).as_posix()
        for room in ROOMS
        for path in sorted((top / room).rglob("*.py"))
        if any(
            (isinstance(node, ast.Import) and any(name.name == "yaml" for name in node.names))
            or (isinstance(node, ast.ImportFrom) and node.module == "yaml")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    ]
    assert readers == ["knowledge/yaml_file.py"]
