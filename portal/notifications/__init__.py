"""Telling people: in the portal and by mail, at most once per event, person and channel."""
