"""The closed vocabularies of units, roles and mandates."""

from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit is. A `street_team` is the street's own: assigned, never called out."""

    DISTRICT_PLATFORM = "district_platform"
    STREET_OFFICE = "street_office"
    STREET_TEAM = "street_team"
    COMMUNITY_COMMITTEE = "community_committee"
    DEPARTMENT = "department"
    UTILITY = "utility"
    PROPERTY_COMPANY = "property_company"
    OWNERS_COMMITTEE = "owners_committee"
    ENTERPRISE = "enterprise"
    SOCIAL_ORGANISATION = "social_organisation"
    PARTY_ORGANISATION = "party_organisation"


class Party(StrEnum):
    """五方. Party organisations convene and belong to none of the five."""

    GOVERNMENT = "government"
    MARKET = "market"
    SOCIAL = "social"
    COMMUNITY = "community"
    RESIDENT = "resident"


class Affiliation(StrEnum):
    """隶属: who commands the unit; one the district does not command gets a request."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"
    CENTRAL = "central"
    MILITARY = "military"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    """What a person does for a unit."""

    COMMUNITY_WORKER = "community_worker"
    GRID_WORKER = "grid_worker"
    DISPATCHER = "dispatcher"
    STREET_LEADER = "street_leader"
    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    REVIEWER = "reviewer"
    DISTRICT_OFFICER = "district_officer"
    AUDITOR = "auditor"


class MandateKind(StrEnum):
    """Separate mandates: who represents, and who supervises on site."""

    REPRESENTATIVE = "representative"
    SUPERVISOR = "supervisor"
