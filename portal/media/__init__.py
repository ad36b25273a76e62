"""Pictures: taken in clean, stored under random names, served only by the feature that owns them.

There is no public route here. A feature loads its own thing, decides who may see it, and then
opens the picture's bytes.
"""
