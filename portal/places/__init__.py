"""Where things are: time-valid divisions, grid cells, compounds, buildings, dwellings."""
