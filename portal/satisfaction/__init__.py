"""Satisfaction: the rating rounds of a problem, held as ballots and judged by a written rule."""
