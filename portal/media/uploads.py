"""Photos that come with a form: files of the form itself, and tokens uploaded just before.

`receive` cleans the files before the transaction; `Incoming.keep` writes and claims them inside it.
Any feature's form uses this; the addresses that serve the pictures stay with the feature.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, cast

from flask import current_app, request

from portal.core.sealed import lookup_hash
from portal.media import queries, services
from portal.media.models import Media
from portal.media.pictures import PictureLimits
from portal.media.refusals import PictureRefused, Refusal
from portal.media.services import Prepared
from portal.web.transaction import browser_id


def upload_session() -> str:
    """Return the hash under which this browser's uploads before sign-in are kept."""
    return lookup_hash("uploads", browser_id())


@dataclass
class Incoming:
    """The photos of one form."""

    prepared: list[Prepared] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def keep(self, *, person_id: int | None, now: datetime) -> list[Media]:
        """Write the new ones and find the uploaded ones; raises PictureRefused when one is gone."""
        kept = [
            services.keep(
                one, uploader_person_id=person_id, upload_session=upload_session(), now=now
            )
            for one in self.prepared
        ]
        if self.tokens:
            known = queries.owned_uploads(
                self.tokens, person_id=person_id, upload_session=upload_session()
            )
            if len(known) != len(self.tokens):
                raise PictureRefused(Refusal.GONE)
            kept += known
        return kept


def receive(
    limits: PictureLimits, most: int, files: str = "photos", tokens: str = "photo_ids"
) -> Incoming:
    """Clean the form's files (slow: outside the transaction), with its tokens up to `most`.

    `files` and `tokens` name the form's inputs. Raises PictureRefused.
    """
    storage = current_app.extensions["storage"]
    uploaded = list(dict.fromkeys(filter(None, request.form.getlist(tokens))))[:most]
    uploads = [item for item in request.files.getlist(files) if item.filename]
    return Incoming(
        prepared=[
            services.prepare(cast("BinaryIO", item.stream), limits=limits, storage=storage)
            for item in uploads[: most - len(uploaded)]
        ],
        tokens=uploaded,
    )
