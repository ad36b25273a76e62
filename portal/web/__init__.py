"""The Flask kit: doors, acts, errors, headers, language. Knows no feature."""
