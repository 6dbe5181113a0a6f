"""What the files of a folder are, guessed from their names and contents."""

from clustering.core.input.guesses.guess import (
    Found,
    Guessed,
    guess_database,
    guess_mapping,
)
from clustering.core.input.guesses.scores import Guess

__all__ = ["Found", "Guess", "Guessed", "guess_database", "guess_mapping"]
