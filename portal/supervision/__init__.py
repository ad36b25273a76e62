"""Residents who look on site: invited, signed in, finding written, signed off or objected.

First version. A visit belongs to a problem, and to a whistle when departments are on site. While an
accepted visit is not closed it holds the problem's closing and the departments' standing down; an
unanswered sign-off goes up to the street's leader, then to the district, each with a public reason.
"""
