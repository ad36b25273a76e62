"""What people of the cast do in the stories, each through pages only.

Each function is one thing that one person does: open the page, fill in the form, press. The
worker runs whenever the clock moves.
"""

import re
from datetime import UTC, datetime, timedelta

from flask import Flask

from portal.accounts.cast import RESIDENTS
from portal.audit import services as audit
from portal.core import work
from portal.core.db import db
from tests.factories.world import HERE, PASSWORD, World
from tests.support.moment import Clock
from tests.support.page_client import Page, PageClient
from tests.support.pictures import picture

IDLE = timedelta(hours=1)


class Story:
    """The people at their browsers."""

    def __init__(self, app: Flask, world: World, travel: Clock, live: str | None = None) -> None:
        self.app, self.world, self.travel, self.live = app, world, travel, live
        self._browsers: dict[str, tuple[PageClient, datetime]] = {}

    # --- people and time --------------------------------------------------------------------

    def who(self, key: str) -> PageClient:
        """Return somebody at their browser, signed in through the forms."""
        now = datetime.now(UTC)
        client, seen = self._browsers.get(key, (None, now))
        if client is None or now - seen > IDLE:
            client = PageClient(self.app, live=self.live)
            if key in RESIDENTS:
                self._sign_in_by_code(client, key)
            else:
                client.get("/sign-in").click("Staff").form("Sign in").submit(
                    login=key, password=PASSWORD
                )
        self._browsers[key] = client, now
        return client

    def _sign_in_by_code(self, client: PageClient, key: str) -> None:
        page = client.get("/sign-in").form("Send me the code").submit(phone=RESIDENTS[key][0])
        page.form("code").submit(code=code_on(page))

    def wait(self, **span: float) -> None:
        """Let time pass; the worker does what is due, each step at its time."""
        until = datetime.now(UTC) + timedelta(**span)
        while True:
            self.work()
            due = db.session.scalar(
                db.select(db.func.min(work.WorkItem.due_at)).where(
                    work.WorkItem.done_at.is_(None), work.WorkItem.due_at > datetime.now(UTC)
                )
            )
            db.session.rollback()
            if due is None or due > until:
                break
            self.travel.to(due)
        self.travel.to(until)
        self.work()

    def work(self) -> None:
        """One round of the worker."""
        while work.run_due(self.app.extensions["work"]):
            pass
        failed = db.session.scalars(
            db.select(work.WorkItem.error).where(
                work.WorkItem.done_at.is_(None), work.WorkItem.error.is_not(None)
            )
        ).all()
        assert failed == []
        audit.seal()

    def page(self, key: str, ref: str) -> Page:
        """Return the problem's page as somebody sees it."""
        return self.who(key).get(f"/p/{ref}")

    # --- the resident -----------------------------------------------------------------------

    def report(
        self, key: str, words: str, *, audience: str = "public", building: str = "7 号楼"
    ) -> str:
        """Report a problem with a photo in 朝阳里 and return its reference."""
        page = self.who(key).get("/").click("Report a problem")
        page = page.form("Next").submit(body=words, photos=[picture()])
        page = page.form("place-form").submit("Show its buildings", community_id="朝阳里")
        page = page.form("place-form").submit("Next", building_id=building, address="楼门口")
        page = page.form("send-form").submit("Send it in", audience=audience)
        assert page.h1 == "Sent in"
        return page.click("Follow it").url.rpartition("/")[2]

    def join(self, key: str, ref: str) -> None:
        """我也遇到了."""
        self.page(key, ref).form("join").submit()

    def rate(self, key: str, ref: str, solved: str, grade: int, expect: int = 200) -> Page:
        """Say whether it is solved, and how it was handled (1 bad to 5 good)."""
        form = self.page(key, ref).follow(f"/p/{ref}/rate").form("rate")
        return form.submit(solved=solved, grade=str(grade), expect=expect)

    # --- the street -------------------------------------------------------------------------

    def accept(self, ref: str, urgency: str = "L3", category: str = "Street lights") -> Page:
        """赵敏 takes it up from the dispatch board, text and photos released."""
        page = self.who("zhao").get(f"/dispatch?case={ref}").click("To another unit")
        form = page.form("accept")
        return form.submit(
            category=category, urgency=urgency, then="keep", photos=list(form.options("photos"))
        )

    def assign(self, ref: str, holder: str) -> Page:
        """赵敏 gives it to a holder."""
        return self.page("zhao", ref).click("Hand to a unit").form("assign").submit(holder=holder)

    def handle(self, key: str, ref: str, result: str = "已经处理好。") -> None:
        """The holder acknowledges and finishes with a photo, in its own list."""
        page = self.who(key).get("/assignments").follow(f"/assignments/{ref}")
        page = page.form("acknowledge").submit()
        self.finish(key, ref, result)

    def finish(self, key: str, ref: str, result: str = "已经处理好。") -> None:
        """办结."""
        page = self.who(key).get(f"/assignments/{ref}").follow(f"/assignments/{ref}/finish")
        page.form("finish").submit(words=result, photos=[picture("green")])

    def check(self, ref: str, key: str = "zhou") -> None:
        """核查 by somebody other than the handler."""
        self.page(key, ref).follow(f"/p/{ref}/verify").form("verify").submit(
            words="现场看过，确实好了。"
        )

    def handled(self, words: str, *, key: str = "wang") -> str:
        """Report, take up, handle by the property company, check: residents are asked."""
        ref = self.report(key, words)
        self.accept(ref)
        self.assign(ref, "物业")
        self.handle("cao", ref)
        self.check(ref)
        return ref

    # --- whistles ---------------------------------------------------------------------------

    def measure(self, ref: str, key: str = "zhao") -> None:
        """Write down what the street tried itself, with a photo."""
        at = datetime.now(UTC) + timedelta(hours=8)
        self.page(key, ref).click("Record what was tried").form("take-measure").submit(
            method="persuade", taken_at=at.strftime("%Y-%m-%dT%H:%M"), words="上门劝阻。",
            photos=[picture("grey")],
        )  # fmt: skip

    def draft(self, ref: str, kind: str, *units: str, **more: str) -> str:
        """赵敏 writes a whistle from the dispatch board and returns its reference."""
        page = self.who("zhao").get(f"/dispatch?case={ref}").click("Blow")
        form = page.form("Write down and preview")
        page = form.submit(
            kind=kind, title="夜间施工噪声", matter="工地夜里还在施工。", grounds="街道无执法权。",
            units=list(units), lead=units[0], meeting_point="7 号楼南门", lat=str(HERE[0]),
            lon=str(HERE[1]), **more,
        )  # fmt: skip
        return page.url.rpartition("/")[2]

    def whistle(self, key: str, ref: str) -> Page:
        """Return the whistle's page as somebody sees it."""
        return self.who(key).get(f"/whistles/{ref}")

    def approve_and_blow(self, ref: str) -> None:
        """何平 approves what 赵敏 asks for; she blows."""
        self.whistle("zhao", ref).form("Ask the leader").submit()
        page = self.whistle("he", ref).click("Read and approve")
        page.form("approve").submit()
        self.whistle("zhao", ref).form("blow").submit()

    def field(self, key: str, ref: str) -> Page:
        """Return the department's field screen, from its list of calls."""
        return self.who(key).get("/field").follow(f"/field/{ref}")

    def come(self, key: str, ref: str) -> None:
        """签收, 出发, 报到."""
        self.field(key, ref).form("acknowledge").submit()
        self.field(key, ref).form("set-out").submit(minutes="15")
        self.arrive(key, ref)

    def arrive(self, key: str, ref: str) -> None:
        """报到 at the meeting point."""
        page = self.field(key, ref).click("I am here")
        page.form("report-in").submit(lat=str(HERE[0]), lon=str(HERE[1]), people="2")

    def result(self, key: str, ref: str) -> None:
        """登记处置, 申请销号."""
        page = self.field(key, ref).click("Record")
        page.form("record-result").submit(
            outcome="ordered", words="已责令停工。", photos=[picture("blue")]
        )
        self.field(key, ref).form("ask-stand-down").submit()

    def sign_off(self, ref: str) -> None:
        """赵敏 signs every department off that asks for it."""
        for action in [f.action for f in self.whistle("zhao", ref).forms()]:
            if action.endswith("/sign-off"):
                self.whistle("zhao", ref).form(action).submit()


def code_on(page: Page) -> str:
    """Return the code that the demonstration shows."""
    found = re.search(r"(?<!\d)\d{6}(?!\d)", page.main)
    assert found is not None, page.main
    return found.group(0)
