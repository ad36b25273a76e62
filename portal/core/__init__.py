"""The ground floor: settings, database, time, acts, decisions. Knows no request, no feature."""
