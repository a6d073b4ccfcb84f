"""The text of an agent's URI: where its options begin, its canonical form, and the hash that stands for it in records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from games import Scalar

__all__ = ["canonical", "digest", "split_options"]


def canonical(scheme: str, rest: str, options: Mapping[str, Scalar]) -> str:
    """Return the URI with its options sorted and quoted: equal for equal agents."""
    body = f"{scheme}:{rest}" if rest else scheme
    query = "&".join(f"{quote(k)}={quote(_text(v))}" for k, v in sorted(options.items()))
    return f"{body}?{query}" if query else body


def digest(name: str, contents: Iterable[bytes] = ()) -> str:
    """Return 16 hexadecimal digits that depend on a name and on the contents of what it names."""
    hashed = hashlib.sha256(name.encode())
    for content in contents:
        hashed.update(hashlib.sha256(content).digest())
    return hashed.hexdigest()[:16]


def split_options(text: str) -> tuple[str, str]:
    """Return the command and the options of `COMMAND?OPTIONS`; options begin at the first `?` outside a shell's quotes."""
    quote, escaped = "", False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "?":
            return text[:place], text[place + 1 :]
    return text, ""


def _text(value: Scalar) -> str:
    return value if isinstance(value, str) else json.dumps(value)
