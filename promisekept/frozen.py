"""What every part of the configuration is: a model that can't be changed and accepts no key but its own."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the configuration's models."""

    model_config = ConfigDict(frozen=True, extra="forbid")
