"""What the composed pages ask: one module a page."""
