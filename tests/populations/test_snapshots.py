from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from gymnasium import spaces

from games import InputError
from populations import snapshots
from populations.agent import Lineage
from populations.layout import Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.snapshots import Snapshot, load, locate, save

LINEAGE = Lineage(parent="main", generation=3, role="exploiter")


@pytest.fixture
def game(entity_game):
    return entity_game(4, planes=spaces.Box(0, 255, (3, 8, 8), np.uint8))


@pytest.fixture
def policy(game) -> NeuralPolicy:
    return NeuralPolicy(Network(NetworkSpec(hidden=(8,), recurrent=4), Layout.of(game), seed=5))


@pytest.fixture
def saved(policy, game, tmp_path) -> Snapshot:
    return save(policy, tmp_path / "snapshots", game=game, lineage=LINEAGE, steps=1000)


def folder(snapshot: Snapshot) -> Path:
    return snapshot.manifest.parent


def edit(snapshot: Snapshot, **changes) -> None:
    """Change the manifest and give it the hash that fits."""
    manifest = json.loads(snapshot.manifest.read_text()) | changes
    del manifest["hash"]
    manifest = {k: v for k, v in manifest.items() if v is not None}
    content = snapshots._hash(manifest, snapshot.weights.read_bytes())
    for path in (snapshot.manifest, snapshot.weights):
        path.rename(path.with_name(content[:16] + path.suffix))
    (folder(snapshot) / f"{content[:16]}.json").write_text(json.dumps(manifest | {"hash": content}))


def only(path: Path) -> str:
    return next(path.glob("*.json")).stem


def test_what_is_loaded_acts_like_what_was_saved(saved, policy, game, make_rows) -> None:
    agent = load(folder(saved), saved.hash, game=game)
    assert agent.id == f"snapshot:{saved.hash}"
    assert agent.hash == saved.hash
    assert agent.lineage == LINEAGE
    rows = make_rows(Layout.of(game), 50, legal=0.5)
    state = policy.initial_state(50)
    ours, theirs = policy.act(rows, state), agent.policy.act(rows, state)
    np.testing.assert_array_equal(ours.action, theirs.action)
    np.testing.assert_array_equal(ours.state["hidden"], theirs.state["hidden"])


def test_the_folder_holds_two_files_named_by_their_content(saved, policy, game) -> None:
    assert sorted(p.name for p in folder(saved).iterdir()) == [f"{saved.hash}.json", f"{saved.hash}.safetensors"]
    assert len(saved.hash) == 16
    again = save(policy, folder(saved), game=game, lineage=LINEAGE, steps=1000)
    assert again == saved
    others = [save(policy, folder(saved), game=game, steps=s, ordinal=o) for s, o in ((1000, 0), (1001, 0), (1000, 1))]
    assert len({s.hash for s in (saved, *others)}) == 4


def test_the_manifest_says_what_it_is(saved, game) -> None:
    manifest = json.loads(saved.manifest.read_text())
    assert manifest["game"] == "test/shape"
    assert manifest["steps"] == 1000
    assert manifest["network"]["recurrent"] == 4
    assert manifest["layout"]["observation"]["planes"]["shape"] == [3, 8, 8]
    assert manifest["versions"].keys() == {"arena-league", "torch", "numpy"}


def test_any_flipped_bit_is_noticed(saved) -> None:
    for path in (saved.weights, saved.manifest):
        whole = path.read_bytes()
        for where in (10, len(whole) // 2, len(whole) - 2):
            path.write_bytes(whole[:where] + bytes([whole[where] ^ 1]) + whole[where + 1 :])
            with pytest.raises(InputError, match=r"is damaged|has format"):
                load(folder(saved), saved.hash)
        path.write_bytes(whole)
    assert load(folder(saved), saved.hash).hash == saved.hash


@pytest.mark.parametrize("kept", [0, 7, 0.5])
def test_a_file_that_is_cut_short(saved, kept) -> None:
    for path in (saved.weights, saved.manifest):
        whole = path.read_bytes()
        path.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
        with pytest.raises(InputError, match="is damaged"):
            load(folder(saved), saved.hash)
        path.write_bytes(whole)


@pytest.mark.parametrize("text", ["[]", "3", '{"format": 1}', '{"format": 1, "hash": 5}', "not json", '"hash"'])
def test_a_manifest_that_is_none(saved, text) -> None:
    saved.manifest.write_text(text)
    with pytest.raises(InputError, match="is damaged: it is not"):
        load(folder(saved), saved.hash)


def test_missing_files(saved) -> None:
    saved.weights.unlink()
    with pytest.raises(InputError, match=r"safetensors cannot be read: No such file"):
        load(folder(saved), saved.hash)
    saved.manifest.unlink()
    with pytest.raises(InputError, match=r"json cannot be read: No such file"):
        load(folder(saved), saved.hash)


def test_another_name_is_another_snapshot(saved) -> None:
    for path in (saved.weights, saved.manifest):
        path.rename(path.with_name("0" * 16 + path.suffix))
    with pytest.raises(InputError, match="is damaged"):
        load(folder(saved), "0" * 16)


def test_another_version(saved) -> None:
    edit(saved, format=2)
    with pytest.raises(InputError, match="has format 2, and this version reads format 1"):
        load(folder(saved), only(folder(saved)))


@pytest.mark.parametrize(
    "changes",
    [
        {"network": {"kind": "transformer"}},
        {"network": {"hidden": [9], "recurrent": 4}},
        {"network": []},
        {"layout": None},
        {"layout": {"observation": {}, "actions": {}}},
        {"lineage": {"mother": 1}},
    ],
)
def test_true_to_its_hash_but_no_network_of_ours(saved, changes) -> None:
    edit(saved, **changes)
    with pytest.raises(InputError, match="does not describe a network of ours"):
        load(folder(saved), only(folder(saved)))


def test_made_for_another_game(saved, game, entity_game) -> None:
    with pytest.raises(InputError) as error:
        load(folder(saved), saved.hash, game=entity_game(4))
    assert str(error.value) == (
        f"snapshot {saved.hash} was made for test/shape and cannot play test/shape: it needs the observation 'planes', "
        "which the game does not give"
    )


def test_greedy_and_temperature_make_another_agent(saved, game) -> None:
    plain = load(folder(saved), saved.hash)
    greedy = load(folder(saved), saved.hash, greedy=True, temperature=0.5)
    assert greedy.id == f"snapshot:{saved.hash}?greedy=true&temperature=0.5"
    assert greedy.hash != plain.hash
    assert greedy.policy.greedy


def test_nothing_is_left_when_writing_fails(policy, game, tmp_path, monkeypatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write a snapshot into .*: No space left on device"):
        save(policy, tmp_path / "s", game=game)
    assert list((tmp_path / "s").iterdir()) == []


def test_the_manifest_comes_last(policy, game, tmp_path, monkeypatch) -> None:
    """Whatever moment a crash hits, a manifest stands beside its weights."""
    names = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (names.append(Path(to).suffix), replace(self, to)))
    save(policy, tmp_path, game=game)
    assert names == [".safetensors", ".json"]


def test_a_folder_that_is_a_file(policy, game, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write a snapshot into"):
        save(policy, tmp_path / "file" / "snapshots", game=game)


def test_locate_finds_by_digits_and_by_path(saved) -> None:
    where = (folder(saved), saved.hash)
    assert locate(saved.hash, folder(saved)) == where
    assert locate(saved.hash[:4], folder(saved)) == where
    assert locate(str(saved.weights), None) == where
    assert locate(str(saved.manifest), None) == where


@pytest.mark.parametrize("name", ["abc", "zzzz", "*", "????", ""])
def test_locate_says_what_it_did_not_find(name, saved) -> None:
    with pytest.raises(InputError, match="there is no snapshot"):
        locate(name, folder(saved))


def test_locate_needs_one_answer_and_a_folder(saved, tmp_path) -> None:
    for name in ("abcd1.json", "abcd2.json"):
        (folder(saved) / name).write_text("{}")
    with pytest.raises(InputError, match="2 snapshots begin with 'abcd'"):
        locate("abcd", folder(saved))
    with pytest.raises(InputError, match="give the path of its file instead"):
        locate("abcd", None)
    with pytest.raises(InputError, match=r"there is no snapshot at nowhere/x: nowhere/x\.json is missing"):
        locate("nowhere/x", None)
