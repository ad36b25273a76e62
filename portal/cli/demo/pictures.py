"""Small drawings that stand for residents' photos; made when the demonstration is loaded."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 720
NIGHT, DUSK, DAY = "#131c2e", "#39496b", "#b9d2e6"
GROUND, WALL, BRICK = "#6d6a64", "#d8cfbf", "#9a5b48"
LIT, DARK = "#ffd76a", "#2b3346"

Pen = ImageDraw.ImageDraw


def draw(scene: str) -> bytes:
    """Return the JPEG of a scene; raises KeyError for an unknown one."""
    sky, paint = SCENES[scene]
    picture = Image.new("RGB", (WIDTH, HEIGHT), sky)
    paint(ImageDraw.Draw(picture))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _ground(pen: Pen, colour: str = GROUND) -> None:
    pen.rectangle((0, 540, WIDTH, HEIGHT), fill=colour)


def _house(pen: Pen, left: int, *, lit: bool, colour: str = WALL) -> None:
    pen.rectangle((left, 150, left + 260, 540), fill=colour)
    for row in range(5):
        for column in range(3):
            x, y = left + 30 + column * 75, 180 + row * 72
            pen.rectangle((x, y, x + 44, y + 42), fill=LIT if lit and (row + column) % 3 else DARK)


def _crane(pen: Pen) -> None:
    pen.rectangle((600, 90, 622, 540), fill="#e0a526")
    pen.rectangle((380, 110, 860, 128), fill="#e0a526")
    pen.line((430, 128, 430, 300), fill="#ded8c8", width=4)
    pen.rectangle((396, 300, 464, 352), fill="#8f9aa6")


def _night_site(pen: Pen) -> None:
    _ground(pen, "#3b3a3a")
    _house(pen, 40, lit=True, colour="#4c5570")
    _crane(pen)
    pen.polygon([(520, 540), (622, 120), (760, 540)], fill="#5d5a3d")
    pen.rectangle((470, 420, 900, 540), fill="#565b66")
    pen.ellipse((596, 80, 628, 112), fill="#fff4c2")


def _pump_truck(pen: Pen) -> None:
    _ground(pen, "#3b3a3a")
    pen.rectangle((180, 400, 600, 540), fill="#c8552f")
    pen.rectangle((600, 440, 740, 540), fill="#e7e2d6")
    pen.line((300, 400, 520, 140, 800, 220), fill="#e0a526", width=22)
    for x in (240, 420, 640):
        pen.ellipse((x, 500, x + 90, 590), fill="#1c1c1c")


def _meter(pen: Pen) -> None:
    pen.rounded_rectangle((300, 100, 660, 640), 40, fill="#23262c")
    pen.rounded_rectangle((340, 150, 620, 330), 16, fill="#a9c3a0")
    for x, lines in ((370, "6"), (470, "2")):
        _digit(pen, x, 175, lines)
    for y in (400, 480, 560):
        pen.rounded_rectangle((370, y, 590, y + 46), 12, fill="#454b55")


def _digit(pen: Pen, x: int, y: int, which: str) -> None:
    bars = {
        "a": (x, y, x + 70, y + 14),
        "b": (x + 56, y, x + 70, y + 65),
        "c": (x + 56, y + 65, x + 70, y + 130),
        "d": (x, y + 116, x + 70, y + 130),
        "e": (x, y + 65, x + 14, y + 130),
        "f": (x, y, x + 14, y + 65),
        "g": (x, y + 58, x + 70, y + 72),
    }
    for bar in {"6": "acdefg", "2": "abdeg"}[which]:
        pen.rectangle(bars[bar], fill="#1f2b1c")


def _lamp(pen: Pen, *, lit: bool) -> None:
    _ground(pen, "#3c4149")
    _house(pen, 640, lit=True, colour="#4c5570")
    pen.rectangle((300, 160, 318, 560), fill="#8d949e")
    pen.rectangle((300, 160, 440, 174), fill="#8d949e")
    if lit:
        pen.polygon([(420, 190), (250, 620), (620, 620)], fill="#6b6a4a")
    pen.ellipse((400, 150, 460, 206), fill=LIT if lit else DARK)


def _lane(pen: Pen, *, clear: bool) -> None:
    _ground(pen, "#a9a49a")
    _house(pen, 20, lit=False, colour=BRICK)
    _house(pen, 680, lit=False, colour=BRICK)
    pen.polygon([(280, 720), (420, 300), (540, 300), (680, 720)], fill="#c4bfb4")
    if clear:
        pen.line((480, 320, 480, 720), fill="#f2c230", width=14)
        return
    for x, y, colour in ((330, 600, "#2f6f9f"), (440, 480, "#7a4b2b"), (520, 620, "#4f7d4a")):
        pen.rectangle((x, y - 60, x + 120, y), fill=colour)
    for x in (390, 500):
        pen.ellipse((x, 520, x + 60, 580), outline="#1c1c1c", width=9)


def _garbage(pen: Pen, *, clear: bool) -> None:
    _ground(pen)
    _house(pen, 60, lit=False)
    for number, colour in enumerate(("#3d7a4e", "#2f5f9f", "#8a8f96")):
        left = 400 + number * 160
        pen.rounded_rectangle((left, 400, left + 120, 560), 12, fill=colour)
    if not clear:
        for x, y in ((360, 580), (470, 610), (600, 585), (720, 615), (820, 580)):
            pen.ellipse((x, y, x + 120, y + 90), fill="#2b2b2b")


def _manhole(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="#8b8780")
    pen.ellipse((240, 180, 720, 560), fill="#26282c")
    pen.polygon([(260, 300), (700, 240), (720, 400), (300, 480)], fill="#55585e")


def _step(pen: Pen, *, clear: bool) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=WALL)
    pen.rectangle((320, 60, 640, 420), fill="#6b4a35")
    for row in range(3):
        top = 420 + row * 100
        pen.rectangle((200 - row * 60, top, 760 + row * 60, top + 100), fill="#b5aea1")
        pen.line((200 - row * 60, top, 760 + row * 60, top), fill="#7d776b", width=6)
    if not clear:
        pen.polygon([(520, 520), (700, 520), (660, 600), (560, 590)], fill="#5a544a")


def _river(pen: Pen, *, clear: bool) -> None:
    pen.rectangle((0, 260, WIDTH, 420), fill="#7d9b62")
    pen.rectangle((0, 420, WIDTH, HEIGHT), fill="#5f93ad" if clear else "#6b6a45")
    pen.ellipse((420, 330, 540, 450), fill="#9c968a")
    pen.ellipse((440, 350, 520, 430), fill="#b0aa9d" if clear else "#1f1c17")
    if not clear:
        pen.polygon([(450, 410), (510, 410), (620, 720), (360, 720)], fill="#3c3623")


def _cables(pen: Pen) -> None:
    _ground(pen)
    _house(pen, 100, lit=False)
    _house(pen, 560, lit=False)
    pen.line((200, 220, 460, 560, 640, 300), fill="#c0392b", width=8)
    pen.rounded_rectangle((430, 500, 560, 600), 14, fill="#2f6f9f")


def _bench(pen: Pen) -> None:
    _ground(pen, "#7f9a6c")
    pen.rectangle((220, 420, 740, 450), fill="#8a5a36")
    pen.rectangle((240, 450, 270, 580), fill="#3d4147")
    pen.line((700, 450, 800, 590), fill="#3d4147", width=28)


SCENES: dict[str, tuple[str, Callable[[Pen], None]]] = {
    "night_site": (NIGHT, _night_site),
    "pump_truck": (NIGHT, _pump_truck),
    "meter": ("#c9b79c", _meter),
    "lamp_dark": (NIGHT, lambda pen: _lamp(pen, lit=False)),
    "lamp_lit": (DUSK, lambda pen: _lamp(pen, lit=True)),
    "lane_blocked": (DAY, lambda pen: _lane(pen, clear=False)),
    "lane_clear": (DAY, lambda pen: _lane(pen, clear=True)),
    "garbage": (DAY, lambda pen: _garbage(pen, clear=False)),
    "garbage_gone": (DAY, lambda pen: _garbage(pen, clear=True)),
    "manhole": (DAY, _manhole),
    "step_broken": (DAY, lambda pen: _step(pen, clear=False)),
    "step_mended": (DAY, lambda pen: _step(pen, clear=True)),
    "river_foul": (DAY, lambda pen: _river(pen, clear=False)),
    "river_clean": (DAY, lambda pen: _river(pen, clear=True)),
    "cables": (DAY, _cables),
    "bench": (DAY, _bench),
}
