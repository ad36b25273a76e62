"""What no row can hold is refused in words, or asks for nothing; it is never a fault of ours."""

import pytest

from tests.factories.problems import make
from tests.factories.world import World
from tests.support.page_client import PageClient


@pytest.mark.parametrize(
    "address", ["/problems?community=a%00b", "/p/%00", "/static/%00", "/?next=a&next=%00"]
)
def test_in_an_address(world: World, client: PageClient, address: str) -> None:
    assert client.browser.get(address).status_code == 400


def test_in_a_form(world: World, client: PageClient) -> None:
    problem = make(world, "finished")
    form = client.sign_in("zhou").get(f"/p/{problem.ref}/verify").form("verify")

    assert form.ready(words="好\0了")().status_code == 400
    assert form.ready(words="好了")().status_code == 303


@pytest.mark.parametrize("community", ["9" * 20, "9" * 5000, "２"])
def test_more_digits_than_any_id_has_filter_nothing(
    world: World, client: PageClient, community: str
) -> None:
    client.get(f"/problems?community={community}")
