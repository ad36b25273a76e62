"""Pages against bare pages, and the queue of a large city against that of a small one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat

from tests.bench.bare import flat_template
from tests.bench.client import Side, duel, get
from tests.bench.databases import Database
from tests.bench.results import CannotMeasure, Line
from tests.bench.servers import Server, serve
from tests.bench.visitors import Visitors
from tests.bench.world import Who, World

LIKE_BARE = 0.5
LIKE_SMALL = 1.1
BYTES_APART = 0.2
BARE = "tests.bench.bare:create()"


@dataclass(frozen=True)
class Plan:
    """How long to measure, and how many rows to import."""

    rounds: int
    seconds: float
    rows: int


@dataclass(frozen=True)
class PageAsked:
    """One page: what it is called, where it is on either side, and who reads it."""

    title: str
    flat: str
    path: str
    bare_path: str
    who: Who


def measured_pages(world: World) -> list[PageAsked]:
    """Return the pages that are measured."""
    return [
        PageAsked(
            "problem list (a resident's own)",
            "own",
            "/mine",
            f"/own/{world.resident.person_id}",
            world.resident,
        ),
        PageAsked(
            "problem list (public)",
            "released",
            "/problems",
            f"/released/{world.district_id}",
            world.resident,
        ),
        PageAsked(
            "problem page",
            "problem",
            f"/p/{world.problem_ref}",
            f"/problem/{world.problem_ref}",
            world.resident,
        ),
        PageAsked(
            "street queue",
            "queue",
            "/dispatch/queue",
            f"/queue/{world.street_id}",
            world.dispatcher,
        ),
        PageAsked(
            "dispatch board",
            "board",
            "/dispatch",
            f"/board/{world.street_id}",
            world.dispatcher,
        ),
    ]


def same(request: bytes) -> Callable[[], Iterator[bytes]]:
    """Return a stream that asks the same for ever."""
    return lambda: repeat(request)


def against_bare(
    database: Database, world: World, visitors: Visitors, plan: Plan
) -> Iterator[Line]:
    """Measure each page in turns with its bare twin."""
    pages = measured_pages(world)
    with serve(database) as server:
        ours = {
            page: Side(
                "portal", server, same(get(server.port, page.path, visitors.cookie(page.who)))
            )
            for page in pages
        }
        sizes: dict[PageAsked, int] = {}
        for page, side in ours.items():
            try:
                sizes[page] = len(side.ask().body)
            except CannotMeasure as reason:
                yield Line(database.kind, page.title, 0.0, "", note=f"not measured: {reason}")
        _fit(database, visitors, sizes)
        with serve(database, BARE) as bare:
            for page, size in sizes.items():
                theirs = _bare_side(bare, page, visitors)
                bare_size = len(theirs.ask().body)
                if abs(bare_size - size) > BYTES_APART * size:
                    raise CannotMeasure(f"{page.title}: {size} and {bare_size} bytes differ")
                found = duel(ours[page], theirs, rounds=plan.rounds, seconds=plan.seconds)
                yield Line(
                    database.kind,
                    f"{page.title} / bare page",
                    found.ratio,
                    "%",
                    LIKE_BARE,
                    note=f"{found.text('portal', 'bare')}; {size:,} and {bare_size:,} bytes",
                )


def _bare_side(server: Server, page: PageAsked, visitors: Visitors) -> Side:
    return Side("bare", server, same(get(server.port, page.bare_path, visitors.cookie(page.who))))


def _fit(database: Database, visitors: Visitors, sizes: dict[PageAsked, int]) -> None:
    """Write the flat templates, padded until each answer has the size of the portal's."""
    flat = database.folder / "flat"
    flat.mkdir(exist_ok=True)
    for page in sizes:
        (flat / f"{page.flat}.html").write_text(flat_template(page.flat, 0), encoding="utf-8")
    with serve(database, BARE) as server:
        empty = {page: len(_bare_side(server, page, visitors).ask().body) for page in sizes}
    for page, size in sizes.items():
        text = flat_template(page.flat, max(0, size - empty[page]))
        (flat / f"{page.flat}.html").write_text(text, encoding="utf-8")


def small_and_large(
    small: tuple[Database, World, Visitors], large: tuple[Database, World, Visitors], plan: Plan
) -> Iterator[Line]:
    """Measure the queue of the small and of the large database in turns."""
    kind = small[0].kind
    for path in ("/dispatch/queue", "/dispatch"):
        with serve(small[0]) as server, serve(large[0]) as large_server:
            few, many = (
                Side(
                    f"{world.size:,}",
                    at,
                    same(get(at.port, path, visitors.cookie(world.dispatcher))),
                )
                for at, (_, world, visitors) in ((server, small), (large_server, large))
            )
            shown = few.ask().body.count(b"data-case"), many.ask().body.count(b"data-case")
            if shown[0] != shown[1]:
                raise CannotMeasure(f"{path} shows {shown[0]} and {shown[1]} cards")
            found = duel(few, many, rounds=plan.rounds, seconds=plan.seconds)
        yield Line(
            kind,
            f"{path}: time at {large[1].size:,} / at {small[1].size:,}",
            found.ratio,
            "×",
            LIKE_SMALL,
            at_least=False,
            note=f"{found.text(few.name, many.name)}; {shown[0]} cards on both",
        )
