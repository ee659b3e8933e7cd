"""An app under test that writes down what it is told: listener.py FILE [acknowledges]."""

import json
import sys


def send(**message):
    print(json.dumps(message), flush=True)


def main():
    acknowledges = "acknowledges" in sys.argv[2:]
    for line in sys.stdin:
        message = json.loads(line)
        with open(sys.argv[1], "a", encoding="utf-8") as heard:
            heard.write(line)
        if message["type"] == "hello":
            send(type="hello", protocol=1, acknowledges=True)
        elif message["type"] == "far-end":
            send(type="report", report=message["what"], call=message["call"])
        elif message["type"] == "perform":
            send(type="fulfill", ask=message["ask"])
        if acknowledges and "letter" in message:
            send(type="acknowledge", letter=message["letter"])
        send(type="idle")


main()
