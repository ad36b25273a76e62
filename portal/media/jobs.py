"""What the worker does for pictures."""

from datetime import datetime

from portal.core.db import db
from portal.core.work import Registry, WorkItem
from portal.media import services
from portal.media.models import Media
from portal.media.storage import Storage


def register(registry: Registry, storage: Storage) -> None:
    """Let the worker remove the bytes of erased pictures from ``storage``."""

    def remove_bytes(item: WorkItem, _now: datetime) -> None:
        media = db.session.get_one(Media, item.payload["media_id"])
        services.remove_bytes(media, storage=storage)

    registry.register(services.REMOVE_BYTES, remove_bytes)
