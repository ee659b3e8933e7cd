#!/usr/bin/env python3
"""A small calling app under test: JSON lines over stdio, virtual time, only the standard library.

    hookswitch sim run --app phone='python3 examples/app-under-test/phone.py' \
        examples/app-under-test/phone.hsw

The protocol is documented in docs/app-under-test.md.
"""

import json
import sys

# How long this app takes to set up the media of a call, in milliseconds of virtual time.
MEDIA_SETUP_MS = 200


class Phone:
    def __init__(self):
        self.now_ms = 0
        self.jobs = []  # (when in ms, order, what to do then)

    def send(self, **message):
        print(json.dumps(message), flush=True)

    def later(self, delay_ms, job):
        self.jobs.append((self.now_ms + delay_ms, len(self.jobs), job))
        self.jobs.sort(key=lambda entry: entry[:2])

    def idle(self):
        if self.jobs:
            self.send(type="idle", until_ms=self.jobs[0][0])
        else:
            self.send(type="idle")

    def handle(self, message):
        self.now_ms = message.get("at_ms", self.now_ms)
        kind = message["type"]
        if kind == "hello":
            self.send(type="hello", protocol=1, acknowledges=True)
        elif kind == "far-end":
            self.far_end(message)
        elif kind == "perform":
            self.perform(message)
        elif kind == "wake":
            while self.jobs and self.jobs[0][0] <= self.now_ms:
                self.jobs.pop(0)[2]()
        elif kind == "audio-denied" or (kind == "audio-interrupted" and message["began"]):
            # Nobody hears us for a while: the far end should know.
            print(f"no audio for {message['call']}: {message['reason']}", file=sys.stderr)
        # registered, reply, audio, ended, expired and open need no word of ours.
        if "letter" in message:
            # It is in our hands now; what is not acknowledged is told again to our next process.
            self.send(type="acknowledge", letter=message["letter"])
        self.idle()

    def far_end(self, message):
        report = {key: message[key] for key in ("call", "from", "name", "video", "reason")
                  if key in message}
        self.send(type="report", report=message["what"], **report)

    def perform(self, message):
        ask = message["ask"]
        fulfill = lambda: self.send(type="fulfill", ask=ask)
        if message["action"] == "answer":
            self.later(MEDIA_SETUP_MS, fulfill)
        else:
            fulfill()


def main():
    phone = Phone()
    for line in sys.stdin:
        phone.handle(json.loads(line))


if __name__ == "__main__":
    main()
