"""Wufang: one resident problem, carried from the first report to the last rating."""
