"""Reads imported files on request: python -P -m fem_model.readers, one request a line, one exit code each.

Each file is read by a process that is forked for it, whose end does not concern this one. Modules are
imported once, here.
"""

import json
import os
import signal
import sys
import warnings

from fem_model.readers.reading import READERS, Request, answer

IDLE = 60
"""Seconds without a request after which this process ends."""


def main() -> None:
    """Answer requests until there are no more."""
    warnings.simplefilter("ignore")
    while True:
        signal.alarm(IDLE)
        line = sys.stdin.buffer.readline()
        signal.alarm(0)
        if not line:
            return
        request = Request(**json.loads(line))
        READERS[request.reader].prepared()
        child = os.fork()
        if not child:
            _end_with(request)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _end_with(request: Request) -> None:
    """Answer, silently, and end this process."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        answer(request)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
