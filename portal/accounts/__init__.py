"""People, how they are reached, where they live, and how they sign in."""
