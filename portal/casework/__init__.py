"""Pages that show one case through several features: home, timeline, board, whistle, field."""
