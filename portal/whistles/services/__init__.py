"""The acts on whistles and callouts, one function per verb."""
