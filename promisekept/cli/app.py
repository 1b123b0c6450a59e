"""The command tree and what becomes of errors.

Exit codes: 0 ok, 1 a verdict is negative, 2 what was asked or given can't be used, 130 interrupted.
"""

from __future__ import annotations

import gc
import signal
import sys

import typer

from promisekept.cli import daily, evidence, keys, look, mend, releasing, start, unattended
from promisekept.cli.interrupting import INTERRUPTED, leave_at_once
from promisekept.errors import PromisekeptError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Shows whether the promises of a privacy policy were kept, from the logs of what was done.\n\n"
    "First [bold]demo[/bold] to see it, then [bold]init[/bold] for a project of your own, [bold]check[/bold] until nothing is"
    " wrong, [bold]run[/bold] each day, [bold]dashboard[/bold] to read it.",
    epilog="Exit codes: 0 ok · 1 a verdict is negative · 2 usage or input error. Every command that reports takes --format json.",
)
for room in (start, daily, unattended, evidence, keys, releasing, look, mend):
    room.register(app)


def main() -> None:
    """Entry point of the `promisekept` command."""
    # Half a million objects of dbt, Dagster and Great Expectations live until the end: looking through them again and
    # again for garbage, and once more at the exit, takes a fifth of a small run.
    gc.set_threshold(200_000, 20, 100)
    # Whoever starts this process may ignore SIGTERM, and what it starts inherits that: nothing that follows a run's output
    # could be ended, and it would hold the output open for good.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        # Outside of its standalone mode the parser returns the code of an exit, and 130 for Ctrl-C, instead of raising.
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        sys.exit(code)
    except PromisekeptError as error:
        _say(str(error))
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        leave_at_once("Interrupted. Each file landed whole or not at all; run again to go on.")
    except Exception as error:
        if hasattr(error, "format_message"):  # usage errors of the argument parser
            _say(
                f"{error.format_message()}\n  `promisekept --help` lists the commands, `promisekept COMMAND --help` the options."
            )
            sys.exit(2)
        raise
    finally:
        gc.freeze()


def _say(message: str) -> None:
    print(message, file=sys.stderr)
