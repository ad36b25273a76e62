"""Ballots: who may vote, who has, and what was cast. Knows nothing of what is voted on."""
