"""Pictures, reduced in size for a model. Only a few formats are decoded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from rfqflow.attachments.child.book import Book, Unreadable
from rfqflow.core.attachments.model import FileReading, PageImage, UnreadReason

if TYPE_CHECKING:
    from rfqflow.core.attachments.limits import ReadingLimits

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF")
_MOST_PIXELS = 60_000_000  # most pixels of a decoded picture, which take 180 MB
_QUALITIES = (82, 65, 45, 30)
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError)


def read_image(content: bytes, book: Book) -> FileReading:
    """A reading with pictures instead of text."""
    Image.MAX_IMAGE_PIXELS = None  # turn off Pillow's own check: the size is checked below, before decoding
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            frames = min(getattr(image, "n_frames", 1) if image.format == "TIFF" else 1, 1_000)
            book.pages = book.pictures = frames
            for frame in range(frames):
                if book.budget.images >= book.budget.limits.images or book.budget.is_spent:
                    book.cut = True
                    break
                image.seek(frame)
                if image.width * image.height > _MOST_PIXELS:
                    raise Unreadable(UnreadReason.TOO_LARGE)
                book.budget.images += 1
                if image.format == "JPEG":
                    image.draft("RGB", (book.budget.limits.image_pixels,) * 2)
                made = picture_of(ImageOps.exif_transpose(image), frame + 1, book.budget.limits)
                if made is not None:
                    book.images.append(made)
                else:
                    book.cut = True
    except _BROKEN as error:
        raise Unreadable(UnreadReason.BROKEN) from error
    return book.reading(UnreadReason.IMAGE_ONLY)


def picture_of(image: Image.Image, page: int, limits: ReadingLimits) -> PageImage | None:
    """A PNG if that is small enough, or else a JPEG of lower and lower quality. None if no JPEG is small enough."""
    if max(image.size) > limits.image_pixels:
        image = image.reduce(max(1, max(image.size) // (limits.image_pixels * 2)))
        image.thumbnail((limits.image_pixels, limits.image_pixels))
    if image.mode not in {"L", "RGB", "1"}:
        image = _on_white(image)
    for quality in (None, *_QUALITIES):
        made = io.BytesIO()
        if quality is None:
            image.save(made, "PNG")
        else:
            (image.convert("L") if image.mode == "1" else image).save(made, "JPEG", quality=quality)
        if made.tell() <= limits.image_bytes:
            media_type = "image/jpeg" if quality else "image/png"
            return PageImage(page, media_type, image.width, image.height, made.getvalue())
    return None


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        return ground.convert("RGB")
    if image.mode.startswith(("I", "F")):
        return image.convert("L")
    return image.convert("RGB")
