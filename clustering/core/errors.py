"""Errors that users can act on: one line, no traceback."""


class CommandError(Exception):
    """What is wrong, where, and what to do about it, in one line."""

    exit_code = 1


class ArgumentError(CommandError):
    """An invalid argument: value found, value wanted."""

    exit_code = 2


class SettingsError(CommandError):
    """An invalid setting, by its value or together with another."""

    exit_code = 3


class PipelineError(CommandError):
    """The pipeline stopped: bad input, or a model or test that failed."""

    exit_code = 4


class InputError(PipelineError):
    """The input is invalid: correcting it helps, another try does not."""


class DataTestError(PipelineError):
    """A test of the data failed: another try on the same input fails too."""
