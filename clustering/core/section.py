"""The base of every schema of configs/."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Keys that belong together; an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True
    )
