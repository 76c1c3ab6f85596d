"""The web server's process: gunicorn's threads, which know how long a request has been there."""

import time

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from aeghash.core.waiting_room import note_wait


class WebWorker(ThreadWorker):  # type: ignore[misc]
    def enqueue_req(self, conn: TConn) -> None:
        """In the process's main thread, which is never busy with a request: at once, however long the queue is."""
        conn.there_since = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> object:
        note_wait(time.monotonic() - conn.there_since)
        return super().handle(conn)
