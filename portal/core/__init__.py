"""The ground floor: settings, database, time, acts and decisions. Knows no request and no feature."""
