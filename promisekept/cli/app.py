"""The command tree and what becomes of errors.

Exit codes: 0 ok, 1 a verdict is negative, 2 what was asked or given can't be used, 3 the program failed, 130 and 143 ended by
Ctrl-C and SIGTERM, 141 nobody reads the result.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from promisekept.cli import traces
from promisekept.cli.interrupts import INTERRUPTED, leave_at_once
from promisekept.cli.streams import prepare_streams, require_result
from promisekept.errors import ProgramError, PromisekeptError
from promisekept.system_errors import DISK_FULL, is_disk_full, system_problem
from promisekept.umask import close_to_others

CRASHED = 3
COMMANDS = {
    "setup": ("demo", "init", "check"),
    "registers": ("registers",),
    "daily": ("run", "dashboard"),
    "monitoring": ("metrics", "digest", "alerts"),
    "evidence": ("export", "verify"),
    "reporting": ("report", "calendar"),
    "releasing": ("release", "sample"),
    "keys": ("keys",),
    "snapshots": ("explain", "snapshots"),
    "figures": ("figures", "query", "describe", "tables"),
    "serving": ("api",),
    "repair": ("reland", "fsck", "restore", "quarantine"),
    "dbt": ("dbt",),
}
"""The commands and groups of each module, in the order in which the help lists them."""
_MODULES = {name: module for module, names in COMMANDS.items() for name in names}


class _Commands(Mapping[str, TyperCommand | TyperGroup]):
    """By name. Whoever asks for one has its module imported, and no other."""

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        return commands_of(_MODULES[name])[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


class _Tree(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _Commands()})


@cache
def commands_of(module: str) -> Mapping[str, TyperCommand | TyperGroup]:
    """What a module of this package registers, by name."""
    part = typer.Typer(rich_markup_mode="rich")
    import_module(f"promisekept.cli.{module}").register(part)
    return get_group(part).commands  # type: ignore[return-value]  # typer makes its own kinds of them


app = typer.Typer(
    cls=_Tree,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Shows whether the promises of a privacy policy were kept, from the logs of what was done.\n\n"
    "First [bold]demo[/bold] to see it, then [bold]init[/bold] for a project of your own, [bold]check[/bold] until nothing is"
    " wrong, [bold]run[/bold] each day, [bold]dashboard[/bold] to read it.",
    epilog="Exit codes: 0 ok · 1 a verdict is negative · 2 usage or input error · 3 the program failed."
    " Every command that reports takes --format json.",
)


@app.callback()
def begin(
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show stack traces here, too; they lie in the project's logs/.")
    ] = False,
) -> None:
    """Whatever the command is."""
    traces.begin(verbose=verbose)


def main() -> None:
    """Entry point of the `promisekept` command."""
    close_to_others()
    # Half a million objects of dbt, Dagster and Great Expectations live until the end: looking through them again and
    # again for garbage, and once more at the exit, takes a fifth of a small run.
    gc.set_threshold(200_000, 20, 100)
    # Whoever starts this process may ignore SIGTERM, and what it starts inherits that: nothing that follows a run's output
    # could be ended, and it would hold the output open for good.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A process of Python's own counts what is left behind when a run is ended, removes it, and would warn after the last line.
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker"]))
    prepare_streams()
    try:
        # Outside of its standalone mode the parser returns the code of an exit, and 130 for Ctrl-C, instead of raising.
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        require_result()
        sys.exit(code)
    except PromisekeptError as error:
        traces.keep(error)
        is_named = "Free space" in str(error) or not is_disk_full(error)
        _say(str(error) if is_named else DISK_FULL)
        sys.exit(CRASHED if isinstance(error, ProgramError) else 2)
    except (KeyboardInterrupt, typer.Abort):
        leave_at_once("Interrupted. Each file landed whole or not at all; run again to go on.")
    except Exception as error:
        if hasattr(error, "format_message"):  # usage errors of the argument parser
            _say(
                f"{error.format_message()}\n  `promisekept --help` lists the commands, `promisekept COMMAND --help` the options."
            )
            sys.exit(2)
        trace_file = traces.keep(error)
        if (problem := system_problem(error)) is not None:
            _say(problem)
            sys.exit(2)
        where = f"The trace lies in {trace_file}." if trace_file else "`promisekept --verbose ...` shows the trace."
        _say(
            f"promisekept failed: {type(error).__name__}. This is a fault of the program, not of what it was given.\n"
            f"  Nothing was left half written; the last good snapshot is still current. {where} Add it when you report this."
        )
        sys.exit(CRASHED)
    finally:
        with suppress(SystemExit):  # nobody reads what was printed before an error
            sys.stdout.flush()
        gc.freeze()


def _say(message: str) -> None:
    print(message, file=sys.stderr)
