import pytest

from games import Categorical, InputError, Integer, Real
from games.adapters.ranges import ranged


@pytest.mark.parametrize(
    ("text", "parameter", "again"),
    [
        ("3..6", Integer(3, 6, 3), "3..6"),
        ("3..6:4", Integer(3, 6, 4), "3..6:4"),
        ("-2..2", Integer(-2, 2, -2), "-2..2"),
        ("5..5:5", Integer(5, 5, 5), "5..5"),
        ("0.1..2.5", Real(0.1, 2.5, 0.1), "0.1..2.5"),
        ("0..2.5:1", Real(0.0, 2.5, 1.0), "0.0..2.5:1.0"),
        ("-1e-7..1e3", Real(-1e-7, 1e3, -1e-7), "-0.0000001..1000.0"),
        ("a|b", Categorical(("a", "b"), "a"), "a|b"),
        ("a|b|c:b", Categorical(("a", "b", "c"), "b"), "a|b|c:b"),
        ("True|False", Categorical((True, False), True), "True|False"),
        ("3|5|0.5", Categorical((3, 5, 0.5), 3), "3|5|0.5"),
        ("none|x", Categorical(("none", "x"), "none"), "none|x"),
    ],
)
def test_forms_of_ranges(text, parameter, again):
    found = ranged(f"goofspiel(k={text})")

    assert dict(found.parameters) == {"k": parameter}
    assert found.name == f"goofspiel(k={again})"
    assert ranged(found.name).parameters == found.parameters


def test_the_names_of_the_tasks():
    found = ranged("family/some:Game-v0( size = 3..6:4, pull=0.5..2.5, fast=true|false, inner=x(a=1,b=2), wide )")

    assert found.head == "family/some:Game-v0"
    assert list(found.space) == ["fast", "pull", "size"]
    assert found.base == "family/some:Game-v0(inner=x(a=1,b=2),wide)"
    task = found.space.task({"size": 6, "pull": 1e-7 + 0.5, "fast": False})
    assert found.at(task) == "family/some:Game-v0(fast=False,inner=x(a=1,b=2),pull=0.5000001,size=6,wide)"
    assert found.name == "family/some:Game-v0(fast=True|False,inner=x(a=1,b=2),pull=0.5..2.5,size=3..6:4,wide)"


@pytest.mark.parametrize(
    "name",
    [
        "goofspiel",
        "goofspiel()",
        "goofspiel(num_cards=4,imp_info=True)",
        "efg_game(filename=../games/my.efg)",
        "markov_soccer(grid=.....\n..OB.\n.AO..)",
        "stones_and_gems(grid=20|12|600|4\n19|19|03)",
        "turn_based_simultaneous_game(game=goofspiel(num_cards=4))",
        "go(komi=6.5)",
        "broken(",
    ],
)
def test_names_without_ranges(name):
    assert ranged(name) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("6..3", "n=6..3: the range begins at 6, above its end at 3"),
        ("3..6:7", "n=3..6:7: the default must be an integer from 3 to 6, not 7"),
        ("0.5..1:2", "n=0.5..1:2: the default must be a number from 0.5 to 1.0, not 2.0"),
        ("a|b:c", "n=a|b:c: the default must be one of 'a', 'b', not 'c'"),
        ("a|b|a", "n=a|b|a: each choice can stand there only once"),
        (
            "3..x",
            "n=3..x cannot be read: a range is LOW..HIGH or LOW..HIGH:DEFAULT, choices are A|B or A|B:DEFAULT",
        ),
        ("3...6", "n=3...6 cannot be read"),
        ("a|", "n=a| cannot be read"),
        ("x(m=1..2)", "n=x(m=1..2): a range can stand in the outer parentheses of a name only"),
        ("3..6:", "n=3..6: cannot be read"),
    ],
)
def test_ranges_that_cannot_be_read(text, message):
    with pytest.raises(InputError) as error:
        ranged(f"game(n={text})")

    assert str(error.value).startswith(message)
