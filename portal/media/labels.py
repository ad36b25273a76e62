"""What a person reads when a picture is turned away."""

from flask_babel import lazy_gettext as _l

from portal.media.refusals import Refusal

REFUSALS = {
    Refusal.NOT_A_PICTURE: _l(
        "This file is not a photo we can show. Please choose a JPEG, PNG, WebP or HEIC picture."
    ),
    Refusal.TOO_MANY_PIXELS: _l(
        "This picture is too big to open safely. Please take it again at the normal photo size."
    ),
    Refusal.TOO_LARGE: _l(
        "This file is too large. Please send one photo, not a video, or take it at a smaller size."
    ),
    Refusal.DAMAGED: _l(
        "This photo is damaged or arrived incomplete. Please send it again or take a new one."
    ),
    Refusal.UNSUPPORTED_HEIC: _l(
        "This server can't open HEIC photos. On an iPhone choose Settings, Camera, Formats, "
        "Most Compatible; or send a screenshot of the photo."
    ),
    Refusal.USED_ALREADY: _l("This photo belongs to another report already. Please add it again."),
    Refusal.GONE: _l("This photo was deleted meanwhile. Please add it again."),
}
