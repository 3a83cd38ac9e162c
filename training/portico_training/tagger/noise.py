"""Make clean sentences untidy, piece by piece: lower case, capitals, misspelling, lost punctuation, quotation marks."""

import random
import re
from collections.abc import Sequence

from portico_core.tagging import Tag
from portico_training.augment import misspelled_word
from portico_training.tagger.pieces import Piece

_WORD = re.compile(r"[^\W\d_]{4,}")
_LOWER, _CAPITALS, _TITLE = 0.24, 0.03, 0.02
_MISSPELT, _BARE, _QUOTED, _ONE_LINE = 0.12, 0.06, 0.02, 0.05


def make_untidy(pieces: Sequence[Piece], rng: random.Random) -> list[Piece]:
    """Return the pieces as a hurried writer, a phone or an export would leave them."""
    made = list(pieces)
    draw = rng.random()
    if draw < _LOWER:
        made = [piece.but(piece.text.lower()) for piece in made]
    elif draw < _LOWER + _CAPITALS:
        made = [piece.but(piece.text.upper()) for piece in made]
    elif draw < _LOWER + _CAPITALS + _TITLE:
        made = [piece.but(piece.text.title() if piece.tag is Tag.OUTSIDE else piece.text) for piece in made]
    if rng.random() < _MISSPELT:
        made = [piece.but(_misspell(piece, rng)) for piece in made]
    if rng.random() < _BARE:
        made = [piece.but(re.sub(r"[.,;:!?\"]", "", piece.text)) for piece in made]
    if rng.random() < _QUOTED:
        mark = rng.choice(["> ", "| ", "* ", "- ", ">> ", "?? "])
        made = [Piece(mark), *(piece.but(piece.text.replace("\n", f"\n{mark}")) for piece in made)]
    if rng.random() < _ONE_LINE:
        made = [piece.but(piece.text.replace("\n", " ")) for piece in made]
    return [piece for piece in made if piece.text]


def _misspell(piece: Piece, rng: random.Random) -> str:
    rate = 0.1 if piece.tag is Tag.OUTSIDE else 0.05
    return _WORD.sub(lambda match: misspelled_word(match[0], rng) if rng.random() < rate else match[0], piece.text)
