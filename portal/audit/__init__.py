"""Who did what to which, when: append-only, sealed into a hash chain, nothing personal inside."""
