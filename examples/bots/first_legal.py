"""A bot in plain Python: it takes the first legal action. Copy it, and write your own `choose`.

Play it: arena tournament openspiel/tic_tac_toe random "process:python examples/bots/first_legal.py"
Every line from the arena, and every line to it, is one JSON object; `docs/protocol.md` describes them all.
"""

import json
import sys


def choose(request: dict) -> int:
    """Return the action for one request: look at request["observation"], and at request["legal"] where there are rules."""
    return request["legal"][0] if "legal" in request else 0


def main() -> None:
    """Answer line by line until the arena says bye."""
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "hello":
            answer = {"type": "ready", "protocol": 1, "name": "first legal"}
        elif message["type"] == "act":
            answer = {"id": message["id"], "action": choose(message)}
        else:  # bye
            return
        print(json.dumps(answer), flush=True)  # without flush the line stays here, and our time runs out


if __name__ == "__main__":
    main()
