"""`python -m expectations`: the process that worker.py asks. One question, one answer, until nobody is there to ask."""

from __future__ import annotations

import gc
import os
import sys

from expectations import engine, importing, worker
from expectations.loading import GateError
from promisekept.errors import PromisekeptError


def main() -> None:
    """Answer on what was standard output; whatever prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # What is imported stays to the end: searching it for garbage takes an eighth of the import.
    gc.disable()
    importing.load()
    gc.freeze()
    gc.enable()
    while True:
        try:
            url, tasks = worker.read_message(sys.stdin.buffer)
        except EOFError:
            os._exit(0)  # nothing here needs to be put away
        try:
            answer: object = engine.evaluate(url, tasks)
        except PromisekeptError as error:
            answer = error
        except Exception as error:
            answer = GateError(
                f"The gates could not be evaluated: {type(error).__name__}: {str(error).splitlines()[0]}\n  Run again."
            )
        try:
            worker.write_message(answers, answer)
        except BrokenPipeError:
            os._exit(0)  # whoever asked was interrupted


if __name__ == "__main__":
    main()
