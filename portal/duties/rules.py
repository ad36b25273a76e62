"""Pure matching of words."""

from collections.abc import Mapping


def words(keywords: str) -> tuple[str, ...]:
    """Return the words of a keyword cell, longest first."""
    return tuple(sorted(set(keywords.split()), key=lambda word: (-len(word), word)))


def score(text: str, keywords: str) -> int:
    """Return how well a text fits: the summed length of the keywords that stand in it.

    A keyword inside a longer one that matched is not counted twice, so that 燃气味 beats 味.
    """
    left, total = text, 0
    for word in words(keywords):
        if word in left:
            total += len(word)
            left = left.replace(word, "\0")
    return total


def best(text: str, keywords: Mapping[int, str], limit: int) -> list[int]:
    """Return the ids whose keywords fit best, at most `limit`; equal scores keep their order."""
    scored = [(score(text, found), key) for key, found in keywords.items()]
    ranked = sorted((s for s in scored if s[0] > 0), key=lambda pair: -pair[0])
    return [key for _points, key in ranked[:limit]]
