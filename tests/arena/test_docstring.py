from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from arena.docstring import docstring, filled, parameters


@dataclass(frozen=True, kw_only=True)
class Inner:
    """How it is read.

    Attributes:
        low, high: the bounds; None
            for none.
    """

    low: float | None = None
    high: float = 2.0


class Example:
    """Does something.

    After a paper (arXiv 1910.07224, again arXiv:1910.07224) and arXiv 2411.11318:

        x = y

    Args:
        space: what is given.
        inner: not told, for its fields are.
        rule: what decides,
            in two lines.
        names: some.

    Raises:
        InputError: for a mistake (arXiv 1234.56789).
    """

    def __init__(
        self,
        space: Any,
        *,
        inner: Inner = Inner(),
        names: Sequence[str],
        rule: Literal["a", "b"] | None = None,
        kinds: Mapping[str, float] | None = None,
        flag: bool = False,
        pair: tuple[int, int] = (2, 10),
    ) -> None: ...


def test_what_a_docstring_says():
    said = docstring(Example)
    assert said.summary == "Does something."
    assert said.text.startswith("After a paper")
    assert said.text.endswith("    x = y")
    assert said.papers == ("1910.07224", "2411.11318")
    assert said.meanings["rule"] == "what decides, in two lines."
    assert "InputError" not in said.meanings
    assert docstring(lambda: None).summary == ""


def test_parameters_are_told_as_a_configuration_gives_them():
    found = {p.name: p for p in parameters(Example)}
    assert list(found) == ["names", "rule", "kinds", "flag", "pair", "inner.low", "inner.high"]
    assert (found["names"].required, found["names"].type, found["names"].default) == (True, "list", "")
    assert found["rule"][1:] == ("choice", ("a", "b"), "null", False, "what decides, in two lines.")
    assert (found["kinds"].type, found["kinds"].meaning) == ("keys and values", "")
    assert (found["flag"].type, found["flag"].default) == ("true or false", "false")
    assert found["pair"].default == "[2, 10]"
    assert found["inner.low"][1:] == ("number", (), "null", False, "the bounds; null for none.")
    assert found["inner.high"].default == "2.0"


def test_paragraphs_and_lists_are_broken_and_equations_kept():
    text = (
        "one two three four\nfive\n\n    left   as it is, however long it may be\n\n- a list of words\n- another\n  one"
    )
    assert filled(text, 12).split("\n\n") == [
        "one two\nthree four\nfive",
        "    left   as it is, however long it may be",
        "- a list of\n  words\n- another\n  one",
    ]
