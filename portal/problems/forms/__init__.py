"""The forms of problems: resident.py for residents and reporters, street.py for the workers."""
