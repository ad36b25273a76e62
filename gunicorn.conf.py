"""How gunicorn serves the portal: `gunicorn wsgi:app` from the root reads this by itself."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '5000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Live pages hold a thread for as long as they are open.
threads = 16
graceful_timeout = 10
# The control socket would be one more door, and lands in the home folder.
control_socket_disable = True
loglevel = os.environ.get("LOG_LEVEL", "warning")
