"""Results as a Parquet file, for data frames: one match a row, under the names of the JSON lines.

Task and metrics, whose keys differ from game to game, are JSON in text columns.
"""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from arena.console import plain
from arena.rows import rows
from league.store import Store

__all__ = ["write_parquet"]

_BATCH = 10_000


def write_parquet(store: Store, path: Path) -> tuple[int, int]:
    """Write all matches.

    Raises:
        ModuleNotFoundError: without the package pyarrow.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    kinds = {
        **dict.fromkeys(("id", "rules", "stage", "task", "reason", "detail", "metrics", "why", "origin", "log"), text),
        **dict.fromkeys(("ordinal", "round", "pair", "game", "seed", "length", "fault"), whole),
        **dict.fromkeys(("agents", "hashes"), pa.list_(text)),
        **dict.fromkeys(("opening", "places"), pa.list_(whole)),
        **dict.fromkeys(("scores", "returns"), pa.list_(real)),
    }
    schema = pa.schema(list(kinds.items()))
    matches, source = 0, rows(store)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(source, _BATCH)):
            for values in batch:
                values |= {key: json.dumps(plain(values[key])) for key in ("task", "metrics")}
            writer.write_table(pa.Table.from_pylist(batch, schema))
            matches += len(batch)
    return matches, 0
