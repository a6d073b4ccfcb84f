"""The bot of first_legal.py in the batched form: one request holds many matches, as when a network decides for all at once.

Play it: arena tournament openspiel/tic_tac_toe random "process:python examples/bots/first_legal_batched.py"
"""

import json
import sys


def choose(request: dict) -> list[int]:
    """Return one action for each row: every field of a request is a list with one entry a row."""
    if "legal" not in request:
        return [0] * request["rows"]
    return [legal[0] for legal in request["legal"]]


def main() -> None:
    """Answer line by line until the arena says bye."""
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "hello":
            # 64 rows at most: with more matches in flight, we work on 64 while the arena prepares the next 64
            answer = {"type": "ready", "protocol": 1, "name": "first legal", "batch": 64}
        elif message["type"] == "act":
            answer = {"id": message["id"], "actions": choose(message)}
        else:  # bye
            return
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
