"""Why a picture was turned away, as a closed list of codes.

``labels.py`` has the sentence a person reads for each code.
"""

from enum import StrEnum

from portal.core.errors import Refused


class Refusal(StrEnum):
    """The reason code of a refused picture."""

    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    UNSUPPORTED_HEIC = "unsupported_heic"
    USED_ALREADY = "used_already"
    GONE = "gone"


class PictureRefused(Refused):
    """The picture is not taken; ``code`` is a Refusal and has its sentence in labels."""

    def __init__(self, reason: Refusal) -> None:
        """Refuse for ``reason``."""
        super().__init__(reason)
