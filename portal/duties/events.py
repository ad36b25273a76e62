"""What happened to the duty list: counts and versions."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class DutyListPublished(Event):
    """A version of a district's duty list is in force."""

    tag: ClassVar[str] = "duties:list:publish"
    district_id: int
    version: int
    items: int

    @property
    def subject(self) -> str:
        """The district whose list it is."""
        return f"division:{self.district_id}"


@dataclass(frozen=True, kw_only=True)
class CategoriesSet(Event):
    """The categories that residents choose from were set."""

    tag: ClassVar[str] = "duties:categories:set"
    categories: int

    @property
    def subject(self) -> str:
        """The one list of categories."""
        return "duties:categories"
