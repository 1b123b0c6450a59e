"""What can go wrong because of something a person gave us.

Here: the few kinds of error that reach the command line as a message instead of a stack trace. Each message is
complete in itself: it names the thing, the value and the remedy. Not here: programming errors, which keep their trace.
"""


class PromisekeptError(Exception):
    """Base of every error that its reader can fix; `str(error)` is the whole message."""


class ConfigError(PromisekeptError):
    """promisekept.yml, or a file that it names, is not what it should be."""


class PackError(PromisekeptError):
    """A policy pack has a dangling code, an unreadable register or a promise that leads nowhere."""


class ProgramError(PromisekeptError):
    """The program itself is at fault, whatever it was given; the message names what can be done meanwhile."""


class LandingError(PromisekeptError):
    """A source could not be landed; nothing of it was taken."""


class MachineError(LandingError):
    """A delivery could not be landed because of this machine, whatever it holds: there is no room, or a limit is reached."""


class PublishingError(PromisekeptError):
    """A candidate could not be published; the last good snapshot is still current."""


class SystemRefusedError(PromisekeptError):
    """The disk takes no more, rights forbid what was asked, or a limit is reached; nothing has a final name that is not whole."""


class LockHeld(PromisekeptError):  # noqa: N818 - reads as what happened
    """Another process is writing below this home."""


class EvidenceError(PromisekeptError):
    """A bundle could not be made, or is not what it should be; nothing was written."""
