"""Reading the hotline's exports: files to rows, rows to work orders. Knows no database."""
