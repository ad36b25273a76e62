"""Photos that tests send."""

import io

from PIL import Image
from werkzeug.datastructures import FileStorage


def picture_bytes(colour: str = "orange", size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a JPEG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=60)
    return out.getvalue()


def picture(colour: str = "orange", name: str = "photo.jpg") -> FileStorage:
    """Return a photo as a form sends it."""
    return FileStorage(io.BytesIO(picture_bytes(colour)), name, content_type="image/jpeg")
