"""What the files of a folder are, guessed from their names and contents."""

from clustering.core.input.guesses.guess import (
    Found,
    Guessed,
    guess_database,
    guess_mapping,
)

__all__ = ["Found", "Guessed", "guess_database", "guess_mapping"]
