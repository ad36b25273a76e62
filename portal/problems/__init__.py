"""A problem's life: submitted, accepted, handled, checked, rated, closed, reopened."""
