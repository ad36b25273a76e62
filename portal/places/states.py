"""The levels of a district."""

from enum import StrEnum


class Level(StrEnum):
    """三级管理: the level that arbitrates, the sub-district, the residents' community."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
