"""One helper says where a redirect may go: a path of this site, else home."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.security import safe_next


@pytest.mark.parametrize("target", ["/", "/p/261100000008", "/sign-in?next=/me#top", "/街道"])
def test_a_path_of_this_site_is_taken(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None, "", "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example",
        "javascript:alert(1)", "me", "/\t/evil.example", "/\n//evil.example", "http:/evil.example",
    ],
)  # fmt: skip
def test_anything_else_leads_home(target: str | None) -> None:
    assert safe_next(target) == "/"
    assert safe_next(target, "/me") == "/me"


@given(st.text(alphabet=st.sampled_from("/\\:.?#@ a\t\n\r%2Fe"), max_size=12) | st.text())
def test_no_text_leads_away(target: str) -> None:
    led = urlsplit(urljoin("http://localhost:5000/sign-in", safe_next(target)))

    assert led.netloc == "localhost:5000"
