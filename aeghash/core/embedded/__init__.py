"""PostgreSQL and Redis for a machine that has neither: development and tests only.

A data folder holds one of each. Whoever uses them holds the folder's `users.lock` (shared); a guardian process per server
waits for it (exclusive), which the kernel grants when the last user is gone, however it went. So nothing outlives its
users, a command shares the servers of a running `up`, and a killed process needs no tidying.
"""

from aeghash.core.embedded.preparation import prepare, start_services

__all__ = ["prepare", "start_services"]
