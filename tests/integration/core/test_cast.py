"""The switch of the demonstration knows the cast."""

from portal.accounts import cast


def test_the_whole_cast_is_found(world) -> None:
    keys = [player.key for player in cast.players()]

    assert keys == [*cast.RESIDENTS, *cast.STAFF]
    assert all(cast.account_of(key) for key in keys)
    assert cast.account_of("nobody") is None
