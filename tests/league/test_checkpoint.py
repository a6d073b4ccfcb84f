import numpy as np
import pytest

from games import InputError
from league.checkpoint import nested, read, subset, sweep, write

ARRAYS = {
    "a/seed": np.array([2**63 + 5], np.uint64),
    "a/flag": np.array([True, False]),
    "count": np.array(7),
    "turned": np.arange(6.0).reshape(2, 3).T,
}


def test_arrays_come_back_as_they_were(tmp_path):
    write(tmp_path / "new", "one.safetensors", ARRAYS)
    found = read(tmp_path / "new", "one.safetensors")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)


def test_only_one_is_kept_and_drafts_go(tmp_path):
    for name in ("one.safetensors", "two.safetensors"):
        write(tmp_path, name, ARRAYS)
    (tmp_path / "three.safetensors.part").write_bytes(b"half")
    sweep(tmp_path, keep="two.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["two.safetensors"]


def test_what_cannot_be_read_or_written_is_told_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"the checkpoint .*none\.safetensors cannot be read"):
        read(tmp_path, "none.safetensors")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match=r"cannot write the checkpoint .* everything recorded before is unharmed"):
        write(tmp_path / "file", "one.safetensors", ARRAYS)


def test_prefixes():
    arrays = nested("x", ARRAYS)
    assert set(arrays) == {f"x/{name}" for name in ARRAYS}
    assert subset("x", arrays).keys() == ARRAYS.keys()
    assert subset("x/a", arrays).keys() == {"seed", "flag"}
