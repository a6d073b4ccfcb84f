from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.yaml_lines import Document, dotted, parse, read, scalar, write
from games import InputError

TEXT = """\
# a comment
game: kuhn

learners:
  main:
    settings: {clip: 0.2,
      epochs: 3}
opponents:
  - random
  - other
"""


def test_every_value_knows_the_line_of_its_key():
    document = parse(TEXT, "a.yaml")
    assert document.where(("game",)) == "a.yaml:2"
    assert document.where(("learners", "main", "settings", "clip")) == "a.yaml:6"
    assert document.where(("learners", "main", "settings", "epochs")) == "a.yaml:7"
    assert document.where(("opponents", 1)) == "a.yaml:10"


def test_a_place_that_is_not_there_has_the_line_of_what_is_around_it():
    document = parse(TEXT, "a.yaml")
    assert document.where(("learners", "main", "network", "hidden")) == "a.yaml:5"
    assert document.where(("nothing",)) == "a.yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-4", 0.0003),
        ("1e6", 1_000_000),
        ("-1E+2", -100),
        ("1.5e3", 1500.0),
        ("1_000", 1000),
        ("1_0e3", 10_000),
        ("0.1", 0.1),
        ("true", True),
        ("yes", "yes"),
        ("on", "on"),
        ("1e", "1e"),
        ("e5", "e5"),
        ("'3e-4'", "3e-4"),
        ("[a, 1e1]", ["a", 10]),
    ],
)
def test_numbers_with_an_exponent_are_numbers(text, value):
    found = scalar(text, "--set")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: not valid YAML: the key 'a' is given twice (first in line 1)"),
        ("a: {b: 1, b: 2}\n", "a.yaml:1: not valid YAML: the key 'b' is given twice (first in line 1)"),
        ("a: [1\nb: 2\n", "a.yaml:2: not valid YAML"),
        ("a: 'open\n", "a.yaml:2: not valid YAML"),
        ("a: !!python/object/apply:os.system [ls]\n", "a.yaml:1: not valid YAML: could not determine a constructor"),
        ("a: &x [*x]\n", "a.yaml:1: not valid YAML: nested too deep"),
        ("a: \x07\n", "a.yaml: not valid YAML"),
        ("{[1]: 2}\n", "a.yaml:1: not valid YAML"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text, message):
    with pytest.raises(InputError) as error:
        parse(text, "a.yaml")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_an_empty_file_has_no_keys():
    assert parse("# nothing\n", "a.yaml").data == {}


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(InputError, match=r"cannot read .*none.yaml: No such file or directory"):
        read(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="Is a directory"):
        read(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(InputError, match="it is not a text file in UTF-8"):
        read(tmp_path / "latin.yaml")


def test_overrides_set_values_and_are_named_in_errors():
    document = parse(TEXT, "a.yaml")
    document.override("learners.main.settings.clip=3e-1")
    document.override("evaluation.matches=10")
    document.override("opponents=[x]")
    assert document.data["learners"]["main"]["settings"] == {"clip": 0.3, "epochs": 3}
    assert document.data["evaluation"] == {"matches": 10}
    assert document.where(("learners", "main", "settings", "clip")) == "--set learners.main.settings.clip=3e-1"
    assert document.where(("learners", "main", "settings", "epochs")) == "a.yaml:7"
    assert document.where(("evaluation",)) == "--set evaluation.matches=10"
    assert document.where(("opponents", 0)) == "--set opponents=[x]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed", "--set seed: must be key=value"),
        ("=3", "--set =3: must be key=value"),
        ("a..b=3", "--set a..b=3: must be key=value"),
        ("game.x=3", "--set game.x=3: game holds 'kuhn', it has no keys within"),
        ("opponents.x.y=3", "--set opponents.x.y=3: opponents holds"),
        ("seed=[1", "--set seed=[1: not valid YAML"),
    ],
)
def test_overrides_that_cannot_be(text, message):
    with pytest.raises(InputError) as error:
        parse(TEXT, "a.yaml").override(text)
    assert str(error.value).startswith(message)


def test_places_as_text():
    assert dotted(("learners", "main", "opponents", 0, "x")) == "learners.main.opponents[0].x"
    assert dotted(()) == ""


KEYS = st.text("abcdefgh", min_size=1, max_size=4)
TEXTS = st.sampled_from(["3e-4", "1e6", "yes", "on", "null", "0x1", "1_000", "true", "a: b", "2020-01-01", "~", "é"])
DATA = st.recursive(
    st.integers(-5, 5) | KEYS | TEXTS | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=4))
def test_what_is_written_is_read_back_with_the_right_lines(data):
    text = write(data)
    document = parse(text, "a.yaml")
    assert document.data == data
    rows = text.splitlines()

    def visit(value, place):
        if place and isinstance(place[-1], str):
            line = int(document.where(place).removeprefix("a.yaml:"))
            assert f"{place[-1]}:" in rows[line - 1].replace("'", "")
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in children:
            visit(inner, (*place, key))

    visit(data, ())


def test_a_document_without_lines_names_its_source():
    assert Document({}, "here").where(("a",)) == "here"
