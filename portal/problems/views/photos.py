"""Photos on their way in, and the pictures of a problem on their way out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from flask import abort, current_app, jsonify, redirect, request, session, url_for
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from portal.accounts import desk
from portal.core import uow
from portal.core.errors import NotFound
from portal.core.sealed import lookup_hash
from portal.media import queries as media_queries
from portal.media import services as media
from portal.media import uploads
from portal.media.models import Media
from portal.media.pictures import PictureLimits
from portal.media.refusals import PictureRefused, Refusal
from portal.media.services import Prepared
from portal.problems import policies, queries, rules, services
from portal.problems.queries import Typed
from portal.problems.views import bp
from portal.web.auth import authorise, current_actor, guarded_by, moment, public
from portal.web.errors import explain, notice
from portal.web.transaction import browser_id

TOO_MANY = 429


def draft_key() -> str | None:
    """Return the hash under which this browser's draft is kept; None before it has one."""
    return lookup_hash("draft", session["browser"]) if "browser" in session else None


def draft() -> Typed:
    """Return what this browser typed so far."""
    return queries.typed(draft_key())


def keep(change: Callable[[Typed], None]) -> Typed:
    """Change this browser's draft in an act of its own and return it.

    A visitor's first draft counts as a turn of the address: 429 when it had too many.
    """
    key = lookup_hash("draft", browser_id())
    with uow.transaction():
        services.hold_draft(key)
        typed = queries.typed(key)
        if typed == Typed():
            visitor_turn()
        change(typed)
        services.keep_draft(key, typed, moment())
    return typed


def visitor_turn() -> None:
    """Count a turn of a visitor inside the act under way; answers 429 when there were too many."""
    if not current_actor().signed_in:
        _turn("visitor", desk.address())


def _turn(purpose: str, who: str) -> None:
    most = queries.house_rules(moment()).number("problems.visitor.hourly")
    if not services.take_turn(lookup_hash(purpose, who), most, moment()):
        abort(TOO_MANY)


def photo_turn() -> None:
    """Count one photo before a byte of it is kept: of a person, else of the address.

    An act of its own, so that what is turned away later counts too and fills no disk.
    """
    person_id = current_actor().person_id
    with uow.transaction():
        if person_id is None:
            _turn("visitor", desk.address())
        else:
            _turn("photos", str(person_id))


@dataclass
class TakenIn:
    """The files of one form: those that are pictures, and why others are not."""

    prepared: list[Prepared] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def tokens(self) -> list[str]:
        """Write the rows inside the act under way and return the pictures' tokens."""
        return [
            media.keep(
                one,
                uploader_person_id=current_actor().person_id,
                upload_session=uploads.upload_session(),
                now=moment(),
            ).token
            for one in self.prepared
        ]


def picture_limits() -> PictureLimits:
    """Return the limits for a photo that belongs to no problem yet."""
    return rules.picture_limits(queries.house_rules(moment()))


def most_photos() -> int:
    """Return how many photos a report may have."""
    return queries.house_rules(moment()).number("problems.photos.most")


def take_in(name: str, most: int) -> TakenIn:
    """Clean up to `most` files of the form, slowly and outside any act; one bad file stops none."""
    taken = TakenIn()
    storage = current_app.extensions["storage"]
    limits = picture_limits()
    for item in request.files.getlist(name):
        if not item.filename:
            continue
        if len(taken.prepared) >= most:
            taken.refusals.append(explain(current_app, "photos_enough", {"most": most_photos()}))
            break
        photo_turn()
        try:
            stream = cast("BinaryIO", item.stream)
            taken.prepared.append(media.prepare(stream, limits=limits, storage=storage))
        except PictureRefused as refused:
            taken.refusals.append(explain(current_app, refused.code))
    return taken


def owned(tokens: list[str]) -> list[str]:
    """Return those of `tokens` that this browser or person uploaded and nothing has used."""
    found = media_queries.owned_uploads(
        tokens,
        person_id=current_actor().person_id,
        upload_session=uploads.upload_session() if "browser" in session else None,
    )
    return [one.token for one in found]


@bp.post("/report/photos")
@public("a photo comes before the phone number; it is seen by this browser only")
def upload_photo() -> Response:
    """Take one photo in before the form is sent: answers JSON for the script, else goes back."""
    as_json = request.accept_mimetypes.best == "application/json"
    room = most_photos() - len(owned(draft().photos))
    taken = take_in("photo", room)
    if not taken.prepared:
        said = taken.refusals or [explain(current_app, Refusal.NOT_A_PICTURE)]
        return _refused(said[0], as_json=as_json)
    new: list[str] = []

    def add(typed: Typed) -> None:
        new.extend(taken.tokens())
        typed.photos = [*typed.photos, *new]

    keep(add)
    if as_json:
        answer: Response = jsonify(
            id=new[0], src=url_for("problems.own_photo", token=new[0], size="thumb")
        )
        return answer
    return redirect(url_for("problems.report"), code=303)


def _refused(sentence: str, *, as_json: bool) -> Response:
    if not as_json:
        notice(sentence, "late")
        return redirect(url_for("problems.report"), code=303)
    answer: Response = jsonify(error=sentence)
    answer.status_code = 422
    return answer


@bp.get("/report/photos/<token>/<any(thumb, large):size>")
@public("shows this browser's own uploads only")
def own_photo(token: str, size: str) -> Response:
    """Show a photo to the browser that uploaded it."""
    if not owned([token]):
        raise NotFound
    found = media_queries.by_token(token)
    if found is None:
        raise NotFound
    return serve(found, size)


@bp.get("/p/<ref>/photos/<token>/<any(thumb, large):size>")
@guarded_by(policies.can_see)
def photo(ref: str, token: str, size: str) -> Response:
    """Show a photo of a problem: released ones to its readers, all to reporter and handlers."""
    actor = current_actor()
    problem = queries.get_visible(ref, actor)
    standing = queries.standing(problem, actor)
    authorise(standing)
    unreleased = policies.unreleased_photos(actor, standing, moment())
    return serve(queries.picture(problem.id, token, unreleased=unreleased), size)


def serve(found: Media, size: str) -> Response:
    """Answer with a picture's bytes, for this reader's cache only."""
    key = found.thumb_key if size == "thumb" else found.storage_key
    response = send_file(
        current_app.extensions["storage"].open(key),
        request.environ,
        mimetype="image/jpeg",
        max_age=None,
        etag=False,
    )
    response.headers["Cache-Control"] = "private, max-age=600"
    return response
