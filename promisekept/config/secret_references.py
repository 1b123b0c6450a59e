"""Where a credential lies, as the configuration names it: in an environment variable, or in a file.

Here: the names. Not here: reading what is named (credentials.py), or what needs it.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, model_validator

from promisekept.config.relative_paths import JoinedPath
from promisekept.frozen import Frozen

Model = TypeVar("Model", bound=Frozen)


def _variable(value: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", value) is None:
        message = "this is no name of an environment variable; put the value into one, and its name here"
        raise ValueError(message)
    return value


EnvironmentVariable = Annotated[str, AfterValidator(_variable)]


class Secret(Frozen):
    """Where a credential lies: in an environment variable, or in a file that its owner alone may read."""

    env: EnvironmentVariable | None = None
    file: JoinedPath | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Secret:
        if (self.env is None) == (self.file is None):
            message = "a credential has one place: give either `env` or `file`"
            raise ValueError(message)
        return self


def one_place(model: Model, env: str, file: str) -> Model:
    """The model, where it names one of two keys of its own: `env`, a variable, or `file`.

    Raises:
        ValueError: it names neither or both.
    """
    if (getattr(model, env) is None) == (getattr(model, file) is None):
        message = f"give either `{env}`, an environment variable, or `{file}`, a file that its owner alone may read"
        raise ValueError(message)
    return model
