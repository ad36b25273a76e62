"""The `flask` commands: results are the last line of stdout, progress goes to stderr."""
