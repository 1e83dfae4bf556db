"""Life events and smart questions as data: `knowledge/bundles/*.yaml` and `knowledge/guides/*.yaml`.

A *bundle* is what has to be done when something happens in a life: entries of the library in their order.
What can be handed in together stands in the bundle; who does it, what goes online, what comes to the khóm
or the home and the deadlines are read from the entries, so that they stand in one place only.

A *guide* asks at most five short questions where one word decides, and ends at the right entry with the
cases (`when` texts of that entry) that hold for this person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from knowledge.load import PROCEDURES, EntryError
from knowledge.schema import KEY_PATTERN, Entry, Source, Strict
from knowledge.yaml_file import YamlError, read_yaml

MOST_QUESTIONS = 5
MOST_OPTIONS = 4
MOST_STEPS = 9
"""A step is chosen by one digit."""
AT_HOME = ("tại nhà", "tận nơi", "tận nhà")


class Step(Strict):
    """One thing to do. `with_previous`: handed in together with the step before, in one go."""

    entry: str
    label: str | None = Field(
        None, min_length=3, max_length=72, description="in place of the entry's own name"
    )
    when: str | None = Field(
        None, min_length=3, max_length=60, description="whom it concerns; null = everyone"
    )
    with_previous: bool = False
    visit: str | None = Field(None, description="key of the entry by which an official comes for this")


class Bundle(Strict):
    """What to do when something happens in a life."""

    key: str = Field(pattern=KEY_PATTERN.pattern)
    title: str = Field(min_length=3, max_length=72, description="what happened: 'Nhà có em bé'")
    mourning: bool = False
    steps: list[Step] = Field(min_length=2, max_length=MOST_STEPS)
    notes: list[str] = Field([], max_length=2)
    phrasings: list[str] = Field(min_length=8)
    needs: list[str] = Field([], description="patterns; a message with none of them means something else")
    sources: list[Source] = Field(min_length=1)
    verified_on: date
    review_days: int = Field(180, gt=0)
    to_check: list[str] = []

    @model_validator(mode="after")
    def _sound(self) -> Bundle:
        if self.steps[0].with_previous:
            raise ValueError("the first step has none before it")
        keys = [step.entry for step in self.steps]
        if len(set(keys)) < len(keys):
            raise ValueError("an entry stands twice among the steps")
        if any(len(note) > 140 for note in self.notes):
            raise ValueError("a note is at most 140 characters")
        return self

    def entries(self) -> list[str]:
        """Every entry it names."""
        return [key for step in self.steps for key in (step.entry, step.visit) if key]


class Option(Strict):
    """An answer. `says`: patterns of other words for it. It leads to another question or to an outcome.

    `means`: a plain "có" or "không" is this answer too. `if_unsure`: the safe one for whoever does not know.
    `cases`: `when` texts that hold for whoever answers so. `leaves_out`: how the papers begin that they
    need not bring.
    """

    label: str = Field(min_length=1, max_length=40)
    says: list[str] = []
    means: Literal["yes", "no"] | None = None
    if_unsure: bool = False
    cases: list[str] = []
    leaves_out: list[str] = []
    ask: str | None = None
    outcome: str | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Option:
        if (self.ask is None) == (self.outcome is None):
            raise ValueError("an option leads to a question or to an outcome, and to one only")
        return self


class Question(Strict):
    """One short question. `help`: how to tell, for whoever does not know the answer."""

    text: str = Field(min_length=5, max_length=120)
    help: str | None = Field(None, min_length=10, max_length=140)
    options: list[Option] = Field(min_length=2, max_length=MOST_OPTIONS)

    @model_validator(mode="after")
    def _told_apart(self) -> Question:
        labels = [option.label.casefold() for option in self.options]
        if len(set(labels)) < len(labels):
            raise ValueError("two options with the same label")
        meanings = [option.means for option in self.options if option.means]
        if len(set(meanings)) < len(meanings):
            raise ValueError("two options mean the same yes or no")
        if sum(option.if_unsure for option in self.options) > 1:
            raise ValueError("two options for whoever does not know")
        return self

    @property
    def safe(self) -> int | None:
        """The option (1 = the first) for whoever does not know."""
        return next((n for n, option in enumerate(self.options, 1) if option.if_unsure), None)


class Outcome(Strict):
    """The right entry. `cases`: those that hold for everyone who ends here."""

    entry: str
    cases: list[str] = []
    leaves_out: list[str] = []
    note: str | None = Field(None, max_length=140)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the answers so far have led: to a question, or to an outcome."""

    question: str | None
    outcome: str | None = None
    cases: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()

    def after(self, option: Option) -> Standing:
        cases, leaves_out = (*self.cases, *option.cases), (*self.leaves_out, *option.leaves_out)
        return Standing(option.ask, option.outcome, cases, leaves_out)


class Guide(Strict):
    """Short questions that lead to one entry. `at_once`: entries of which it asks without being pressed.
    `for_choices`: asked in place of a list of choices that begins with its entries."""

    key: str = Field(pattern=KEY_PATTERN.pattern)
    title: str = Field(min_length=3, max_length=72)
    starts_for: list[str] = Field(min_length=1, description="entries that offer this guide")
    at_once: list[str] = []
    for_choices: bool = False
    start: str
    questions: dict[str, Question]
    outcomes: dict[str, Outcome]
    sources: list[Source] = Field(min_length=1)
    verified_on: date
    review_days: int = Field(180, gt=0)
    to_check: list[str] = []

    @model_validator(mode="after")
    def _every_path_ends(self) -> Guide:
        reached = set(self._walk(self.start, ()))
        there = {("questions", name) for name in self.questions} | {
            ("outcomes", name) for name in self.outcomes
        }
        if lost := there - reached:
            raise ValueError(f"never reached: {', '.join(sorted(name for _, name in lost))}")
        if wrong := set(self.at_once) - set(self.starts_for):
            raise ValueError(f"at_once, but not in starts_for: {', '.join(sorted(wrong))}")
        if bad := [name for _, name in there if not KEY_PATTERN.match(name)]:
            raise ValueError(f"names of small letters, digits and single _: {', '.join(sorted(bad))}")
        return self

    def _walk(self, name: str, before: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Every question and outcome reachable from `name`; raises on loops, gaps and long paths."""
        if name not in self.questions:
            raise ValueError(f"no question {name!r}")
        if name in before:
            raise ValueError(f"a loop through {name!r}")
        if len(before) >= MOST_QUESTIONS:
            raise ValueError(f"more than {MOST_QUESTIONS} questions on a path through {name!r}")
        yield "questions", name
        for option in self.questions[name].options:
            if option.ask is not None:
                yield from self._walk(option.ask, (*before, name))
            elif option.outcome not in self.outcomes:
                raise ValueError(f"no outcome {option.outcome!r}")
            else:
                yield "outcomes", option.outcome

    def follow(self, answers: Sequence[int]) -> Standing | None:
        """Where these answers (1 = the first option) lead; None when they do not fit this guide."""
        at = Standing(self.start)
        for number in answers:
            if at.question is None or not 1 <= number <= len(self.questions[at.question].options):
                return None
            at = at.after(self.questions[at.question].options[number - 1])
        return at if at.outcome is None else self._ended(at)

    def _ended(self, at: Standing) -> Standing:
        outcome = self.outcomes[at.outcome or ""]
        cases, leaves_out = (*at.cases, *outcome.cases), (*at.leaves_out, *outcome.leaves_out)
        return replace(at, cases=tuple(dict.fromkeys(cases)), leaves_out=tuple(dict.fromkeys(leaves_out)))

    def paths(self, so_far: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
        """The answers of every path, each to its end."""
        at = self.follow(so_far)
        if at is None or at.question is None:
            yield so_far
            return
        for number in range(1, len(self.questions[at.question].options) + 1):
            yield from self.paths((*so_far, number))

    def entries(self) -> list[str]:
        """Every entry it names."""
        return [*self.starts_for, *(outcome.entry for outcome in self.outcomes.values())]


@dataclass(frozen=True)
class Paths:
    """All bundles and guides of a library."""

    bundles: tuple[Bundle, ...] = ()
    guides: tuple[Guide, ...] = ()

    def within(self, keys: Iterable[str]) -> Paths:
        """Those that name nothing but these entries: one that lost an entry is not shown at all."""
        known = set(keys)
        bundles = tuple(bundle for bundle in self.bundles if known.issuperset(bundle.entries()))
        return Paths(bundles, tuple(guide for guide in self.guides if known.issuperset(guide.entries())))


def visits(entry: Entry) -> frozenset[str]:
    """How an official comes for this: to a point in the khóm (`luu_dong`), to the home (`tai_nha`)."""
    told = [*(place.text for place in entry.places), *(term.text for term in entry.conditions)]
    home = any(words in text for text in told for words in AT_HOME)
    return frozenset(entry.channels) & {"luu_dong", "tai_nha"} | ({"tai_nha"} if home else set())


Model = TypeVar("Model", Bundle, Guide)


def load_paths(root: Path = PROCEDURES) -> Paths:
    """The bundles and guides that lie beside a folder of procedures."""
    return Paths(
        tuple(load_all(root.parent / "bundles", Bundle)), tuple(load_all(root.parent / "guides", Guide))
    )


def path_files(root: Path = PROCEDURES) -> list[Path]:
    """Their files, for noticing that one has changed."""
    return [
        path for folder in ("bundles", "guides") for path in sorted((root.parent / folder).glob("*.yaml"))
    ]


def load_all(folder: Path, model: type[Model]) -> list[Model]:
    return [load_path(path, model) for path in sorted(folder.glob("*.yaml"))]


def load_path(path: Path, model: type[Model]) -> Model:
    """One bundle or guide; errors name file and field. The key is the file's name."""
    where = f"{path.parent.name}/{path.name}"
    try:
        made = model.model_validate(read_yaml(path))
    except YamlError as error:
        raise EntryError(f"{where}: not readable YAML: {error}") from error
    except ValidationError as error:
        raise EntryError(f"{where}: {_explain(error)}") from error
    if made.key != path.stem:
        raise EntryError(f"{where}: should be named after its key {made.key}")
    return made


def _explain(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or '(file)'}: {item['msg']}" for item in error.errors()
    )
