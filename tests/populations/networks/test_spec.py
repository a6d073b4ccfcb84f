from __future__ import annotations

import json
import subprocess
import sys

import pytest

from games import InputError
from populations.networks import NetworkSpec


def test_goes_through_json_and_back() -> None:
    spec = NetworkSpec(kind="mlp", hidden=(32,), shared=True, pooling="mean", recurrent=16)
    sized = NetworkSpec(hyper=4)
    for one in (spec, sized, NetworkSpec(size_input=False)):
        assert NetworkSpec.from_json(json.loads(json.dumps(one.to_json()))) == one


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "mpl"}, "network kind must be one of auto, mlp, not 'mpl'; did you mean 'mlp'?"),
        ({"pooling": "max"}, "network pooling must be one of attention, mean, not 'max'"),
        ({"hidden": []}, "one or more positive widths, not []"),
        ({"hidden": [64, 0]}, "one or more positive widths, not [64, 0]"),
        ({"hyper": 0}, "hyper must be a positive rank or nothing, not 0"),
        ({"hyper": 4, "kind": "mlp"}, "hyper goes by the number of entities: it needs kind auto and size_input true"),
        ({"hyper": 4, "size_input": False}, "it needs kind auto and size_input true"),
        ({"recurrent": 0}, "recurrent must be a positive width"),
        ({"hiden": [64]}, "a network has no 'hiden'; did you mean 'hidden'?"),
    ],
)
def test_mistakes_are_named(options, message) -> None:
    with pytest.raises(InputError) as error:
        NetworkSpec.from_json(options)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "module",
    ["populations.networks", "populations.learners", "populations.learners.ppo_settings", "populations.agents",
     "populations.agents.random", "populations.policy", "populations.layout"],
)  # fmt: skip
def test_configuration_and_plain_agents_do_not_wait_for_torch(module) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
