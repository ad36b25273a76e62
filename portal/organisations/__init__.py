"""Units of every kind, who sits for them in which role, and residents' mandates."""
