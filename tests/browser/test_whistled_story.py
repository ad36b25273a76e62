"""The whistled story, on the phone and at the desk, in both languages, with and without scripts.

Four runs hold every pair of size, language and script.
"""

import re

import pytest

from tests.factories.world import HERE
from tests.support.pictures import picture_bytes

RUNS = [
    ("phone", "zh", True),
    ("phone", "en", False),
    ("desk", "zh", False),
    ("desk", "en", True),
]
PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes()}
POINT = {"lat": str(HERE[0]), "lon": str(HERE[1])}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("size", "lang", "js"), RUNS)
def test_the_whistled_story(reader, size, lang, js) -> None:
    how = {"size": size, "lang": lang, "js": js}
    people = {key: reader(key, **how) for key in ("wang", "zhao", "he", "zhang", "zhou")}
    wang, zhao, he, zhang, zhou = people.values()

    ref = _report(wang)
    zhao.open(f"/p/{ref}").follow(f"/p/{ref}/accept")
    category = zhao.page.locator('[name="category"] option').nth(2).get_attribute("value")
    zhao.send("accept", category=category, urgency="L3", then="keep")
    zhao.open(f"/p/{ref}").follow(f"/p/{ref}/take-measure")
    zhao.send("take-measure", method="persuade", words="上门劝阻。", photos=PHOTO)
    zhao.open(f"/dispatch?case={ref}").follow(f"/whistles/new?problem={ref}")
    zhao.send(
        "compose", "button.btn-p", grounds="街道无执法权。", units=["yunhu-chengguan"],
        meeting_point="7 号楼南门",
    )  # fmt: skip
    whistle = re.search(r"/whistles/(\d{12})", zhao.path)
    assert whistle is not None, zhao.path + zhao.text
    at = f"/whistles/{whistle.group(1)}"
    zhao.send("request-approval")
    he.open(at).follow(f"{at}/approve").send("approve")
    zhao.open(at).send("blow")

    code = f"{at}/callouts/yunhu-chengguan"
    zhang.open("/field").follow(f"/field/{whistle.group(1)}").send(f"{code}/acknowledge")
    zhang.send(f"{code}/set-out")
    zhang.follow(f"{code}/report-in")
    zhang.page.locator('[name="code"]').fill(_code(zhao, at))
    zhang.send("report-in", "button.btn-p", people="2")
    zhang.follow(f"{code}/record-result")
    zhang.send("record-result", "button.btn-p", outcome="ordered", words="已停工。", photos=PHOTO)
    zhang.send(f"{code}/ask-stand-down")
    zhao.open(at).send(f"{code}/sign-off")

    zhou.open(f"/p/{ref}").follow(f"/p/{ref}/verify").send("verify", words="安静了。")
    wang.open(f"/p/{ref}").follow(f"/p/{ref}/rate").send("rate", solved="yes", grade="5")
    assert wang.path.endswith("/rated")

    assert [fault for one in people.values() for fault in one.faults] == []


def _report(wang) -> str:
    wang.open("/").follow("/report")
    wang.send("/report", "button.btn-p", body="工地夜里一点还在施工，孩子睡不着。")
    community = wang.page.locator('[name="community_id"] option', has_text="朝阳里").first
    value = community.get_attribute("value")
    wang.page.locator('[name="community_id"]').select_option(value)
    if wang.js:
        wang.page.wait_for_function(
            "() => document.querySelectorAll('[name=building_id] option').length > 1"
        )
    else:
        wang.page.locator('button[name="choose"]').click()
    wang.page.locator('[name="building_id"]').select_option(label="7 号楼")
    wang.send("place-form", "button[name=go]", address="楼门口")
    wang.send("send-form", "button.btn-p", audience="public")
    found = re.search(r"/report/done/(\d{12})", wang.path)
    assert found is not None, wang.path + wang.text
    return found.group(1)


def _code(zhao, at: str) -> str:
    """Read the rotating code off the commander's screen."""
    zhao.open(f"{at}/code")
    found = re.search(r"(?<![\d-])\d[\d ]{4,8}\d(?![\d-])", zhao.page.locator("main").inner_text())
    assert found is not None, zhao.text
    return found.group(0).replace(" ", "")
