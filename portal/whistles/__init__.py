"""吹哨报到: the street calls departments, they report in and stay until it is done."""
