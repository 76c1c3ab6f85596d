"""The web server. `WEB_CONCURRENCY` processes of `WEB_THREADS` threads; a thread takes one database connection."""

import os
from typing import Any

bind = "127.0.0.1:8000"
worker_class = "aeghash.core.web_worker.WebWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 3
keepalive = 5
limit_request_line = 8190
forwarded_allow_ips = ""
control_socket_disable = True


def on_starting(_server: Any) -> None:
    from aeghash.core.connections import check_budget

    check_budget(processes=workers)
