"""Snapshots: frozen agents on disk, addressed by their content.

A snapshot is two files in one folder: `<hash>.safetensors`, the weights, and `<hash>.json`, the manifest: which game, which
layout, which network, where it comes from. The hash covers both. Nothing in them is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from games import Game, InputError
from populations.agent import Agent, Lineage
from populations.layout import Layout
from populations.mra.policy import LatentPolicy
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy

__all__ = ["FORMAT", "Snapshot", "load", "locate", "save"]

FORMAT = 1
"""The version of the two files' form. A snapshot of another one is refused."""

_DIGITS = 16  # of the SHA-256, as in the hashes of tasks and agents


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen agent on disk.

    Attributes:
        hash: 16 hexadecimal digits that name it.
        manifest: the path of its manifest; the weights lie beside it.
    """

    hash: str
    manifest: Path

    @property
    def weights(self) -> Path:
        """The path of its weights."""
        return self.manifest.with_suffix(".safetensors")


def save(
    policy: NeuralPolicy, folder: Path, *, game: Game, lineage: Lineage | None = None, steps: int = 0, ordinal: int = 0
) -> Snapshot:
    """Write a policy's weights and manifest, so that after a crash at any moment both are there or no manifest is.

    Args:
        policy: a frozen policy.
        folder: made if it is missing.
        game: what it was trained on.
        lineage: where it comes from.
        steps: decisions that it has learned from.
        ordinal: the number of the snapshot in its run: two with the same weights differ by it.

    Returns:
        The snapshot. Saving the same again changes nothing.

    Raises:
        InputError: when the folder cannot be written to.
    """
    network = policy.network
    weights = write_tensors({name: w.detach().contiguous() for name, w in network.state_dict().items()})
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "game": game.name,
        "layout": network.layout.to_json(),
        "network": network.spec.to_json(),
        "lineage": asdict(lineage or Lineage()),
        "steps": steps,
        "ordinal": ordinal,
        "versions": {"arena-league": version("arena-league"), "torch": torch.__version__, "numpy": np.__version__},
    }
    content = _hash(manifest, weights)
    snapshot = Snapshot(content[:_DIGITS], folder / f"{content[:_DIGITS]}.json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(snapshot.weights, weights)
        text = json.dumps(manifest | {"hash": content}, indent=2, sort_keys=True, allow_nan=False)
        _write(snapshot.manifest, text.encode() + b"\n")
    except OSError as error:
        raise InputError(f"cannot write a snapshot into {folder}: {error.strerror}") from error
    return snapshot


def load(
    folder: Path,
    content: str,
    *,
    game: Game | None = None,
    greedy: bool = False,
    temperature: float = 1.0,
    latent: int | None = None,
) -> Agent:
    """Return the agent of a snapshot, every byte of it verified.

    Args:
        folder: where it lies.
        content: its hash.
        game: what it is to play; None to take it as it is.
        greedy: always take the likeliest action.
        temperature: divides the logits.
        latent: for networks of several modes, the one to play; None to draw one a match.

    Raises:
        InputError: when a file is missing, cut short, damaged, of another version, or made for another game.
    """
    snapshot = Snapshot(content, folder / f"{content}.json")
    manifest, weights = _manifest(snapshot.manifest), _read(snapshot.weights)
    recorded = manifest.pop("hash", None)
    if _hash(manifest, weights) != recorded or content != recorded[:_DIGITS]:
        raise InputError(f"snapshot {snapshot.manifest} is damaged: its content does not have the hash in its manifest")
    try:
        layout = Layout.from_json(manifest["layout"])
        network = Network(NetworkSpec.from_json(manifest["network"]), layout)
        network.load_state_dict(read_tensors(weights))
        lineage = Lineage(**manifest["lineage"])
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, safetensors.SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"snapshot {snapshot.manifest} does not describe a network of ours: {reason}") from error
    network.requires_grad_(False)
    if network.prior is not None:
        policy: NeuralPolicy = LatentPolicy(network, greedy=greedy, temperature=temperature, latent=latent)
    elif latent is None:
        policy = NeuralPolicy(network, greedy=greedy, temperature=temperature)
    else:
        raise InputError(f"snapshot {content} has no latent to choose: its network has one mode")
    if game is not None and (mismatch := policy.refuses(game)):
        raise InputError(f"snapshot {content} was made for {manifest['game']} and cannot play {game.name}: {mismatch}")
    options = {"greedy": greedy, "temperature": temperature, "latent": latent}
    plain = {"greedy": False, "temperature": 1.0, "latent": None}
    changed = "&".join(f"{k}={json.dumps(v)}" for k, v in options.items() if v != plain[k])
    if changed:
        name = f"snapshot:{content}?{changed}"
        return Agent(name, hashlib.sha256(name.encode()).hexdigest()[:_DIGITS], policy, lineage)
    return Agent(f"snapshot:{content}", content, policy, lineage)


def locate(name: str, folder: Path | None) -> tuple[Path, str]:
    """Return folder and hash of the snapshot that a user means.

    Args:
        name: the path of one of its files; or its hash, or at least the first 4 digits of it.
        folder: where hashes are looked up.

    Raises:
        InputError: when there is none, or more than one.
    """
    path = Path(name)
    if path.suffix in (".json", ".safetensors") or "/" in name:
        manifest = path.with_suffix(".json")
        if not manifest.is_file():
            raise InputError(f"there is no snapshot at {name}: {manifest} is missing")
        return manifest.parent, manifest.stem
    if folder is None:
        raise InputError(f"snapshot {name!r} needs a folder to look in: give the path of its file instead")
    found = sorted(p.stem for p in folder.glob(f"{name}*.json")) if len(name) >= 4 and name.isalnum() else []
    if len(found) != 1:
        problem = f"{len(found)} snapshots begin with {name!r}" if found else f"there is no snapshot {name!r}"
        raise InputError(f"{problem} in {folder} (give its hash, or at least 4 digits of it)")
    return folder, found[0]


def _manifest(path: Path) -> dict[str, Any]:
    text = _read(path)
    try:
        manifest = json.loads(text)
    except ValueError:
        raise InputError(f"snapshot manifest {path} is damaged: it is not JSON") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("hash"), str):
        raise InputError(f"snapshot manifest {path} is damaged: it is not a manifest")
    if manifest.get("format") != FORMAT:
        raise InputError(f"snapshot {path} has format {manifest.get('format')}, and this version reads format {FORMAT}")
    return manifest


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"snapshot file {path} cannot be read: {error.strerror}") from error


def _hash(manifest: Mapping[str, Any], weights: bytes) -> str:
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode() + b"\n" + weights).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file so that its name stands for the whole of it, or for nothing, even after a power cut."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
