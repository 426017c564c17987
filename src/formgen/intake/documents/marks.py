"""Which of two or more options is ticked: ``☑达标 ☐未达标`` in all its spellings. Never a guess."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from formgen.intake.documents.blocks import BARE, TICKED
from formgen.intake.documents.simplified import simplified

_TICKS: Final = f"{TICKED}☒✓✔√■🗹✅🗸"
_BOXES: Final = f"{BARE}□◻⬜▢❑❒"
_LETTERS: Final = {"R": TICKED, "£": BARE, "￡": BARE, "口": BARE}
"""What a box looks like where its font (Wingdings 2) is lost, or 口 was typed for one: beside an option only."""
_NEAR: Final = 2
"""So many characters (a bracket, a colon) may stand between a box and its option."""
_READ: Final = 2000
"""No cell with boxes holds more."""
_GAP: Final = r"[\s\ufe0e\ufe0f]*"


class State(Enum):
    """What the boxes say."""

    CHOSEN = "chosen"
    BOTH = "both"
    NEITHER = "neither"
    NO_BOXES = "no-boxes"
    """The options are there, and no box: the ticks have been lost."""
    NOTHING = "nothing"
    """Neither boxes nor options."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a text says about the options; ``start`` and ``end`` enclose boxes and options in it."""

    state: State
    value: str | None = None
    start: int = 0
    end: int = 0
    deduced: bool = False
    """Whether the word beside the tick is lost, and the option is the one that is left over."""

    words: bool = False
    """Whether there is an option beside one of the boxes, of which none is ticked."""

    @property
    def named(self) -> bool:
        """Whether any option is named: else these may be the boxes of another form."""
        return self.state in (State.CHOSEN, State.BOTH, State.NO_BOXES) or self.words


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    ticked: bool | None = None
    option: str | None = None
    empty: bool = False
    """Whether it is a pair of brackets with nothing in it."""


_Pairs = list[tuple[_Token | None, _Token]]
"""Boxes, each with the option beside it."""


def choice(text: str, options: Mapping[str, Sequence[str]]) -> Choice:
    """What is ticked in ``text``; ``options`` are the canonical values with the words for each."""
    tokens = _tokens(text[:_READ], options)
    boxes = [token for token in tokens if token.ticked is not None]
    words = [token for token in tokens if token.option is not None]
    if not boxes:
        if not words:
            return Choice(State.NOTHING)
        return _by_words(text, words)
    pairs = _pairs(tokens, text)
    places = [*boxes, *(word for word, _ in pairs if word is not None)]
    start, end = min(place.start for place in places), max(place.end for place in places)
    return replace(_of_pairs(pairs, tokens, options), start=start, end=end)


def is_tick(text: str) -> bool:
    """Whether a text is a tick and nothing else."""
    return text.strip() in {*_TICKS, "R"}


def _of_pairs(pairs: _Pairs, tokens: list[_Token], options: Mapping[str, Sequence[str]]) -> Choice:
    """What boxes with their options say."""
    named = any(word is not None for word, _ in pairs)
    ticked = [word.option if word is not None else None for word, box in pairs if box.ticked]
    bare = {word.option for word, box in pairs if word is not None and not box.ticked}
    if ticked == [None]:
        left = set(options) - bare
        # □否 ☑ could be either way round, ☑ □否 could not.
        between = tokens[0].option is None and tokens[-1].option is None
        if len(bare) == len(options) - 1 and len(left) == 1 and not between:
            return Choice(State.CHOSEN, left.pop(), deduced=True)
    if not ticked or set(ticked) == {None}:
        return Choice(State.NEITHER, words=named)
    if len(set(ticked)) > 1 or ticked[0] in bare:
        return Choice(State.BOTH)
    return Choice(State.CHOSEN, ticked[0])


def _by_words(text: str, words: list[_Token]) -> Choice:
    """What a text without boxes says: one option alone, or a sentence that begins with it (达标，共 26 人)."""
    start, end = words[0].start, words[-1].end
    if len({word.option for word in words}) == 1:
        first = words[0]
        before, after = text[: first.start].strip(), text[first.end :].lstrip()
        if not before and (not after or after[0] in "，,。；;：:、（("):
            return Choice(State.CHOSEN, first.option, start, first.end)
        return Choice(State.NOTHING)
    # 是 and 否 stand in many sentences; options are next to each other, or there are none.
    between = re.sub(r"[\s/／、|]", "", text[words[0].end : words[1].start])
    if between or text[:start].strip() or text[end:].strip():
        return Choice(State.NOTHING)
    return Choice(State.NO_BOXES, None, start, end)


def _tokens(text: str, options: Mapping[str, Sequence[str]]) -> list[_Token]:
    """Boxes and options in their order."""
    spellings = {word: value for value, words in options.items() for word in words}
    words = "|".join(re.escape(word) for word in sorted(spellings, key=len, reverse=True))
    letters = "".join(_LETTERS)
    # An empty pair of brackets is a place for a tick, too: 达标（√） 未达标（ ）
    pattern = (
        f"(?P<box>[{_TICKS}{_BOXES}])|(?P<letter>[{letters}])(?={_GAP}(?:{words}))|(?P<word>{words})"
        "|(?P<empty>[（(]\\s*[)）])"
    )
    tokens = []
    for match in re.finditer(pattern, simplified(text)):
        if match["word"] is not None:
            tokens.append(_Token(*match.span(), option=spellings[match["word"]]))
        elif match["empty"] is not None:
            tokens.append(_Token(*match.span(), ticked=False, empty=True))
        else:
            sign = match["box"] or _LETTERS[match["letter"]]
            tokens.append(_Token(*match.span(), ticked=sign in _TICKS))
    around = zip([None, *tokens], tokens, [*tokens[1:], None], strict=False)
    return [token for before, token, after in around if not token.empty or _is_near(before, token, after, text)]


def _is_near(before: _Token | None, box: _Token, after: _Token | None, text: str) -> bool:
    """Whether an option stands next to empty brackets."""
    if before is not None and before.option is not None and not text[before.end : box.start].strip():
        return True
    return after is not None and after.option is not None and not text[box.end : after.start].strip()


def _pairs(tokens: list[_Token], text: str) -> _Pairs:
    """Each box with its option: the one after it, or before it where the boxes come last (达标☑ 未达标☐)."""
    first_is_word, last_is_word = tokens[0].option is not None, tokens[-1].option is not None
    after = not first_is_word or last_is_word
    boxes = [token for token in tokens if token.ticked is not None]
    if len(boxes) == 1 and first_is_word and last_is_word:
        return [(_nearer(boxes[0], tokens, text), boxes[0])]
    ordered = tokens if after else tokens[::-1]
    pairs: _Pairs = []
    for index, token in enumerate(ordered):
        if token.ticked is None:
            continue
        word = ordered[index + 1] if index + 1 < len(ordered) else None
        if word is not None and word.option is not None:
            between = text[token.end : word.start] if after else text[word.end : token.start]
            pairs.append((word if len(between.strip()) <= _NEAR else None, token))
        else:
            pairs.append((None, token))
    return pairs


def _nearer(box: _Token, tokens: list[_Token], text: str) -> _Token | None:
    """The option beside which the only box stands, None if it stands as near to the next one (达标√未达标)."""
    index = tokens.index(box)
    before, after = text[tokens[index - 1].end : box.start], text[box.end : tokens[index + 1].start]
    if len(before) == len(after) or min(len(before.strip()), len(after.strip())) > _NEAR:
        return None
    return tokens[index - 1] if len(before) < len(after) else tokens[index + 1]
