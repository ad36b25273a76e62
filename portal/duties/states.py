"""The closed vocabularies of the duty list."""

from enum import StrEnum


class ListKind(StrEnum):
    """履职类别: the street's own, supporting a lead, or taken back upward."""

    OWN = "own"
    SUPPORTING = "supporting"
    TAKEN_BACK = "taken_back"


class PowerHolder(StrEnum):
    """执法权: who may enforce, since when."""

    STREET = "street"
    DEPARTMENT = "department"
    NONE = "none"
