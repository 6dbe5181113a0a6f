"""Errors that users can act on: one line, no traceback.

Each class has a code, whose first digit is the exit code of the command, and which
docs/errors.md explains: what it means and what to do.
"""

# Of an error that nobody has foreseen, and so of no class here.
UNEXPECTED = "E199"


class CommandError(Exception):
    """What is wrong, where, and what to do about it, in one line."""

    code = "E100"

    @property
    def exit_code(self) -> int:
        """With which the command ends."""
        return int(self.code[1])


class ArgumentError(CommandError):
    """An invalid argument: value found, value wanted."""

    code = "E200"


class SettingsError(CommandError):
    """An invalid setting, by its value or together with another."""

    code = "E300"


class PipelineError(CommandError):
    """The pipeline stopped: bad input, or a model or test that failed."""

    code = "E400"


class InputError(PipelineError):
    """The input is invalid: correcting it helps, another try does not."""

    code = "E410"


class DataTestError(PipelineError):
    """A test of the data failed: another try on the same input fails too."""

    code = "E420"


class DamagedError(PipelineError):
    """A file cannot be opened, though no other process has it."""

    code = "E430"


class OutOfMemoryError(PipelineError):
    """The machine, or a limit of the process, has too little memory."""

    code = "E440"


class InUseError(PipelineError):
    """Another process is at work on the same files: wait for its end."""

    code = "E450"
