import pytest
import torch

from games import InputError, make
from league.members import Members
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec


@pytest.fixture
def game():
    torch.set_num_threads(1)
    return make("openspiel/kuhn_poker")


def learner(game):
    return PPO(Network(NetworkSpec(hidden=(8,)), Layout.of(game), seed=1))


def test_snapshots_are_numbered_named_and_come_back(game, tmp_path):
    fixed = {"random": load_agent("random", game)}
    members = Members(game, {"a": learner(game), "b": learner(game)}, fixed, tmp_path)
    first, other, second = members.freeze("a", 0), members.freeze("b", 0), members.freeze("a", 10)
    assert [first.id, other.id, second.id] == ["a-000", "b-000", "a-001"]
    assert members.frozen == ["a-000", "b-000", "a-001"]
    assert members.parent("a-001") == "a"
    assert members.parent("random") is None
    assert len({first.hash, other.hash, second.hash}) == 3
    assert members.pool.learners == {"a": "main", "b": "main"}
    assert members.pool.frozen == ("a-000", "b-000", "a-001", "random")
    again = Members(game, {"a": learner(game), "b": learner(game)}, fixed, tmp_path)
    again.load_state_dict(members.state_dict(), {}, {})
    assert again.agents["a-001"].lineage == second.lineage
    assert again.pool.snapshots == {"a-000": "a", "b-000": "b", "a-001": "a"}
    assert again.roll == members.roll


def test_records_name_the_weights_that_began_a_match(game, tmp_path):
    members = Members(game, {"a": learner(game)}, {}, tmp_path)
    assert members.agents["a"].hash == "a@0"
    members.updated("a")
    members.updated("a")
    assert members.agents["a"].hash == "a@2"
    assert members.agents["a"].policy is members.learners["a"].policy


def test_who_cannot_play_does_not_enter(game, tmp_path):
    other = make("openspiel/leduc_poker")
    with pytest.raises(InputError, match="agent 'a' cannot play openspiel/leduc_poker: the observation"):
        Members(other, {"a": learner(game)}, {}, tmp_path)
