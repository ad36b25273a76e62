"""The portal as real processes: it answers, its worker is alive, its clock can be shifted."""

import json
import time

from tests.support.live import Wire
from tests.support.page_client import PageClient


def test_it_answers_and_the_worker_is_alive(app, live) -> None:
    wire = Wire(live.url)
    for _ in range(100):
        if wire.get("/readyz").status_code == 200:
            break
        time.sleep(0.1)
    answer = wire.get("/readyz")

    assert answer.status_code == 200, answer.get_data(as_text=True) + live.log()
    assert json.loads(answer.get_data())["status"] == "ready"
    page = PageClient(app, live=live.url).sign_in("zhao").get("/dispatch")
    assert "望湖街道" in page
