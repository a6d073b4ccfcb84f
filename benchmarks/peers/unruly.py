"""A bot for connect four that misbehaves in a way that its first argument names, in matches that its own chance picks.

Plain Python without our packages, as somebody else would write one. It plays the middle-most legal column. A match is bad
for it when its chance is divisible by its second argument; then it fails at its third move, before any match can have ended.
"""

import json
import os
import sys
import time

KIND, EVERY = sys.argv[1], int(sys.argv[2])


def say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def misbehave(number: int) -> None:
    if KIND == "crash":
        print("I give up", file=sys.stderr, flush=True)
        os._exit(3)
    if KIND == "stall" or KIND == "slow-death":
        time.sleep(3600)
    if KIND == "illegal":
        say({"id": number, "action": 7})
    if KIND == "garbage":
        sys.stdout.write("\x1b[31m<html>what?\n")
        sys.stdout.flush()
    if KIND == "flood":
        while True:
            sys.stdout.write("x" * (1 << 16))
    if KIND == "hog":
        kept = []
        while True:
            kept.append(bytearray(b"x") * (1 << 24))
    if KIND == "fork":
        while True:
            os.fork()


def main() -> None:
    if KIND == "start":
        sys.exit("no licence")
    json.loads(sys.stdin.readline())
    say({"type": "ready", "protocol": 1, "batch": 256 if KIND == "steady" else 0})
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] != "act":
            break
        number = request["id"]
        if "rows" in request:
            say({"id": number, "actions": [min(legal, key=lambda c: abs(c - 3)) for legal in request["legal"]]})
            continue
        move, bad = request["step"] // 2, request["seed"] % EVERY == 0
        if KIND == "slow-death" and bad:
            time.sleep(0.05 * move)
        if bad and move == 2:
            misbehave(number)
            continue
        say({"id": number, "action": min(request["legal"], key=lambda c: abs(c - 3))})


main()
